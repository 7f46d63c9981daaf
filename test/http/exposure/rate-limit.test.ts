import { type FastifyInstance } from 'fastify';
import { createHttpServer } from '../../../src/http-server';
import { refusal } from '../../../src/refusals';
import { startApp, type TestApp } from '../../support/app';
import { type Answer, ask, errorOf, send } from '../wire';

const LIMIT = 3;
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ env: { RATE_LIMIT_PER_MINUTE: String(LIMIT), TRUST_PROXY: 'true' } });
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => app.stop());

let addresses = 0;
/** An address that nobody has sent from. */
function newAddress(): string {
  addresses += 1;
  return `192.0.2.${addresses}`;
}

function from(address: string, path = '/events'): Promise<Answer> {
  return ask(app, { method: 'GET', path, headers: { 'x-forwarded-for': address } });
}

async function useUp(address: string): Promise<void> {
  for (let i = 0; i < LIMIT; i++) expect((await from(address)).status).toBe(200);
}

describe('with RATE_LIMIT_PER_MINUTE', () => {
  it('refuses one request more with 429, and says when to go on', async () => {
    const address = newAddress();
    await useUp(address);
    const refused = await from(address);
    expect(refused.status).toBe(429);
    expect(errorOf(refused)).toMatchObject({ code: 'too_many_requests', status: '429' });
    expect(errorOf(refused)).not.toHaveProperty('source');
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
  });

  it('tells with every answer what is left', async () => {
    const address = newAddress();
    const left: unknown[] = [];
    for (let i = 0; i <= LIMIT; i++) {
      const { headers } = await from(address);
      expect(headers['ratelimit-limit']).toBe(String(LIMIT));
      expect(Number(headers['ratelimit-reset'])).toBeGreaterThan(50);
      left.push(headers['ratelimit-remaining']);
    }
    expect(left).toEqual(['2', '1', '0', '0']);
  });

  it('counts each address for itself', async () => {
    const address = newAddress();
    await useUp(address);
    expect((await from(address)).status).toBe(429);
    expect((await from(newAddress())).status).toBe(200);
  });

  it('counts a network of IPv6 as one address', async () => {
    for (let i = 1; i <= LIMIT; i++) expect((await from(`2001:db8:0:1::${i}`)).status).toBe(200);
    expect((await from('2001:db8:0:1:ffff::1')).status).toBe(429);
    expect((await from('2001:db8:0:2::1')).status).toBe(200);
  });

  it('refuses in plain JSON where that is spoken', async () => {
    const address = newAddress();
    await useUp(address);
    const headers = { 'x-forwarded-for': address, 'content-type': 'application/json' };
    const refused = await send(app, { method: 'POST', path: '/tickets', headers, body: '{}' });
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^[0-9]+$/) as string },
    });
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'too_many_requests' } });
  });

  it('begins again after a minute', async () => {
    const address = newAddress();
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    await useUp(address);
    clock.mockReturnValue(now + 58_000);
    expect((await from(address)).status).toBe(429);
    clock.mockReturnValue(now + 61_000);
    expect((await from(address)).status).toBe(200);
  });

  it.each([
    ['HEAD', '/events'],
    ['GET', '/nothing'],
    ['GET', '/events?x=1'],
    ['POST', '/events'],
    ['DELETE', '/events'],
    ['GET', '/docs'],
  ])('counts %s %s too', async (method, path) => {
    const headers = { 'x-forwarded-for': newAddress() };
    for (let i = 0; i < LIMIT; i++) expect((await send(app, { method, path, headers })).status).not.toBe(429);
    expect((await send(app, { method, path, headers })).status).toBe(429);
  });

  it('answers before it reads the body or looks at the types', async () => {
    const address = newAddress();
    await useUp(address);
    const headers = { 'x-forwarded-for': address, 'content-type': 'text/plain', accept: 'text/plain' };
    const refused = await ask(app, { method: 'POST', path: '/events', headers, body: '{' });
    expect(errorOf(refused).code).toBe('too_many_requests');
  });

  it('leaves health checks alone', async () => {
    const headers = { 'x-forwarded-for': newAddress() };
    for (const path of ['/health/live', '/health/ready'])
      for (const method of ['GET', 'HEAD'])
        for (let i = 0; i <= LIMIT; i++) {
          const answer = await send(app, { method, path, headers });
          expect(answer.status).toBe(200);
          expect(answer.headers).not.toHaveProperty('ratelimit-limit');
        }
  });
});

describe('without it', () => {
  it('refuses nobody and says nothing', async () => {
    const server = await createHttpServer({ logger: { info: jest.fn(), warn: jest.fn(), error: jest.fn() } });
    server.get('/', () => 'here');
    for (let i = 0; i < 100; i++) {
      const { statusCode, headers } = await server.inject('/');
      expect(statusCode).toBe(200);
      expect(headers).not.toHaveProperty('ratelimit-limit');
    }
    await server.close();
  });
});

describe('with tokens', () => {
  let server: FastifyInstance;
  /** Stands in for the check of tokens: `Bearer x` is good and speaks for x, `Bearer bad` is refused. */
  beforeEach(async () => {
    const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    server = await createHttpServer({ logger, trustProxy: true, rateLimitPerMinute: LIMIT });
    server.setErrorHandler((error, _request, reply) => {
      const status = error instanceof Error && error.message === 'too_many_requests' ? 429 : 401;
      reply.code(status).send();
    });
    server.get('/', {
      onRequest: (request, _reply, done) => {
        const subject = request.headers.authorization?.slice('Bearer '.length) ?? 'bad';
        if (subject !== 'bad') request.principal = { subject, scopes: new Set() };
        done(subject === 'bad' ? refusal('unauthenticated') : undefined);
      },
      handler: () => 'here',
    });
  });
  afterEach(() => server.close());

  async function get(token: string, address: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address };
    return (await server.inject({ method: 'GET', url: '/', headers })).statusCode;
  }

  it('counts the subject, from wherever it sends', async () => {
    for (let i = 0; i < LIMIT; i++) expect(await get('ann', newAddress())).toBe(200);
    expect(await get('ann', newAddress())).toBe(429);
  });

  it('counts each subject at one address for itself', async () => {
    const address = newAddress();
    for (let i = 0; i < LIMIT; i++) expect(await get('ann', address)).toBe(200);
    expect(await get('bob', address)).toBe(200);
  });

  it('counts refused tokens by address', async () => {
    const address = newAddress();
    for (let i = 0; i < LIMIT; i++) expect(await get('bad', address)).toBe(401);
    expect(await get('bad', address)).toBe(429);
    expect(await get('bad', newAddress())).toBe(401);
  });
});
