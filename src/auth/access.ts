import { type FastifyRequest } from 'fastify';
import { type Problem, type ProblemSource } from '../refusals';

/** What a token can allow. */
export type Scope = 'tickets:buy' | 'tickets:manage' | 'tickets:act' | 'statistics:read';

/** What belongs to a user. */
export type Owned = 'reservations' | 'purchases' | 'payments';

/** How it is told whether a request stays within what is the caller's own. */
export type Own =
  /** It names a user, which must be the caller: otherwise 403 there. */
  | { readonly user: (request: FastifyRequest) => unknown; readonly source: ProblemSource }
  /** It is about something that must be the caller's; what is not is answered like what does not exist. */
  | {
      readonly of: Owned;
      readonly id: (request: FastifyRequest) => string;
      readonly problem: Omit<Problem, 'code'>;
    }
  /** The method behind the route asks `mustBeCaller`. */
  | 'asked by the method';

/** Who may use a route: said beside it, in its config, and nowhere else. */
export interface Access {
  /** `ignored`: nobody looks for one. `optional`: none is needed, but one that comes has to be valid. */
  readonly token: 'ignored' | 'optional' | 'required';
  /** Each of them is enough. */
  readonly scopes: readonly Scope[];
  /** With `tickets:buy`, users may use it for what is their own. */
  readonly own?: Own;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** The one user that the caller may act for and see; null where it is everybody. */
    onlyUser: string | null;
  }
}

/** For supervisors and preflights, which have no token. */
export const OPEN: Access = { token: 'ignored', scopes: [] };
/** What is on offer, for everybody to see. */
export const PUBLIC: Access = { token: 'optional', scopes: [] };
/** Organisers. */
export const MANAGE: Access = { token: 'required', scopes: ['tickets:manage'] };
/** Whoever reads figures. */
export const STATISTICS: Access = { token: 'required', scopes: ['statistics:read'] };

/** Users for themselves, services for anyone. */
export function byBuyer(own: Own): Access {
  return { token: 'required', scopes: ['tickets:act'], own };
}

/** Users for themselves, services and organisers for anyone. */
export function byBuyerOrManager(own: Own): Access {
  return { token: 'required', scopes: ['tickets:act', 'tickets:manage'], own };
}

/** The user that a body names. The place is that in a JSON:API document; the plain contracts show none. */
export const USER_IN_BODY: Own = {
  user: ({ body }) => (body as { user: string }).user,
  source: { pointer: '/data/relationships/user/data/id' },
};

/** The user that a list is narrowed down to. */
export const USER_IN_FILTER: Own = {
  user: ({ jsonApiList }) => (jsonApiList?.request.filters as { user?: string } | undefined)?.user,
  source: { parameter: 'filter[user]' },
};

/** The reservation that a JSON:API document names. */
export const RESERVATION_IN_BODY: Own = {
  of: 'reservations',
  id: ({ body }) => (body as { reservation: string }).reservation,
  problem: {
    detail: 'There is no such reservation.',
    source: { pointer: '/data/relationships/reservation/data/id' },
  },
};

/** What the id in the address names, or what is below that. */
export function inAddress(of: Owned): Own {
  return {
    of,
    id: ({ params }) => (params as { id: string }).id,
    problem: { detail: `There is no such ${of.slice(0, -1)}.` },
  };
}

/** @returns the scopes that let somebody use a route, those for what is one's own first. */
export function scopesOf({ scopes, own }: Access): readonly Scope[] {
  return own === undefined ? scopes : ['tickets:buy', ...scopes];
}
