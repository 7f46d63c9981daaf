import { allRows, startApp, type TestApp } from '../support/app';
import { ADDRESS_ROWS } from './bad-input/address.rows';
import { ATTRIBUTE_ROWS } from './bad-input/attribute.rows';
import { CHANGE_ROWS } from './bad-input/change.rows';
import { DOCUMENT_ROWS } from './bad-input/document.rows';
import { EVENT_ROWS } from './bad-input/event.rows';
import { HEADER_ROWS } from './bad-input/header.rows';
import { JSON_ROWS } from './bad-input/json.rows';
import { LIST_ROWS } from './bad-input/list.rows';
import { OWNED_ROWS } from './bad-input/owned.rows';
import { PAYING_ROWS } from './bad-input/paying.rows';
import { PAYMENT_ROWS } from './bad-input/payment.rows';
import { RESERVATION_ROWS } from './bad-input/reservation.rows';
import {
  EVENT,
  optionText,
  PAYABLE,
  PAYMENT,
  paymentText,
  post,
  PURCHASE,
  purchaseText,
  RESERVATION,
  type Row,
  toReservation,
} from './bad-input/row';
import { makeAll, type StandIns } from './bad-input/stand-ins';
import { STATISTICS_ROWS } from './bad-input/statistics.rows';
import { string } from './bad-input/values';
import { ask, dataOf, errorOf, errorsOf, J, type Wire } from './wire';

let app: TestApp;
let standIns: StandIns = [];
/** Every row after the last request. */
let before = '';
beforeAll(async () => {
  // Giving back what is over would change what a request has not changed.
  app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '0' } });
  standIns = await makeAll(app);
  before = await allRows(app.database);
});
afterAll(() => app.stop());

/** @returns whether any row is another than after the last request. */
async function isChanged(): Promise<boolean> {
  const was = before;
  before = await allRows(app.database);
  return before !== was;
}

const withIds = (text: string): string =>
  standIns.reduce((replaced, [name, id]) => replaced.replaceAll(name, id), text);
const real = ({ path, body, ...rest }: Wire): Wire => ({
  ...rest,
  path: withIds(path),
  ...(body !== undefined && { body: typeof body === 'string' ? withIds(body) : body }),
});

describe.each<[string, readonly Row[]]>([
  ['JSON', JSON_ROWS],
  ['documents', DOCUMENT_ROWS],
  ['attributes', ATTRIBUTE_ROWS],
  ['headers', HEADER_ROWS],
  ['addresses', ADDRESS_ROWS],
  ['reservations', RESERVATION_ROWS],
  ['changes', CHANGE_ROWS],
  ['events', EVENT_ROWS],
  ['lists', LIST_ROWS],
  ['documents of payments', PAYMENT_ROWS],
  ['payments', PAYING_ROWS],
  ['what was bought', OWNED_ROWS],
  ['statistics', STATISTICS_ROWS],
])('%s: refused, and nothing is changed', (_, rows) => {
  test.each(rows.map(([sent, ...rest]) => ({ sent, rest })))('$sent', async ({ rest }) => {
    const [wire, status, ...expected] = rest;
    const answer = await ask(app, real(wire));
    expect(await isChanged()).toBe(false);
    expect(answer.status).toBe(status);
    const told = errorsOf(answer).map(({ code, source }) => (source === undefined ? [code] : [code, source]));
    expect(told).toEqual(expected);
  });
});

test.each([
  ['/payments', 'POST'],
  [`/payments/${PAYMENT}`, 'GET, HEAD'],
  [`/purchases/${PURCHASE}`, 'GET, HEAD, DELETE'],
  [`/purchases/${PURCHASE}/tickets`, 'GET, HEAD'],
  [`/purchases/${PURCHASE}/tickets/1`, 'GET, HEAD'],
  ['/statistics/totals', 'GET, HEAD'],
  ['/statistics/events', 'GET, HEAD'],
  [`/statistics/events/${EVENT}`, 'GET, HEAD'],
  ['/statistics/kinds', 'GET, HEAD'],
  ['/statistics/kinds/vip', 'GET, HEAD'],
  ['/statistics/sales', 'GET, HEAD'],
])(
  '%s takes no other methods than %s, with or without a body, and nothing is changed',
  async (path, allow) => {
    const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'].filter(
      (method) => !allow.split(', ').includes(method),
    );
    for (const method of others)
      for (const body of [undefined, '{', '{"data":null}']) {
        const answer = await ask(app, real({ method, path, ...(body !== undefined && { body }) }));
        expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
        expect(errorsOf(answer).map(({ code }) => code)).toEqual(['method_not_allowed']);
      }
    expect(await isChanged()).toBe(false);
  },
);

