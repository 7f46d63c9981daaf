import { type FastifyRequest } from 'fastify';

/** Who a token speaks for, and what it allows. */
export interface Principal {
  /** The `sub` of the token. */
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where authentication is off. */
    principal: Principal | null;
  }
}

/**
 * @returns what callers are told apart by: the token's subject, or where authentication is off the address of the
 *   peer
 */
export function callerOf({ principal, ip }: FastifyRequest): string {
  return principal === null ? `peer ${ip}` : `subject ${principal.subject}`;
}
