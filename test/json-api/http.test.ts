import { type AddressInfo, connect } from 'node:net';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { expectDocumentHeaders, J, JSON_API, refusals, type Sent, sendTo } from './client';
import { created, ID, logged, parcelDocument, startDemo, USER } from './demo';

let app: NestFastifyApplication;
let port: number;
beforeAll(async () => {
  app = await startDemo();
  ({ port } = app.getHttpServer().address() as AddressInfo);
});
afterAll(() => app.close());
beforeEach(() => {
  created.length = 0;
  logged.length = 0;
});

const send = (sent: Sent) => sendTo(app, sent);
const post = (payload: unknown, headers?: Record<string, string>, url = '/parcels') =>
  send({ method: 'POST', url, payload, ...(headers && { headers }) });
const get = (url: string, headers?: Record<string, string>) =>
  send({ method: 'GET', url, ...(headers && { headers }) });

/**
 * Sends bytes as they are, and reads until the server closes, so the last request must ask for that
 * (`Connection: close`) or deserve it.
 */
function raw(text: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(10_000, () => {
      socket.destroy();
      reject(new Error(`the server did not close the connection; it sent ${received}`));
    });
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    // A reset after the answer is the server not reading the rest; without an answer it is a failure.
    socket.on('error', (error) => {
      if (received === '') reject(error);
    });
    socket.on('close', () => {
      resolve(received);
    });
  });
}

describe('creating', () => {
  it('D5 D6 D7 answers 201 with the resource, and its address in Location', async () => {
    const answer = await post(parcelDocument());
    expect(answer.statusCode).toBe(201);
    expectDocumentHeaders(answer);
    expect(answer.headers.location).toBe(`/parcels/${ID}`);
    expect(answer.json()).toMatchObject({
      jsonapi: JSON_API,
      data: {
        type: 'parcels',
        id: ID,
        attributes: { label: 'books' },
        links: { self: answer.headers.location },
      },
    });
    expect(created).toHaveLength(1);
    expect((await get(`/parcels/${ID}`)).json()).toMatchObject({ data: { id: ID } });
  });

  it('A11 reads application/json the same way', async () => {
    const answer = await post(parcelDocument(), { 'content-type': 'application/json; charset=utf-8' });
    expect(answer.statusCode).toBe(201);
    expectDocumentHeaders(answer);
  });

  it('C8 takes fields, for the answer', async () => {
    const answer = await post(parcelDocument(), {}, '/parcels?fields[parcels]=label');
    expect(answer.json()).toMatchObject({ data: { id: ID, attributes: { label: 'books' } } });
    expect(answer.json<{ data: object }>().data).not.toHaveProperty('relationships');
  });

  it.each([
    ['D1', { data: null }, ['400 invalid_document pointer=/data']],
    ['D2', parcelDocument({ type: 'users' }), ['409 type_conflict pointer=/data/type']],
    ['D3', parcelDocument({ id: USER }), ['403 client_id_forbidden pointer=/data/id']],
    [
      'H3',
      { data: { type: 'parcels', id: '', attributes: { label: '', weight_grams: '1' } } },
      [
        '400 invalid_attribute pointer=/data/attributes/label',
        '400 invalid_attribute pointer=/data/attributes/weight_grams',
        '400 invalid_relationship pointer=/data',
        '403 client_id_forbidden pointer=/data/id',
      ],
    ],
  ])('%s refuses %j, and creates nothing', async (_rule, document, expected) => {
    expect(refusals(await post(document))).toEqual(expected);
    expect(created).toEqual([]);
  });

  it('E1 H3 tells what is wrong with the query and the body together', async () => {
    expect(refusals(await post({ data: [] }, {}, '/parcels?include=receiver'))).toEqual([
      '400 invalid_document pointer=/data',
      '400 invalid_parameter parameter=include',
    ]);
  });

  it('D8 answers 404 with a pointer for what the service does not find', async () => {
    const document = parcelDocument({ attributes: { label: 'unknown depot', weight_grams: 1 } });
    expect(refusals(await post(document))).toEqual([
      '404 not_found pointer=/data/relationships/depot/data/id',
    ]);
  });

  it('D1 refuses a request without a body', async () => {
    expect(refusals(await post('', { 'content-type': J }))).toEqual(['400 malformed_json']);
    expect(refusals(await send({ method: 'POST', url: '/parcels' }))).toEqual(['400 malformed_json']);
  });

  it('D1 H4 refuses what is no JSON, without a pointer', async () => {
    expect(refusals(await post('{"data":'))).toEqual(['400 malformed_json']);
    expect(refusals(await post('{"data":{},"data":{}}'))).toEqual(['400 malformed_json']);
    expect(refusals(await post(Buffer.from([0x22, 0xff, 0x22])))).toEqual(['400 malformed_json']);
    expect(refusals(await post('['.repeat(65_536)))).toEqual(['400 malformed_json']);
  });
});