test.each([
  ...[
    '"GBP"',
    '"eur"',
    '"EUR "',
    '" EUR"',
    '"ＥＵＲ"',
    '"EURO"',
    '"€"',
    '"\\"`\\n"',
    '"__proto__"',
    '"constructor"',
  ],
  ...[string(1), string(20), string(20, '😀')],
])('of a payment in the currency %s no more than the attempt is kept', async (currency) => {
  const payable = withIds(PAYABLE);
  const ofOthers = (): string[] =>
    before.split('\n').filter((line) => !line.includes(payable) && !line.startsWith('payments: '));
  const was = ofOthers();
  const answer = await ask(app, real(post('/payments', paymentText({ currency }))));
  expect(await isChanged()).toBe(true);
  expect(ofOthers()).toEqual(was);
  const { status, code, detail, source, meta } = errorOf(answer);
  expect([answer.status, status, code]).toEqual([400, '400', 'currency_error']);
  expect(source).toEqual({ pointer: '/data/attributes/currency' });
  expect(detail).toBe(`Currency ${String(JSON.parse(currency))} not supported`);
  const attempt = await ask(app, { method: 'GET', path: `/payments/${String(meta?.['payment_id'])}` });
  expect(dataOf(attempt).attributes).toMatchObject({ status: 'failed', failure_code: 'currency_error' });
  const reservation = await ask(app, { method: 'GET', path: `/reservations/${payable}` });
  expect(dataOf(reservation).attributes).toMatchObject({ status: 'active' });
});

describe('what looks bad, and is taken', () => {
  const options = (body: string, headers?: Wire['headers']): Wire => ({
    method: 'POST',
    path: '/ticket_options',
    body,
    ...(headers !== undefined && { headers }),
  });
  const purchases = (body: string): Wire => ({ method: 'POST', path: '/purchases', body });
  const withType = (type: string): Wire => options(optionText(), { 'content-type': type });
  const withAccept = (accept: string | undefined): Wire => options(optionText(), { accept });
  const proto = (text: string, before: string): string =>
    text.replace(before, `"__proto__":{"a":1},"constructor":{"b":1},${before}`);

  test.each<[string, Wire]>([
    ['a body of exactly the limit', options(optionText().padEnd(65_536))],
    [
      'a body of exactly the limit in chunks',
      options(optionText().padEnd(65_536), { 'transfer-encoding': 'chunked' }),
    ],
    [
      '32 levels',
      options(optionText().replace('{"data"', `{"meta":${'['.repeat(31)}${']'.repeat(31)},"data"`)),
    ],
    [
      'colons in strings',
      options(optionText({ kind: '"::\\":\\"::"', description: '"{\\"a\\":1,\\"a\\":2}"' })),
    ],
    [
      'the same member in two objects',
      options(optionText().replace('{"data"', '{"meta":[{"a":1},{"a":1}],"data"')),
    ],
    ['B5 __proto__ and constructor at the top', options(proto(optionText(), '"data"'))],
    ['B5 __proto__ and constructor in the resource', options(proto(optionText(), '"type"'))],
    [
      'B5 __proto__ and constructor in a relationship',
      purchases(proto(purchaseText(), '"data":{"type":"users"')),
    ],
    ['B5 __proto__ and constructor in an identifier', purchases(proto(purchaseText(), '"id"'))],
    [
      'B5 __proto__ and constructor in a payment',
      post('/payments', proto(paymentText(), '"type":"payments"')),
    ],
    [
      'attributes in the identifier of what is paid',
      post(
        '/payments',
        paymentText({
          reservation: toReservation(RESERVATION).replace('"type"', '"attributes":{"status":5},"type"'),
        }),
      ),
    ],
    ['a quantity of 2.0', purchases(purchaseText({ quantity: '2.0' }))],
    ['A5 an unknown profile', withType(`${J}; profile="https://e.x/p"`)],
    ['A5 an unknown profile in Accept', withAccept(`${J}; profile="https://e.x/p"`)],
    ['A7 a clean instance beside a modified one', withAccept(`${J}; charset=utf-8, ${J}`)],
    ['A8 a clean instance beside one with an extension', withAccept(`${J}; ext="https://e.x/none", ${J}`)],
    ['A9 a weight', withAccept(`${J};q=0.5`)],
    ['A9 an extension of greater weight', withAccept(`${J}; ext="https://e.x/none";q=1, ${J};q=0.1`)],
    ['A10 no Accept', withAccept(undefined)],
    ['A10 an empty Accept', withAccept('')],
    ['A10 */*', withAccept('*/*')],
    ['A10 application/*', withAccept('text/html, application/*;q=0.1')],
    ['A10 application/json in Accept', withAccept('application/json')],
    [
      'A10 what a browser sends',
      withAccept('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'),
    ],
    ['A11 application/json', withType('application/json')],
    ['A11 application/json with its charset', withType('application/json; charset=UTF-8')],
    ['A14 the type in other letters', withType('Application/VND.API+JSON')],
    ['A14 the type in other letters in Accept', withAccept('APPLICATION/vnd.API+json')],
    ['A14 a profile in other letters', withType(`${J} ;PROFILE="a  b"`)],
    ['A14 an empty list of extensions', withType(`${J}; ext=""`)],
    ['a content coding that changes nothing', options(optionText(), { 'content-encoding': 'identity' })],
  ])('%s', async (_, wire) => {
    const answer = await ask(app, real(wire));
    expect(await isChanged()).toBe(true);
    expect(answer.status).toBe(201);
  });

  test('leaves the prototypes of the process as they were', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    expect(Object.hasOwn(Object, 'b')).toBe(false);
  });
});
