import { startApp, type TestApp } from '../../support/app';
import { event } from '../../support/builders';
import { type Received } from '../../support/json-api-document';
import { json, rawExchange, send, type Wire } from '../wire';

let app: TestApp;
let proxied: TestApp;
beforeAll(async () => {
  app = await startApp();
  proxied = await startApp({ env: { TRUST_PROXY: 'true' } });
});
afterAll(async () => {
  await app.stop();
  await proxied.stop();
});

const DATA = "default-src 'none'; frame-ancestors 'none'";

function expectSafe({ headers }: Received, policy = DATA): void {
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'content-security-policy': policy,
  });
  for (const name of ['server', 'x-powered-by', 'strict-transport-security'])
    expect(headers).not.toHaveProperty(name);
}

const get = (path: string, headers = {}): Wire => ({ method: 'GET', path, headers });
const post = (path: string, body: string, headers = {}): Wire => ({ method: 'POST', path, body, headers });

it.each<[string, Wire, number]>([
  ['a list', get('/events'), 200],
  ['HEAD', { method: 'HEAD', path: '/events' }, 200],
  ['a health check', get('/health/live'), 200],
  ['the description', get('/openapi.json'), 200],
  ['nothing at the address', get('/nothing'), 404],
  ['a resource that is not there', get('/events/x'), 404],
  ['a type that is not offered', get('/events', { accept: 'text/plain' }), 406],
  ['a query that is wrong', get('/events?x=1'), 400],
  ['an address that cannot be decoded', get('/events/%zz'), 400],
])('are on the answer to %s, which is asked for again before it is used', async (_what, wire, status) => {
  const answer = await send(app, wire);
  expect(answer.status).toBe(status);
  expectSafe(answer);
  expect(answer.headers['cache-control']).toBe('private, no-cache');
});

it.each<[string, Wire, number]>([
  ['what was created', post('/events', json(event())), 201],
  ['a document that is wrong', post('/events', '{}'), 400],
  ['what is no JSON', post('/events', '{'), 400],
  ['a body of another type', post('/events', '{}', { 'content-type': 'text/plain' }), 415],
  ['a body that is too large', post('/events', ' '.repeat(65_537)), 413],
  ['another method', { method: 'PUT', path: '/events' }, 405],
])('are on the answer to %s, which is not kept', async (_what, wire, status) => {
  const answer = await send(app, wire);
  expect(answer.status).toBe(status);
  expectSafe(answer);
  expect(answer.headers['cache-control']).toBe('no-store');
});

it.each([
  ['a header that is too large', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
  ['what is not HTTP', 'hello\r\n\r\n', 400],
])('are on the answer to %s', async (_what, bytes, status) => {
  const [answer] = await rawExchange(app, bytes);
  if (answer === undefined) throw new Error('there was no answer');
  expect(answer.status).toBe(status);
  expectSafe(answer);
  expect(answer.headers['cache-control']).toBe('no-store');
});

it('say that TLS is to be used again, when the proxy says that it was', async () => {
  const over = async (to: TestApp, proto: string) =>
    (await send(to, get('/events', { 'x-forwarded-proto': proto }))).headers['strict-transport-security'];
  expect(await over(proxied, 'https')).toBe('max-age=15552000');
  expect(await over(proxied, 'http')).toBeUndefined();
  expect(await over(app, 'https')).toBeUndefined();
});
