import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Refusal, type RefusalCode, refusalKind } from '../refusals';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The sentences that a plain-JSON contract has for some refusals. */
    words?: Readonly<Partial<Record<RefusalCode, string>>>;
  }
}

/** The contracts that speak plain JSON, by the beginning of their addresses. */
const PLAIN = /^(?:https?:\/\/[^/?#]*)?\/(?:tickets|simple)(?:[/?#]|$)/;

/**
 * @returns whether the answer is in plain JSON. The route decides where there is one, however its address was
 *   written; where there is none, the beginning of the address does.
 */
export function isPlain({ routeOptions, raw }: FastifyRequest): boolean {
  return routeOptions.config.plain !== undefined || PLAIN.test(raw.url ?? '');
}

/** Sends a refusal as `{"error": {"code", "message"}}`; the message tells all that is wrong. */
export function sendPlainError(request: FastifyRequest, reply: FastifyReply, { problems }: Refusal): void {
  const [{ code }] = problems;
  const own = request.routeOptions.config.words?.[code];
  const details = problems.map(({ code: each, detail = refusalKind(each).detail, source }) =>
    source !== undefined && 'parameter' in source ? `\`${source.parameter}\`: ${detail}` : detail,
  );
  const message = own ?? [...new Set(details)].join(' ');
  reply.header('content-type', 'application/json; charset=utf-8');
  reply.serializer(JSON.stringify).send({ error: { code, message } });
}
