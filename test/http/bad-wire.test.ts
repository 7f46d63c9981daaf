import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { allRows, startApp, type TestApp } from '../support/app';
import { purchase, ticketOption } from '../support/builders';
import { checkedDocument, type Received } from '../support/json-api-document';
import { ask, dataOf, errorOf, J, json, rawAsk, rawExchange } from './wire';

/* What HTTP libraries do not let pass is written to the socket byte by byte. */

let app: TestApp;
let option = '';
let body = '';
let before = '';
beforeAll(async () => {
  app = await startApp();
  option = dataOf(await ask(app, { method: 'POST', path: '/ticket_options', body: json(ticketOption()) })).id;
  body = json(purchase({ ticketOption: option, quantity: 1 }));
});
afterAll(() => app.stop());
beforeEach(async () => {
  before = await allRows(app.database);
});

const head = (...lines: string[]): string => [...lines, '', ''].join('\r\n');
const TYPES = [`Accept: ${J}`, `Content-Type: ${J}`];
/** A whole POST of a purchase, with a Content-Length that fits. */
const buy = (...lines: string[]): string =>
  head('POST /purchases HTTP/1.1', 'Host: h', ...TYPES, `Content-Length: ${body.length}`, ...lines) + body;
const checked = (received: Received | undefined, method: string, path: string, text?: string) => {
  if (received === undefined) throw new Error('no answer came');
  return checkedDocument(received, { method, path, body: text });
};
async function purchases(): Promise<number> {
  const { rows } = await app.database.query<{ n: number }>('SELECT count(*)::integer AS n FROM purchases');
  return rows[0]?.n ?? NaN;
}

