import { connect } from 'node:net';
import { Pool } from 'pg';
import { allRows, startApp, type TestApp } from '../support/app';
import { checkedDocument } from '../support/json-api-document';
import { underWay, wrongsWithMoney } from '../support/money';
import { Client } from './client';
import { pay, payment } from './payment-steps';
import { until } from './reservation-steps';
import { dataOf, errorOf, idsIn, J, json, rawAsk, rawExchange } from './wire';

/* What HTTP libraries do not let pass is written to the socket byte by byte, here about money. */

let app: TestApp;
let client: Client;
let pool: Pool;
let option = '';
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
  pool = new Pool({ connectionString: app.databaseUrl, max: 2 });
  option = (await client.option({ price_cents: 500, allocation: 1_000 })).id;
});
afterAll(async () => {
  await pool.end();
  await app.stop();
});
afterEach(async () => {
  expect(await wrongsWithMoney(pool)).toEqual([]);
});

const head = (...lines: string[]): string => [...lines, '', ''].join('\r\n');
const TYPES = ['Host: h', `Accept: ${J}`, `Content-Type: ${J}`];
const CLOSE = 'Connection: close';
const POST = ['POST /payments HTTP/1.1', ...TYPES];
const posted = (text: string, ...lines: string[]): string =>
  head(...POST, `Content-Length: ${text.length}`, ...lines) + text;
const removed = (path: string, ...lines: string[]): string =>
  head(`DELETE ${path} HTTP/1.1`, 'Host: h', `Accept: ${J}`, ...lines);

/** Of a new reservation: its address, and the body that pays it. */
async function bill(): Promise<{ reservation: string; text: string }> {
  const { id, links } = await client.reserve(option);
  return { reservation: links.self, text: json(payment(id)) };
}

/** @returns the address of a new purchase, which was paid for */
async function owned(): Promise<string> {
  const paid = dataOf(await pay(client, await client.reserve(option)));
  return `/purchases/${idsIn(paid, 'purchases').join()}`;
}

const statusOf = async (path: string) => (await client.read(path)).attributes?.['status'];

/** Sends bytes and goes away: with `end` the service sees that nothing more comes, with `destroy` that nobody listens. */
function sendAndLeave(bytes: string, leave: 'end' | 'destroy'): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1', () => {
      if (leave === 'end') socket.end(bytes);
      else socket.write(bytes, () => socket.destroy());
    });
    socket.on('error', reject).on('close', resolve).resume();
  });
}

/** Lets everything be read that was sent before. */
async function seen(): Promise<void> {
  await rawAsk(app, head('GET /nope HTTP/1.1', 'Host: h', CLOSE));
}

test.each<[string, (text: string) => string, number, string]>([
  ['two different Content-Lengths', (text) => posted(text, 'Content-Length: 5'), 400, 'malformed_request'],
  [
    'Content-Length and chunks',
    (text) => posted(text, 'Transfer-Encoding: chunked'),
    400,
    'malformed_request',
  ],
  [
    'a chunk longer than it says',
    (text) => `${head(...POST, 'Transfer-Encoding: chunked')}5\r\n${text}\r\n0\r\n\r\n`,
    400,
    'malformed_request',
  ],
  [
    'a shorter Content-Length than the body',
    (text) => posted(text.slice(0, -1), CLOSE),
    400,
    'malformed_json',
  ],
  [
    'a body that is said to be encoded',
    (text) => posted(text, 'Content-Encoding: gzip', CLOSE),
    415,
    'unsupported_media_type',
  ],
  ['no Host', (text) => posted(text, CLOSE).replace('Host: h\r\n', ''), 400, 'malformed_request'],
  ['a NUL byte in a header', (text) => posted(text, 'X: a\0b'), 400, 'malformed_request'],
  ['bare line feeds', (text) => posted(text).replaceAll('\r', ''), 400, 'malformed_request'],
])('a payment with %s is not made', async (_, bytes, status, code) => {
  const { text } = await bill();
  const before = await allRows(app.database);
  const answer = await rawAsk(app, bytes(text));
  expect([answer.status, errorOf(answer).code]).toEqual([status, code]);
  expect(await allRows(app.database)).toBe(before);
});

