import { type FastifyReply, type FastifyRequest } from 'fastify';
import { callerOf } from '../auth/principal';
import { isRequestKey, requestKey } from '../idempotency/request-key';
import { type Problem } from '../refusals';

/**
 * Reads the `Idempotency-Key` of a request, if it has one: 1 to 255 visible ASCII characters. What is kept under it
 * is this caller's alone: callers are told apart by their
 * token, or where authentication is off by their address.
 */
export function readKey(request: FastifyRequest, reply: FastifyReply, problems: Problem[]): void {
  const given = request.headers['idempotency-key'];
  if (given === undefined) return;
  if (typeof given !== 'string' || !isRequestKey(given)) {
    problems.push({
      code: 'invalid_header',
      detail: 'An Idempotency-Key has 1 to 255 visible ASCII characters.',
      source: { header: 'Idempotency-Key' },
    });
    return;
  }
  const { method, raw, keyedBody, headers } = request;
  const [path = ''] = (raw.url ?? '').split('?', 1);
  const body = keyedBody?.toString('latin1') ?? '';
  const condition = headers['if-match'];
  request.idempotencyKey = {
    ...requestKey(
      callerOf(request),
      given,
      `${method} ${path}${condition === undefined ? '' : `\nif ${condition}`}`,
      body,
    ),
    markReplayed: () => void reply.header('idempotent-replayed', 'true'),
  };
}
