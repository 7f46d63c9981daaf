import { at, type Expected, optionText, post, purchaseText, type Row } from './row';
import { NO_INSTANTS, NO_INTEGERS, NO_TEXTS, string } from './values';

/** An option whose attribute is this JSON text. */
const option = (name: string, text: string): Row => [
  `${name}: ${text.slice(0, 60)}`,
  post('/ticket_options', optionText({ [name]: text })),
  400,
  ['invalid_attribute', at(`/data/attributes/${name}`)],
];
const options = (name: string, ...texts: string[]): Row[] => texts.map((text) => option(name, text));
const purchase = (text: string): Row => [
  `quantity: ${text}`,
  post('/purchases', purchaseText({ quantity: text })),
  400,
  ['invalid_attribute', at('/data/attributes/quantity')],
];
const row = (sent: string, path: string, body: string, status: number, ...errors: Expected[]): Row => [
  sent,
  post(path, body),
  status,
  ...errors,
];
const readOnly = (name: string): Row =>
  row(`${name}, which is read-only`, '/ticket_options', optionText({ [name]: '1' }), 403, [
    'read_only',
    at(`/data/attributes/${name}`),
  ]);
const unknown = (name: string): Row =>
  row(
    `the attribute ${JSON.stringify(name).slice(0, 60)}`,
    '/ticket_options',
    optionText({ [name]: '1' }),
    400,
    ['invalid_attribute', at(`/data/attributes/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)],
  );
const window = (start: string, end: string): Row =>
  row(
    `sales from ${start} to ${end}`,
    '/ticket_options',
    optionText({ sales_start_at: `"${start}"`, sales_end_at: `"${end}"` }),
    400,
    ['invalid_attribute', at('/data/attributes/sales_end_at')],
  );

/** Values that attributes cannot take. */
export const ATTRIBUTE_ROWS: readonly Row[] = [
  ...[
    '2147483648',
    '1e400',
    '"2"',
    '2.5',
    '-1',
    '0',
    '-0',
    'null',
    'true',
    '[]',
    '{}',
    '[2]',
    '""',
    '1e-7',
  ].map(purchase),
  ...['9007199254740993', '-2147483649', '-1e400', 'false', '"two"', '{"quantity":2}'].map(purchase),
  row('no quantity', '/purchases', purchaseText({ quantity: undefined }), 400, [
    'invalid_attribute',
    at('/data/attributes'),
  ]),
  row(
    'Quantity for quantity',
    '/purchases',
    purchaseText().replace('"quantity"', '"Quantity"'),
    400,
    ['invalid_attribute', at('/data/attributes/Quantity')],
    ['invalid_attribute', at('/data/attributes')],
  ),
  row('no attributes of a purchase', '/purchases', purchaseText().replace(/"attributes":.*?},/, ''), 400, [
    'invalid_attribute',
    at('/data'),
  ]),
  row('more than remains', '/purchases', purchaseText({ quantity: '2147483647' }), 400, [
    'invalid_purchase_quantity',
    at('/data/attributes/quantity'),
  ]),

  row(
    'no attributes of an option',
    '/ticket_options',
    '{"data":{"type":"ticket_options"}}',
    400,
    ['invalid_attribute', at('/data')],
    ['invalid_attribute', at('/data')],
  ),
  row(
    'empty attributes of an option',
    '/ticket_options',
    '{"data":{"type":"ticket_options","attributes":{}}}',
    400,
    ['invalid_attribute', at('/data/attributes')],
    ['invalid_attribute', at('/data/attributes')],
  ),
  ...['name', 'allocation'].map((name) =>
    row(`no ${name}`, '/ticket_options', optionText({ [name]: undefined }), 400, [
      'invalid_attribute',
      at('/data/attributes'),
    ]),
  ),
  ...options(
    'name',
    ...NO_TEXTS,
    'null',
    '""',
    '" "',
    '"\\t\\n\\u00a0\\u2003"',
    string(201),
    string(201, '😀'),
  ),
  ...options('description', ...NO_TEXTS, string(10_001), string(10_001, '😀')),
  ...options('kind', ...NO_TEXTS, '""', '" "', string(51), string(51, '😀')),
  ...options('allocation', ...NO_INTEGERS, 'null'),
  ...options('price_cents', ...NO_INTEGERS, 'null', '100000001'),
  ...options('max_per_user', ...NO_INTEGERS, '0'),
  ...options('max_per_order', ...NO_INTEGERS, '0'),
  ...options('sales_start_at', ...NO_INSTANTS),
  ...options('sales_end_at', '"2026-06-01"', '5', '"infinity"'),
  window('2026-06-01T10:00:00Z', '2026-06-01T09:59:59.999Z'),
  window('2026-06-01T10:00:00Z', '2026-06-01T10:00:00Z'),
  window('2026-06-01T10:00:00.0009Z', '2026-06-01T10:00:00.0001Z'),
  window('2026-06-01T10:00:00Z', '2026-06-01T11:59:00+02:00'),
  row(
    'a sales window the wrong way round and an empty name',
    '/ticket_options',
    optionText({
      name: '""',
      sales_start_at: '"2026-06-01T10:00:00Z"',
      sales_end_at: '"2026-06-01T09:00:00Z"',
    }),
    400,
    ['invalid_attribute', at('/data/attributes/name')],
    ['invalid_attribute', at('/data/attributes/sales_end_at')],
  ),

  ...['number', 'remaining', 'reserved', 'sold', 'on_sale', 'currency', 'created_at', 'updated_at'].map(
    readOnly,
  ),
  ...['total_cents', 'currency', 'status', 'created_at'].map((name) =>
    row(
      `${name} of a purchase, which is read-only`,
      '/purchases',
      purchaseText().replace('"attributes":{', `"attributes":{"${name}":1,`),
      403,
      ['read_only', at(`/data/attributes/${name}`)],
    ),
  ),
  ...[
    'nope',
    'Name',
    'priceCents',
    'event',
    'id',
    'type',
    '',
    'a/b',
    'a~b',
    '~1',
    'a\u0000',
    '\ud800',
    'x'.repeat(1_000),
  ].map(unknown),
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then'].map(unknown),
];
