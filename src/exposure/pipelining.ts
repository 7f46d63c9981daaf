import { type Socket } from 'node:net';
import { type FastifyInstance } from 'fastify';
import { refusal } from '../refusals';

/**
 * Requests that one connection may have without an answer. Answers go out in the order of the requests (RFC 9112, 9.3.2), so whoever
 * sends many and reads nothing makes the process keep an answer for each: ten connections with 2,000 requests for pages of half
 * a megabyte took 800 MiB. Browsers, proxies and SDKs send one at a time.
 */
const MOST_UNANSWERED = 16;

interface CountedSocket extends Socket {
  unanswered?: number;
}

/** Refuses what is beyond {@link MOST_UNANSWERED}, with 503 `overloaded`, and closes the connection behind that. */
export function installPipelining(server: FastifyInstance): void {
  server.addHook('onRequest', ({ raw }, reply, done) => {
    const socket: CountedSocket = raw.socket;
    socket.unanswered = (socket.unanswered ?? 0) + 1;
    if (socket.unanswered <= MOST_UNANSWERED) {
      done();
      return;
    }
    reply.raw.shouldKeepAlive = false; // says so in the answer, too
    const detail = `More than ${MOST_UNANSWERED} requests wait for their answers on this connection.`;
    done(refusal('overloaded', { detail }));
  });
  server.addHook('onResponse', ({ raw }, _reply, done) => {
    const socket: CountedSocket = raw.socket;
    socket.unanswered = (socket.unanswered ?? 1) - 1;
    done();
  });
}
