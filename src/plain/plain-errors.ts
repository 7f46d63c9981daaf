import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Refusal, type RefusalCode, refusalKind } from '../refusals';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The sentences that a plain-JSON contract has for some refusals. */
    words?: Readonly<Partial<Record<RefusalCode, string>>>;
  }
}

/** The contracts that speak plain JSON, by the beginning of their addresses. */
const PLAIN = /^\/(?:tickets|simple)(?:[/?]|$)/;

/** @returns whether whatever is or is not at this address answers in plain JSON. */
export function isPlainAddress(url: string): boolean {
  return PLAIN.test(url);
}

/** Sends a refusal as `{"error": {"code", "message"}}`; the message tells all that is wrong. */
export function sendPlainError(request: FastifyRequest, reply: FastifyReply, { problems }: Refusal): void {
  const [{ code }] = problems;
  const own = request.routeOptions.config.words?.[code];
  const details = problems.map((problem) => problem.detail ?? refusalKind(problem.code).detail);
  const message = own ?? [...new Set(details)].join(' ');
  reply.header('content-type', 'application/json; charset=utf-8');
  reply.serializer(JSON.stringify).send({ error: { code, message } });
}
