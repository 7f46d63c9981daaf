import { startApp, type TestApp } from '../support/app';
import { event } from '../support/builders';
import { type ErrorObject } from '../support/json-api-document';
import { REFUSALS } from '../../src/refusals';
import { Client } from '../http/client';
import { ask, errorsOf, json } from '../http/wire';
import { everyKindOfAnswer, type Given, setTheStage } from './answers';

/* JSON:API 1.1, "Errors", and atomic operations, which are not offered. */

let app: TestApp;
let client: Client;
let refusals: readonly Given[];
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
  const answers = await everyKindOfAnswer(app, await setTheStage(client));
  refusals = answers.filter(({ answer }) => answer.status >= 400);
});
afterAll(() => app.stop());

const errors = (): ErrorObject[] => refusals.flatMap(({ answer }) => errorsOf(answer));

test('H1 errors are an array of objects with nothing but what JSON:API knows', () => {
  expect(refusals.length).toBeGreaterThan(20);
  const known = ['id', 'links', 'status', 'code', 'title', 'detail', 'source', 'meta'];
  for (const { answer } of refusals) expect(answer.document.errors).toBeInstanceOf(Array);
  for (const error of errors()) {
    expect(Object.keys(error).length).toBeGreaterThan(0);
    expect(Object.keys(error).filter((member) => !known.includes(member))).toEqual([]);
  }
});

test('H2 the status is told as a text, and is that of the answer where it is alone', () => {
  for (const { answer } of refusals) {
    const all = errorsOf(answer);
    for (const { status } of all) expect(status).toMatch(/^[45]\d\d$/);
    if (all.length === 1) expect(all[0]?.status).toBe(String(answer.status));
  }
});

test('H3 all that is wrong is told at once, under one status', async () => {
  const wrong = event({ name: 5, venue: 6, nope: 7 });
  const answer = await ask(app, { method: 'POST', path: '/events?foo=1', body: json(wrong) });
  expect(answer.status).toBe(400);
  const places = errorsOf(answer).map(({ source }) => source?.pointer ?? source?.parameter);
  expect(places.sort()).toEqual([
    '/data/attributes/name',
    '/data/attributes/nope',
    '/data/attributes/venue',
    'foo',
  ]);
});

/** RFC 6901. */
function resolve(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, token) => (at as Record<string, unknown> | undefined)?.[token], document);
}

test('H4 a pointer leads to something in the request', async () => {
  let pointers = 0;
  for (const { wire, answer } of refusals)
    for (const { source } of errorsOf(answer)) {
      if (source?.pointer === undefined) continue;
      pointers += 1;
      expect(resolve(JSON.parse(wire.body?.toString() ?? ''), source.pointer)).toBeDefined();
    }
  expect(pointers).toBeGreaterThan(5);
  const missing = await client.post('/events', { meta: {} });
  expect(errorsOf(missing)[0]?.source).toEqual({ pointer: '' });
  const odd = await client.post('/events', event({ 'a/b~c': 1 }));
  expect(errorsOf(odd)[0]?.source).toEqual({ pointer: '/data/attributes/a~1b~0c' });
  const broken = await ask(app, { method: 'POST', path: '/events', body: '{"data":' });
  expect(errorsOf(broken)[0]).not.toHaveProperty('source');
});

test('H5 what is wrong with the query or a header names it', () => {
  const places = new Map<string, string[]>();
  for (const { code, source } of errors()) {
    const place = source?.parameter ?? source?.header;
    if (place !== undefined) places.set(code, [...(places.get(code) ?? []), place]);
  }
  expect(places.get('invalid_parameter')).toEqual(expect.arrayContaining(['nope', 'page[size]']));
  expect(places.get('not_acceptable')).toContain('Accept');
  expect(places.get('unsupported_media_type')).toContain('Content-Type');
  expect(places.get('invalid_header')).toContain('Idempotency-Key');
});

test('H6 a code always has the same title, and nothing tells what is inside', () => {
  for (const { code, title, detail, meta } of errors()) {
    expect(title).toBe(REFUSALS[code].title);
    expect(`${detail} ${JSON.stringify(meta)}`).not.toMatch(
      /\bat \S+ \(|node_modules|\.[jt]s:\d|FST_ERR|HPE_|ECONN|SQLSTATE|violates|SELECT |INSERT |UPDATE /,
    );
  }
});

test('H7 the link to the type of an error is a link', async () => {
  const answer = await client.get('/events?page[size]=101');
  const types = errorsOf(answer).map(({ links }) => links?.type);
  expect(types).toEqual([expect.stringMatching(/^https:\/\/.*\/max-size-exceeded$/)]);
});

test('J5 a request with atomic operations is 415, as the extension is not offered', async () => {
  const type = 'application/vnd.api+json; ext="https://jsonapi.org/ext/atomic"';
  const body = json({ 'atomic:operations': [{ op: 'add', data: event().data }] });
  for (const path of ['/events', '/purchases']) {
    const answer = await ask(app, { method: 'POST', path, body, headers: { 'content-type': type } });
    expect([answer.status, errorsOf(answer)[0]?.code]).toEqual([415, 'unsupported_media_type']);
  }
  // Without the extension it is a document without data.
  const plain = await ask(app, { method: 'POST', path: '/events', body });
  expect([plain.status, errorsOf(plain)[0]?.source]).toEqual([400, { pointer: '' }]);
});
