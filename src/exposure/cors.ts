import cors from '@fastify/cors';
import { type FastifyInstance, type RouteOptions } from 'fastify';

const OPTIONS = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    ...['Accept', 'Authorization', 'Content-Type', 'Idempotency-Key'],
    ...['If-Match', 'If-None-Match', 'X-Request-Id'],
  ],
  exposedHeaders: [
    ...['ETag', 'Idempotent-Replayed', 'Location', 'Retry-After', 'X-Request-Id'],
    ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  ],
  maxAge: 600,
};

/**
 * Lets pages of these origins read answers, also refusals: the hooks come before those that refuse. There are no
 * cookies here, so `*` gives away nothing but what everyone can ask for.
 *
 * The plugin only sets headers. With `strictPreflight` it would answer in plain text, and without it any OPTIONS.
 *
 * @param origins none, `*` alone, or a list
 * @param errorHandler answers what is refused on the plugin's own route, which is there before Nest sets its handler
 */
export async function installCors(
  server: FastifyInstance,
  origins: readonly string[],
  errorHandler: NonNullable<RouteOptions['errorHandler']>,
): Promise<void> {
  if (origins.length === 0) return;
  server.addHook('onRoute', (route) => {
    if (route.method === 'OPTIONS') route.errorHandler = errorHandler;
  });
  const origin = origins.includes('*') ? '*' : [...origins];
  await server.register(cors, { ...OPTIONS, origin, preflightContinue: true, strictPreflight: false });
  server.addHook('onRequest', (request, reply, done) => {
    const { method, headers } = request;
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) done();
    else reply.code(204).send();
  });
}
