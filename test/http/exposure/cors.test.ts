import { startApp, type TestApp } from '../../support/app';
import { ask, errorOf, json, rawAsk, send } from '../wire';

const SHOP = 'https://shop.example';
const PREFLIGHT = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type',
};

let listed: TestApp;
let open: TestApp;
let closed: TestApp;
beforeAll(async () => {
  const limit = { RATE_LIMIT_PER_MINUTE: '3' };
  listed = await startApp({ env: { CORS_ORIGINS: `${SHOP}, http://localhost:5173` } });
  open = await startApp({ env: { CORS_ORIGINS: '*', ...limit } });
  closed = await startApp();
});
afterAll(async () => {
  for (const app of [listed, open, closed]) await app.stop();
});

function names(header: unknown): string[] {
  return String(header)
    .split(', ')
    .map((name) => name.toLowerCase());
}

const preflight = (app: TestApp, path: string, origin = SHOP) =>
  send(app, { method: 'OPTIONS', path, headers: { origin, ...PREFLIGHT } });

describe('with a list of origins', () => {
  it.each(['/events', '/reservations/x', '/nothing'])('answers a preflight of %s with 204', async (path) => {
    const { status, headers, text } = await preflight(listed, path);
    expect([status, text]).toEqual([204, '']);
    expect(headers['access-control-allow-origin']).toBe(SHOP);
    expect(names(headers['access-control-allow-methods'])).toEqual(
      expect.arrayContaining(['get', 'post', 'patch', 'delete']),
    );
    expect(names(headers['access-control-allow-headers'])).toEqual(
      expect.arrayContaining([
        'content-type',
        'authorization',
        'idempotency-key',
        'if-match',
        'x-request-id',
      ]),
    );
    expect(headers.vary).toBe('Origin');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('lets each of them read the answer and its headers', async () => {
    for (const origin of [SHOP, 'http://localhost:5173']) {
      const { headers } = await ask(listed, { method: 'GET', path: '/events', headers: { origin } });
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(names(headers['access-control-expose-headers'])).toEqual(
        expect.arrayContaining(['location', 'etag', 'retry-after', 'x-request-id', 'ratelimit-remaining']),
      );
      expect(headers.vary).toBe('Origin, Accept');
    }
  });

  it.each<[string, string, number, Record<string, string>]>([
    ['GET', '/nothing', 404, {}],
    ['PUT', '/events', 405, {}],
    ['GET', '/events', 406, { accept: 'text/plain' }],
    ['GET', '/events?x=1', 400, {}],
  ])('lets them read the refusal of %s %s with %i', async (method, path, status, more) => {
    const answer = await ask(listed, { method, path, headers: { origin: SHOP, ...more } });
    expect(answer.status).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBe(SHOP);
    expect(answer.headers.vary).toBe('Origin, Accept');
  });

  it('lets them read the refusal of a body', async () => {
    const wire = { method: 'POST', path: '/events', headers: { origin: SHOP } };
    const answer = await ask(listed, { ...wire, body: json({ data: null }) });
    expect(errorOf(answer).code).toBe('invalid_document');
    expect(answer.headers['access-control-allow-origin']).toBe(SHOP);
  });

  it.each(['https://other.example', `${SHOP}.evil.example`, 'http://shop.example', 'null'])(
    'lets pages of %s read nothing',
    async (origin) => {
      expect((await preflight(listed, '/events', origin)).headers).not.toHaveProperty(
        'access-control-allow-origin',
      );
      const { headers } = await ask(listed, { method: 'GET', path: '/events', headers: { origin } });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers.vary).toBe('Origin, Accept');
    },
  );

  it('refuses an OPTIONS that is no preflight as any other method', async () => {
    expect((await ask(listed, { method: 'OPTIONS', path: '/events' })).status).toBe(405);
    expect((await ask(listed, { method: 'OPTIONS', path: '/nothing' })).status).toBe(404);
    const withoutHost = await rawAsk(listed, 'OPTIONS /events HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(errorOf(withoutHost).code).toBe('malformed_request');
  });
});

describe('with *', () => {
  it('lets every page read the answers, which do not vary by it, and those of the rate limit, which preflights do not use up', async () => {
    for (let i = 0; i < 5; i++) expect((await preflight(open, '/events')).status).toBe(204);
    const get = () =>
      ask(open, { method: 'GET', path: '/events', headers: { origin: 'https://any.example' } });
    for (const status of [200, 200, 200, 429]) {
      const answer = await get();
      expect(answer.status).toBe(status);
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(answer.headers.vary).toBe('Accept');
    }
  });
});

describe('without CORS_ORIGINS', () => {
  it('says nothing of CORS, and refuses preflights', async () => {
    const refused = await preflight(closed, '/events');
    expect(refused.status).toBe(405);
    const { headers } = await ask(closed, { method: 'GET', path: '/events', headers: { origin: SHOP } });
    for (const received of [refused.headers, headers]) {
      expect(Object.keys(received).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(received.vary).toBe('Accept');
    }
  });
});