describe('fetching', () => {
  it('C1 B6 answers 200 with the resource', async () => {
    const answer = await get(`/parcels/${ID}`);
    expect(answer.statusCode).toBe(200);
    expectDocumentHeaders(answer);
    expect(answer.json()).toMatchObject({
      links: { self: `/parcels/${ID}` },
      data: { type: 'parcels', id: ID },
    });
  });

  it('B15 B17 finds the same document under its links', async () => {
    const answer = await get(`/parcels/${ID.toUpperCase()}?fields[parcels]=label,depot`);
    const { links, data } = answer.json<{ links: { self: string }; data: { links: { self: string } } }>();
    expect(links.self).toBe(`/parcels/${ID}?fields%5Bparcels%5D=label,depot`);
    expect((await get(links.self)).json()).toEqual(answer.json());
    expect((await get(data.links.self)).json()).toMatchObject({ data: { id: ID } });
  });

  it.each([USER, 'abc', '%20', ID.replaceAll('-', ''), 'x'.repeat(200), '%F0%9F%98%80'])(
    'C2 answers 404 for %s',
    async (id) => {
      expect(refusals(await get(`/parcels/${id}`))).toEqual(['404 not_found']);
    },
  );

  it.each([
    'include=',
    'sort=label',
    'filter[x]=1',
    'page[size]=1',
    'foo=1',
    'fields[nope]=a',
    '%E0%A4%A',
    '=1',
  ])('C6 C9 C10 C12 E1 E4 refuses ?%s by name', async (query) => {
    const name = query.split('=')[0] ?? '';
    expect(refusals(await get(`/parcels/${ID}?${query}`))).toEqual([
      `400 invalid_parameter parameter=${name}`,
    ]);
  });

  it('C13 answers HEAD like GET, without the body', async () => {
    const head = await send({ method: 'HEAD', url: `/parcels/${ID}` });
    const full = await get(`/parcels/${ID}`);
    expect(head.statusCode).toBe(200);
    expect(head.payload).toBe('');
    expect(head.headers['content-length']).toBe(full.headers['content-length']);
    expectDocumentHeaders(head);
    expect((await send({ method: 'HEAD', url: `/parcels/${USER}` })).statusCode).toBe(404);
  });

  it('C13 ignores the body of a GET', async () => {
    const sent = `GET /parcels/${ID} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\n{`;
    expect(await raw(sent)).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  });
});

describe('negotiation', () => {
  it.each([
    ['A3', `${J}; charset=utf-8`],
    ['A3', `${J}; q=1`],
    ['A4', `${J}; ext="https://e.x/none"`],
    ['J5', `${J}; ext="https://jsonapi.org/ext/atomic"`],
    ['A11', 'text/plain'],
    ['A11', 'application/x-www-form-urlencoded'],
    ['A14', `${J}; ext="x`],
    ['A14', 'x'],
  ])('%s refuses a body of %s, before reading it', async (_rule, type) => {
    for (const body of [parcelDocument(), '{', 'x'.repeat(100_000)])
      expect(refusals(await post(body, { 'content-type': type }))).toEqual([
        '415 unsupported_media_type header=Content-Type',
      ]);
    expect(created).toEqual([]);
  });

  it('A11 refuses a body without a Content-Type', async () => {
    const sent = 'POST /parcels HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';
    expect(await raw(sent)).toMatch(/^HTTP\/1.1 415 /);
  });

  it('A5 A12 A15 ignores profiles, and does not claim them', async () => {
    const headers = {
      'content-type': `${J}; profile="https://e.x/p"`,
      accept: `${J}; profile="https://e.x/p"`,
    };
    const answer = await post({ ...parcelDocument(), jsonapi: { ext: ['https://e.x/none'] } }, headers);
    expect(answer.statusCode).toBe(201);
    expectDocumentHeaders(answer);
  });

  it.each([
    ['A6', `${J}; charset=utf-8`, 406],
    ['A7', `${J}; charset=utf-8, ${J}`, 200],
    ['A8', `${J}; ext="https://e.x/none"`, 406],
    ['A9', `${J};q=0`, 406],
    ['A10', 'text/html', 406],
    ['A10', '*/*', 200],
    ['A10', 'application/json', 200],
  ])('%s answers Accept: %s with %d', async (_rule, accept, status) => {
    const answer = await get(`/parcels/${ID}`, { accept });
    expect(answer.statusCode).toBe(status);
    expectDocumentHeaders(answer);
    if (status === 406) expect(refusals(answer)).toEqual(['406 not_acceptable header=Accept']);
  });

  it('leaves plain routes alone', async () => {
    const answer = await get('/plain', { accept: 'text/html' });
    expect(answer.json()).toEqual({ plain: true });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['x-request-id']).toBeDefined();
  });
});