describe('refused, and nothing is changed', () => {
  const POST = ['POST /purchases HTTP/1.1', 'Host: h', ...TYPES, 'Connection: close'];
  const get = (path: string, ...lines: string[]): string =>
    head(`GET ${path} HTTP/1.1`, 'Host: h', 'Connection: close', ...lines);

  test.each<[string, () => string | Buffer, number, string]>([
    [
      'a header over the limit',
      () => get('/health/live', `X: ${'a'.repeat(20_000)}`),
      431,
      'header_too_large',
    ],
    [
      'many headers over the limit',
      () => get('/health/live', ...Array<string>(9_000).fill('X: a')),
      431,
      'header_too_large',
    ],
    ['an address over the limit', () => get(`/${'a'.repeat(20_000)}`), 431, 'header_too_large'],
    ['something that is not HTTP', () => 'hello\r\n\r\n', 400, 'malformed_request'],
    ['a TLS hello', () => Buffer.from('160301004a010000460303', 'hex'), 400, 'malformed_request'],
    ['an HTTP/2 preface', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed_request'],
    ['a method that does not exist', () => get('/').replace('GET', 'FOO'), 400, 'malformed_request'],
    ['an HTTP version that does not exist', () => get('/').replace('/1.1', '/9.1'), 400, 'malformed_request'],
    ['bare line feeds', () => get('/').replaceAll('\r', ''), 400, 'malformed_request'],
    ['a space in a header name', () => get('/', 'X y: z'), 400, 'malformed_request'],
    ['a NUL byte in a header', () => get('/', 'X: a\0b'), 400, 'malformed_request'],
    ['a NUL byte in the path', () => get('/ticket_options/\0'), 400, 'malformed_request'],
    ['a NUL byte in the query', () => get('/ticket_options?a=\0'), 400, 'malformed_request'],
    ['a raw byte outside ASCII in the path', () => get('/ticket_options/\xff'), 400, 'malformed_request'],
    ['a space in the path', () => get('/ticket_options/a b'), 400, 'malformed_request'],
    ['no path', () => get('?a=1'), 400, 'malformed_request'],
    ['no Host', () => head('GET /health/live HTTP/1.1', 'Connection: close'), 400, 'malformed_request'],
    ['a negative Content-Length', () => head(...POST, 'Content-Length: -1') + body, 400, 'malformed_request'],
    [
      'a Content-Length in letters',
      () => head(...POST, 'Content-Length: ten') + body,
      400,
      'malformed_request',
    ],
    [
      'a Content-Length beyond 2^64',
      () => head(...POST, 'Content-Length: 18446744073709551616') + body,
      400,
      'malformed_request',
    ],
    [
      'two different Content-Lengths',
      () => head(...POST, `Content-Length: ${body.length}`, 'Content-Length: 5') + body,
      400,
      'malformed_request',
    ],
    [
      'Content-Length and chunks, the way of request smuggling',
      () => head(...POST, 'Content-Length: 5', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'a chunk of a length that is no number',
      () => head(...POST, 'Transfer-Encoding: chunked') + `zz\r\n${body}\r\n0\r\n\r\n`,
      400,
      'malformed_request',
    ],
    [
      'a chunk longer than it says',
      () => head(...POST, 'Transfer-Encoding: chunked') + `5\r\n${body}\r\n0\r\n\r\n`,
      400,
      'malformed_request',
    ],
    [
      'a Content-Length of 2 MiB, before the body comes',
      () => head(...POST, 'Content-Length: 2097152'),
      413,
      'payload_too_large',
    ],
    [
      'a shorter Content-Length than the body',
      () => head(...POST, 'Content-Length: 10') + body.slice(0, 10),
      400,
      'malformed_json',
    ],
    ['a Content-Length of 0 before a body', () => head(...POST, 'Content-Length: 0'), 400, 'malformed_json'],
    [
      'a chunked body without a byte',
      () => head(...POST, 'Transfer-Encoding: chunked') + '0\r\n\r\n',
      400,
      'malformed_json',
    ],
    ['OPTIONS *', () => head('OPTIONS * HTTP/1.1', 'Host: h', 'Connection: close'), 404, 'not_found'],
  ])('%s', async (_, bytes, status, code) => {
    const answer = await rawAsk(app, bytes());
    expect(answer.status).toBe(status);
    expect(errorOf(answer)).toMatchObject({ status: String(status), code });
    expect(await allRows(app.database)).toBe(before);
  });

  test('a body that is really encoded with gzip', async () => {
    const zipped = gzipSync(body);
    const lines = [...POST, 'Content-Encoding: gzip', `Content-Length: ${zipped.length}`];
    const answer = await rawAsk(app, Buffer.concat([Buffer.from(head(...lines)), zipped]));
    expect(answer.status).toBe(415);
    expect(errorOf(answer)).toMatchObject({
      code: 'unsupported_media_type',
      source: { header: 'Content-Encoding' },
    });
    expect(await allRows(app.database)).toBe(before);
  });

  test('a body that breaks off before its Content-Length: there is nobody to answer', async () => {
    const bytes =
      head('POST /purchases HTTP/1.1', 'Host: h', ...TYPES, `Content-Length: ${body.length + 1}`) + body;
    await new Promise<void>((resolve, reject) => {
      const socket = connect(app.port, '127.0.0.1', () => socket.end(bytes));
      socket.on('error', reject).on('close', resolve).resume();
    });
    await rawAsk(app, head('GET /nope HTTP/1.1', 'Host: h', 'Connection: close')); // still there
    expect(await allRows(app.database)).toBe(before);
  });

  test('a request that cannot be read gets its answer on a connection that was used before as well', async () => {
    const good = head(`GET /ticket_options/${option} HTTP/1.1`, 'Host: h');
    const bad = head('GET / HTTP/1.1', 'Host: h', `X: ${'a'.repeat(20_000)}`);
    const answers = await rawExchange(app, good, (soFar) => (soFar.endsWith('}') ? bad : undefined));
    expect(answers.map(({ status }) => status)).toEqual([200, 431]);
    expect(checked(answers[1], 'GET', '/').errors).toMatchObject([{ code: 'header_too_large' }]);
  });
});

describe('unusual, and served', () => {
  test('a body in chunks, without a length', async () => {
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
    const lines = [
      'POST /purchases HTTP/1.1',
      'Host: h',
      ...TYPES,
      'Transfer-Encoding: chunked',
      'Connection: close',
    ];
    const chunks = chunk(body.slice(0, 7)) + chunk(body.slice(7)) + '0\r\n\r\n';
    expect((await rawAsk(app, head(...lines) + chunks)).status).toBe(201);
  });

  test('a request that waits for 100 Continue before it sends its body', async () => {
    const lines = [...TYPES, `Content-Length: ${body.length}`, 'Expect: 100-continue', 'Connection: close'];
    const request = head('POST /purchases HTTP/1.1', 'Host: h', ...lines);
    const answer = await rawAsk(app, request, (soFar) => (soFar.includes('100 Continue') ? body : undefined));
    expect(answer.status).toBe(201);
  });

  test('an expectation that nobody knows is passed over, as RFC 9110 allows', async () => {
    const lines = ['Host: h', 'Expect: 200-ok', 'Connection: close'];
    expect((await rawAsk(app, head(`GET /ticket_options/${option} HTTP/1.1`, ...lines))).status).toBe(200);
  });

  test('HTTP/1.0, whose connection is closed after the answer', async () => {
    const answer = await rawAsk(app, head(`GET /ticket_options/${option} HTTP/1.0`));
    expect(answer.status).toBe(200);
    const lines = [...TYPES, `Content-Length: ${body.length}`];
    expect((await rawAsk(app, head('POST /purchases HTTP/1.0', ...lines) + body)).status).toBe(201);
  });

  test('an address with scheme and host', async () => {
    const line = `GET http://h/ticket_options/${option} HTTP/1.1`;
    expect((await rawAsk(app, head(line, 'Host: h', 'Connection: close'))).status).toBe(200);
  });

  test('an upgrade to a protocol that is not offered goes on in HTTP', async () => {
    const lines = ['Host: h', 'Connection: close, upgrade', 'Upgrade: websocket'];
    expect((await rawAsk(app, head(`GET /ticket_options/${option} HTTP/1.1`, ...lines))).status).toBe(200);
  });

  test('pipelined requests, answered in their order', async () => {
    const sold = await purchases();
    const answers = await rawExchange(
      app,
      buy() +
        head('GET /nope HTTP/1.1', 'Host: h') +
        buy() +
        head(`GET /ticket_options/${option} HTTP/1.1`, 'Host: h', 'Connection: close'),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 404, 201, 200]);
    const asked = [
      ['POST', '/purchases', body],
      ['GET', '/nope'],
      ['POST', '/purchases', body],
      ['GET', '/t'],
    ];
    asked.forEach(([method = '', path = '', text], index) => checked(answers[index], method, path, text));
    expect(await purchases()).toBe(sold + 2);
  });

  test('a refused body leaves the connection usable', async () => {
    const lines = ['POST /purchases HTTP/1.1', 'Host: h', ...TYPES, 'Content-Length: 1'];
    const answers = await rawExchange(app, `${head(...lines)}{${buy('Connection: close')}`);
    expect(answers.map(({ status }) => status)).toEqual([400, 201]);
  });

  test('garbage behind a purchase is not answered in its place', async () => {
    const sold = await purchases();
    const [first, ...others] = await rawExchange(app, `${buy()}garbage\r\n\r\n`);
    // No answer leaves it open whether something was bought; a refusal would say that nothing was.
    if (first !== undefined) expect([first.status, others.length]).toEqual([201, 1]);
    expect(await purchases()).toBeLessThanOrEqual(sold + 1);
    const { attributes } = dataOf(await ask(app, { method: 'GET', path: `/ticket_options/${option}` }));
    expect(attributes?.['sold']).toBe(await purchases());
  });
});
