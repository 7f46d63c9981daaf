import { allRows, startApp, type TestApp } from '../support/app';
import { purchase, ticketOption } from '../support/builders';
import { ADDRESS_ROWS } from './bad-input/address.rows';
import { ATTRIBUTE_ROWS } from './bad-input/attribute.rows';
import { DOCUMENT_ROWS } from './bad-input/document.rows';
import { HEADER_ROWS } from './bad-input/header.rows';
import { JSON_ROWS } from './bad-input/json.rows';
import { OPTION, optionText, purchaseText, type Row, USER } from './bad-input/row';
import { ask, dataOf, errorsOf, J, json, type Wire } from './wire';

let app: TestApp;
let option = '';
let before = '';
beforeAll(async () => {
  app = await startApp();
  const post = async (path: string, body: unknown): Promise<string> =>
    dataOf(await ask(app, { method: 'POST', path, body: json(body) })).id;
  option = await post('/ticket_options', ticketOption());
  const limited = await post('/ticket_options', ticketOption({ max_per_user: 50 }));
  for (const ticketOption of [option, limited])
    await post('/purchases', purchase({ ticketOption, user: USER })); // so that no table is empty
});
afterAll(() => app.stop());
beforeEach(async () => {
  before = await allRows(app.database);
});

const real = ({ path, body, ...rest }: Wire): Wire => ({
  ...rest,
  path: path.replace(OPTION, option),
  ...(body !== undefined && { body: typeof body === 'string' ? body.replaceAll(OPTION, option) : body }),
});

describe.each<[string, readonly Row[]]>([
  ['JSON', JSON_ROWS],
  ['documents', DOCUMENT_ROWS],
  ['attributes', ATTRIBUTE_ROWS],
  ['headers', HEADER_ROWS],
  ['addresses', ADDRESS_ROWS],
])('%s: refused, and nothing is changed', (_, rows) => {
  test.each(rows.map(([sent, ...rest]) => ({ sent, rest })))('$sent', async ({ rest }) => {
    const [wire, status, ...expected] = rest;
    const answer = await ask(app, real(wire));
    expect(answer.status).toBe(status);
    const told = errorsOf(answer).map(({ code, source }) => (source === undefined ? [code] : [code, source]));
    expect(told).toEqual(expected);
    expect(await allRows(app.database)).toBe(before);
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
    expect(answer.status).toBe(201);
    expect(await allRows(app.database)).not.toBe(before);
  });

  test('leaves the prototypes of the process as they were', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    expect(Object.hasOwn(Object, 'b')).toBe(false);
  });
});
