import { allRows, startApp, type TestApp } from '../support/app';
import { purchase } from '../support/builders';
import { ADDRESS_ROWS } from './bad-input/address.rows';
import { ATTRIBUTE_ROWS } from './bad-input/attribute.rows';
import { CHANGE_ROWS } from './bad-input/change.rows';
import { DOCUMENT_ROWS } from './bad-input/document.rows';
import { EVENT_ROWS } from './bad-input/event.rows';
import { HEADER_ROWS } from './bad-input/header.rows';
import { JSON_ROWS } from './bad-input/json.rows';
import { LIST_ROWS } from './bad-input/list.rows';
import { RESERVATION_ROWS } from './bad-input/reservation.rows';
import {
  ELSEWHERE,
  EVENT,
  EVENT_END,
  EVENT_START,
  OPTION,
  optionText,
  purchaseText,
  RESERVATION,
  type Row,
  SALES_END,
  SALES_START,
  SECOND,
  USER,
} from './bad-input/row';
import { Client } from './client';
import { ask, errorsOf, J, type Wire } from './wire';

let app: TestApp;
/** What stands in the rows for something that is there, and its id. */
let ids: readonly (readonly [string, string])[] = [];
/** Every row after the last request. */
let before = '';
beforeAll(async () => {
  app = await startApp();
  const client = new Client(app);
  const event = await client.event({ starts_at: EVENT_START, ends_at: EVENT_END });
  const option = await client.option({}, event.id);
  const second = await client.option({ sales_start_at: SALES_START, sales_end_at: SALES_END }, event.id);
  const elsewhere = await client.option({ max_per_user: 50 });
  for (const ticketOption of [option.id, elsewhere.id])
    // so that no table is empty
    await client.post('/purchases', purchase({ ticketOption, user: USER }));
  const reservation = await client.reserveSeveral([
    [option.id, 2],
    [second.id, 1],
  ]);
  ids = [
    [OPTION, option.id],
    [SECOND, second.id],
    [ELSEWHERE, elsewhere.id],
    [EVENT, event.id],
    [RESERVATION, reservation.id],
  ];
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
  ids.reduce((replaced, [name, id]) => replaced.replaceAll(name, id), text);
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
