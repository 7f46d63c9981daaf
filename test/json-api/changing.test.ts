import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { expectDocumentHeaders, J, refusals, sendTo } from './client';
import { crate, crates, uuidOf } from './crates';
import { startDemo } from './demo';

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startDemo();
});
afterAll(() => app.close());
beforeEach(() => {
  crates.splice(0, crates.length, crate(1), crate(2));
});

const ID = uuidOf(101);
const URL_OF = `/crates/${ID}`;
const patch = (payload: unknown, url = URL_OF) => sendTo(app, { method: 'PATCH', url, payload });
const changes = (attributes: object, over: object = {}) => ({
  data: { type: 'crates', id: ID, attributes, ...over },
});
const remove = (url: string, headers: Record<string, string> = {}, payload?: string) =>
  sendTo(app, { method: 'DELETE', url, headers, payload });

describe('PATCH', () => {
  it('F5 answers 200 with the resource as it is now', async () => {
    const answer = await patch(changes({ label: 'south', state: 'open' }));
    expect(answer.statusCode).toBe(200);
    expectDocumentHeaders(answer);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.json()).toMatchObject({
      links: { self: URL_OF },
      data: { type: 'crates', id: ID, attributes: { label: 'south', state: 'open', slots: 4 } },
    });
    expect((await sendTo(app, { method: 'GET', url: URL_OF })).json()).toEqual(answer.json());
  });

  it('F3 leaves everything else as it was', async () => {
    await patch(changes({ leaves_at: null }));
    expect(crates[0]).toEqual(crate(1, { leavesAt: null }));
    expect((await patch(changes({}))).statusCode).toBe(200);
    expect(crates[0]).toEqual(crate(1, { leavesAt: null }));
  });

  it('C8 takes fields, for the answer', async () => {
    const { data, links } = (await patch(changes({ label: 'a' }), `${URL_OF}?fields[crates]=label`)).json<{
      data: object;
      links: object;
    }>();
    expect(data).toHaveProperty('attributes', { label: 'a' });
    expect(links).toEqual({ self: `${URL_OF}?fields%5Bcrates%5D=label` });
  });

  it.each<[string, unknown, string]>([
    ['F1', { data: { id: ID } }, '400 invalid_document pointer=/data'],
    ['F1', { data: { type: 'crates' } }, '400 invalid_document pointer=/data'],
    ['F1', '', '400 malformed_json'],
    ['F2', changes({}, { type: 'depots' }), '409 type_conflict pointer=/data/type'],
    ['F2', changes({}, { id: uuidOf(102) }), '409 type_conflict pointer=/data/id'],
    ['F7', changes({ slots: 4 }), '403 read_only pointer=/data/attributes/slots'],
    [
      'F7',
      changes({}, { relationships: { depot: { data: null } } }),
      '403 read_only pointer=/data/relationships/depot',
    ],
    ['F3', changes({ label: null }), '400 invalid_attribute pointer=/data/attributes/label'],
  ])('%s refuses %j, and changes nothing', async (_rule, document, expected) => {
    expect(refusals(await patch(document))).toEqual([expected]);
    expect(crates).toEqual([crate(1), crate(2)]);
  });

  it.each([uuidOf(999), 'abc'])('F6 answers 404 for %s', async (id) => {
    expect(refusals(await patch(changes({}, { id }), `/crates/${id}`))).toEqual(['404 not_found']);
  });

  it('A3 looks at the media type', async () => {
    const headers = { 'content-type': `${J}; charset=utf-8` };
    const answer = await sendTo(app, {
      method: 'PATCH',
      url: URL_OF,
      headers,
      payload: changes({ label: 'a' }),
    });
    expect(refusals(answer)).toEqual(['415 unsupported_media_type header=Content-Type']);
    expect(crates[0]).toEqual(crate(1));
  });
});

describe('DELETE', () => {
  it('F9 answers 204 without anything, and 404 the second time', async () => {
    const answer = await remove(URL_OF.toUpperCase().replace('/CRATES', '/crates'));
    expect(answer.statusCode).toBe(204);
    expect(answer.payload).toBe('');
    expect(answer.headers['content-type']).toBeUndefined();
    expect(answer.headers['content-length']).toBeUndefined();
    expect(answer.headers.vary).toBe('Accept');
    expect(answer.headers['x-request-id']).toBeDefined();
    expect(crates).toEqual([crate(2)]);
    expect(refusals(await remove(URL_OF))).toEqual(['404 not_found']);
    expect(refusals(await remove('/crates/abc'))).toEqual(['404 not_found']);
  });

  it.each([J, 'application/json; charset=utf-8'])('takes %s as the type of no body', async (type) => {
    expect((await remove(URL_OF, { 'content-type': type })).statusCode).toBe(204);
  });

  it('lets a body say again what is to go', async () => {
    const body = JSON.stringify({ data: { type: 'crates', id: ID.toUpperCase() } });
    expect((await remove(URL_OF, { 'content-type': J }, body)).statusCode).toBe(204);
  });

  it.each([
    ['{"data":null}', '400 invalid_document pointer=/data'],
    ['null', '400 invalid_document pointer='],
    ['{}', '400 invalid_document pointer='],
    ['{', '400 malformed_json'],
    [`{"data":{"id":"${ID}"}}`, '400 invalid_document pointer=/data'],
    ['{"data":{"type":"crates"}}', '400 invalid_document pointer=/data'],
    [`{"data":{"type":"crates","id":"${uuidOf(102)}"}}`, '409 type_conflict pointer=/data/id'],
    [`{"data":{"type":"depots","id":"${ID}"}}`, '409 type_conflict pointer=/data/type'],
    [
      `{"data":{"type":"crates","id":"${ID}","attributes":{}}}`,
      '400 invalid_document pointer=/data/attributes',
    ],
  ])('refuses a body that says anything else, and removes nothing: %s', async (body, refused) => {
    expect(refusals(await remove(URL_OF, { 'content-type': J }, body))).toEqual([refused]);
    expect(crates).toHaveLength(2);
  });

  it('refuses a body of another type', async () => {
    expect(refusals(await remove(URL_OF, { 'content-type': 'text/plain' }, 'x'))).toEqual([
      '415 unsupported_media_type header=Content-Type',
    ]);
    expect(crates).toHaveLength(2);
  });

  it('E1 A6 looks at the query and the headers', async () => {
    expect(refusals(await remove(`${URL_OF}?foo=1`))).toEqual(['400 invalid_parameter parameter=foo']);
    expect(refusals(await remove(URL_OF, { accept: 'text/html' }))).toEqual([
      '406 not_acceptable header=Accept',
    ]);
    expect(crates).toHaveLength(2);
  });
});

it('405 tells what a resource offers', async () => {
  const answer = await sendTo(app, { method: 'PUT', url: URL_OF });
  expect(answer.headers.allow).toBe('GET, HEAD, PATCH, DELETE');
});
