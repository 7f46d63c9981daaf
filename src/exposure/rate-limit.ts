import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { callerOf } from '../auth/principal';
import { refusal } from '../refusals';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asked by those who look after the service, as often as they like. */
    unlimited?: boolean;
  }
  interface FastifyRequest {
    /** Whether the request has been counted. */
    isCounted: boolean;
  }
}

/** Counters that are kept, about 10 MB; beyond, those go that have not been used for the longest time. */
const MOST_CALLERS = 50_000;

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;
type Standing = Exclude<Awaited<ReturnType<Limiter>>, { isAllowed: true }>;

/**
 * Lets every caller send so many requests within a minute, by the count of this process.
 *
 * Without credentials the caller is the address, and is counted before anything else is looked at. With them the
 * caller is known only after the token has been checked: then it is counted before its body is read. Whoever is
 * refused in between is counted by address, apart from the others, and is soon refused without any checking: so
 * that made-up tokens are no way around, and do not use up what their neighbours without a token have.
 */
export async function installRateLimit(server: FastifyInstance, perMinute: number): Promise<void> {
  if (perMinute === 0) return;
  await server.register(rateLimit, {
    global: false,
    max: perMinute,
    timeWindow: 60_000,
    cache: MOST_CALLERS,
    keyGenerator,
  });
  const callers = server.createRateLimit();
  const unproven = server.createRateLimit({ keyGenerator: addressOf });
  server.decorateRequest('isCounted', false);
  const count = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    request.isCounted = true;
    tell(reply, await standing(callers, request));
  };
  server.addHook('onRequest', async (request, reply) => {
    if (isUnlimited(request)) return;
    if (request.headers.authorization === undefined) await count(request, reply);
    else {
      const { remaining, ...rest } = await standing(unproven, request, false);
      if (remaining === 0) tell(reply, { ...rest, remaining, isExceeded: true });
    }
  });
  server.addHook('preParsing', async (request, reply) => {
    if (!request.isCounted && !isUnlimited(request)) await count(request, reply);
  });
  server.addHook('onResponse', async (request) => {
    if (request.isCounted || isUnlimited(request)) return;
    await standing(request.principal === null ? unproven : callers, request);
  });
}

/** Health checks; and preflights, which browsers send without being asked. */
function isUnlimited({ routeOptions, method }: FastifyRequest): boolean {
  return routeOptions.config.unlimited === true || method === 'OPTIONS';
}

function keyGenerator(request: FastifyRequest): string {
  return request.principal === null ? `peer ${addressOf(request)}` : callerOf(request);
}

/** Of IPv6 the network of 64 bits: whoever has one address of it has them all. */
function addressOf({ ip }: FastifyRequest): string {
  return normalizeIP(ip);
}

async function standing(limiter: Limiter, request: FastifyRequest, increment = true): Promise<Standing> {
  const result = await limiter(request, { increment });
  if (result.isAllowed) throw new Error('nobody is on a list of those who may do more');
  return result;
}

/** @throws Refusal when it was one request too many */
function tell(
  reply: FastifyReply,
  {
    max,
    remaining,
    ttlInSeconds,
    isExceeded,
  }: Pick<Standing, 'max' | 'remaining' | 'ttlInSeconds' | 'isExceeded'>,
): void {
  reply.headers({
    'ratelimit-limit': String(max),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(ttlInSeconds),
  });
  if (!isExceeded) return;
  reply.header('retry-after', Math.max(1, ttlInSeconds));
  throw refusal('too_many_requests');
}