test.each<[string, (path: string) => string, number, string]>([
  [
    'a body',
    (path) => `${removed(path, `Content-Type: ${J}`, 'Content-Length: 2', CLOSE)}{}`,
    400,
    'invalid_document',
  ],
  [
    'a Content-Length of 2 MiB',
    (path) => removed(path, `Content-Type: ${J}`, 'Content-Length: 2097152'),
    413,
    'payload_too_large',
  ],
  [
    'a body of no type',
    (path) => `${removed(path, 'Content-Length: 2', CLOSE)}{}`,
    415,
    'unsupported_media_type',
  ],
  ['a negative Content-Length', (path) => removed(path, 'Content-Length: -1'), 400, 'malformed_request'],
  [
    'an HTTP version that does not exist',
    (path) => removed(path).replace('/1.1', '/9.1'),
    400,
    'malformed_request',
  ],
])('a refund with %s is not made', async (_, bytes, status, code) => {
  const path = await owned();
  const before = await allRows(app.database);
  const answer = await rawAsk(app, bytes(path));
  expect([answer.status, errorOf(answer).code]).toEqual([status, code]);
  expect(await allRows(app.database)).toBe(before);
});

test('of bodies that break off nothing is paid, and nothing given back', async () => {
  const [{ text }, path] = [await bill(), await owned()];
  const before = await allRows(app.database);
  await sendAndLeave(posted(`${text} `).slice(0, -1), 'end');
  await sendAndLeave(`${removed(path, `Content-Type: ${J}`, 'Content-Length: 3')}{}`, 'end');
  await sendAndLeave(head(...POST, 'Expect: 100-continue', `Content-Length: ${text.length}`), 'end');
  await seen();
  expect(await allRows(app.database)).toBe(before);
});

test('what is sent twice in one go is done once', async () => {
  const { text } = await bill();
  const paid = await rawExchange(app, posted(text) + posted(text, CLOSE));
  expect(paid.map(({ status }) => status).sort()).toEqual([201, 409]);
  for (const answer of paid) checkedDocument(answer, { method: 'POST', path: '/payments', body: text });

  const path = await owned();
  const given = await rawExchange(app, removed(path) + removed(path, CLOSE));
  expect(given.map(({ status }) => status).sort()).toEqual([204, 409]);
  for (const answer of given) checkedDocument(answer, { method: 'DELETE', path });
  expect(await statusOf(path)).toBe('refunded');
});

test('over HTTP/1.0, in chunks and after 100 Continue, payments and refunds are made', async () => {
  const [one, two, three] = [(await bill()).text, (await bill()).text, (await bill()).text];
  const chunks = `${two.length.toString(16)}\r\n${two}\r\n0\r\n\r\n`;
  const expecting = head(...POST, 'Expect: 100-continue', `Content-Length: ${three.length}`, CLOSE);
  const answers = [
    await rawAsk(app, posted(one).replace('HTTP/1.1', 'HTTP/1.0')),
    await rawAsk(app, head(...POST, 'Transfer-Encoding: chunked', CLOSE) + chunks),
    await rawAsk(app, expecting, (soFar) => (soFar.includes('100 Continue') ? three : undefined)),
    await rawAsk(app, removed(await owned()).replace('HTTP/1.1', 'HTTP/1.0')),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 204]);
});

test('of somebody who hangs up at once all is done, or nothing', async () => {
  for (let round = 0; round < 10; round += 1) {
    const [{ text, reservation }, path] = [await bill(), await owned()];
    await Promise.all([sendAndLeave(posted(text), 'destroy'), sendAndLeave(removed(path), 'destroy')]);
    await seen();
    await until(async () => (await underWay(pool)) === 0);
    expect(['active', 'paid']).toContain(await statusOf(reservation));
    expect(['completed', 'refunded']).toContain(await statusOf(path));
  }
});