describe('H1 what the framework refuses', () => {
  it('413: a body that is too large, announced or not', async () => {
    const large = JSON.stringify(parcelDocument({ meta: 'x'.repeat(65_536) }));
    expect(refusals(await post(large))).toEqual(['413 payload_too_large']);
    const chunked =
      `POST /parcels HTTP/1.1\r\nHost: x\r\nContent-Type: ${J}\r\nTransfer-Encoding: chunked\r\n\r\n` +
      `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
    expect(await raw(chunked)).toMatch(/^HTTP\/1.1 413 [^]*"payload_too_large"/);
    const announced = `POST /parcels HTTP/1.1\r\nHost: x\r\nContent-Type: ${J}\r\nContent-Length: 4000000\r\n\r\n`;
    expect(await raw(announced + 'x'.repeat(100_000))).toMatch(/^HTTP\/1.1 413 /);
  });

  it.each(['/nope', '/', '/parcels/', `/parcels/${ID}/`, '/Parcels', '/parcels/a/b', '/docs/nope'])(
    '404: %s',
    async (url) => {
      expect(refusals(await get(url))).toEqual(['404 not_found']);
    },
  );

  it('404: an unknown address, whatever the body and the headers are', async () => {
    expect(refusals(await post('{', { 'content-type': 'text/plain', accept: 'text/html' }, '/nope'))).toEqual(
      ['404 not_found'],
    );
  });

  it.each<[Sent['method'], string, string]>([
    ['GET', '/parcels', 'POST'],
    ['OPTIONS', '/parcels?x=1', 'POST'],
    ['PATCH', `/parcels/${ID}`, 'GET, HEAD'],
    ['POST', `/parcels/${ID}`, 'GET, HEAD'],
    ['DELETE', '/plain', 'GET, HEAD'],
  ])('405: %s %s', async (method, url, allow) => {
    const answer = await send({ method, url });
    expect(refusals(answer)).toEqual(['405 method_not_allowed']);
    expect(answer.headers.allow).toBe(allow);
  });

  it('400: an address that cannot be decoded', async () => {
    expect(refusals(await get('/parcels/%zz'))).toEqual(['400 malformed_request']);
  });

  it.each([
    ['400', 'malformed_request', 'BLAH\r\n\r\n'],
    ['400', 'malformed_request', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n'],
    ['431', 'header_too_large', `GET /parcels HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('%s: %s, although no request was understood', async (status, code, bytes) => {
    const [head = '', body = ''] = (await raw(bytes)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain(`Content-Type: ${J}\r\n`);
    expect(head).toContain('Vary: Accept');
    expect(head).toMatch(/X-Request-Id: \S+/);
    expect(JSON.parse(body)).toMatchObject({ errors: [{ status, code }] });
  });
});

describe('H1 what the service refuses', () => {
  const labelled = (label: string) => parcelDocument({ attributes: { label, weight_grams: 1 } });

  it('503: with Retry-After', async () => {
    const answer = await post(labelled('overload'));
    expect(refusals(answer)).toEqual(['503 overloaded']);
    expect(answer.headers['retry-after']).toBe('1');
  });

  it('500 H6: a bug is logged with everything, and told with nothing', async () => {
    const answer = await post(labelled('bug'), { 'x-request-id': 'trace-1' });
    expect(refusals(answer)).toEqual(['500 internal_error']);
    expect(answer.payload).not.toMatch(/SELECT|secret/);
    expect(logged[0]?.line).toMatchObject({
      reqId: 'trace-1',
      method: 'POST',
      url: '/parcels',
      err: { message: expect.stringContaining('SELECT secret') as string },
    });
    expect(logged[1]).toMatchObject({ message: 'request failed', line: { reqId: 'trace-1', status: 500 } });
  });

  it('500: a resource that cannot be written leaves no Location behind', async () => {
    const answer = await post(labelled('hole'));
    expect(refusals(answer)).toEqual(['500 internal_error']);
    expect(answer.headers.location).toBeUndefined();
    expect(logged).toHaveLength(2);
  });
});

describe('request ids', () => {
  it('are the sane one of the caller', async () => {
    const id = 'Root=1-67891233-abcdef012345678912345678';
    expect((await get('/nope', { 'x-request-id': id })).headers['x-request-id']).toBe(id);
  });

  it.each(['', 'a b', 'x'.repeat(129), '<script>', 'é'])(
    'are new where the caller sends %j',
    async (sent) => {
      const first = (await get(`/parcels/${ID}`, { 'x-request-id': sent })).headers['x-request-id'];
      const second = (await get(`/parcels/${ID}`)).headers['x-request-id'];
      expect(first).toMatch(/^[\w-]{8}-\w+$/);
      expect(first).not.toBe(second);
    },
  );
});

it('H1 garbage behind a request that is still worked on is not taken for its answer', async () => {
  const request = `GET /parcels/${ID} HTTP/1.1\r\nHost: x\r\n\r\n`;
  expect(await raw(`${request}BLAH\r\n\r\n`)).not.toContain('malformed_request');
});

it('D1 H4 many requests on one connection, some of them refused, are answered in order', async () => {
  const body = JSON.stringify(parcelDocument());
  const good = `POST /parcels HTTP/1.1\r\nHost: x\r\nContent-Type: ${J}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const bad = good.replace(J, 'text/plain');
  const broken = good.replace('"data"', '"date"');
  const last = good.replace('Host: x', 'Host: x\r\nConnection: close');
  const statuses = (await raw(good + bad + broken + last)).match(/HTTP\/1.1 \d+/g);
  expect(statuses).toEqual(['HTTP/1.1 201', 'HTTP/1.1 415', 'HTTP/1.1 400', 'HTTP/1.1 201']);
});
