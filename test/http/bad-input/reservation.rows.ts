import {
  at,
  ELSEWHERE,
  type Expected,
  kindText,
  NOTHING,
  OPTION,
  post,
  reservationText,
  type Row,
  SECOND,
  severalText,
  USER,
} from './row';

const PATH = '/reservations';
const RELATIONSHIPS = '/data/relationships';
const LIST = `${RELATIONSHIPS}/ticket_options/data`;
const QUANTITY = at('/data/attributes/quantity');

const row = (sent: string, body: string, status: number, ...errors: Expected[]): Row => [
  sent.slice(0, 100),
  post(PATH, body),
  status,
  ...errors,
];
/** A list of kinds in which something is wrong. */
const kinds = (list: string, ...pointers: string[]): Row =>
  row(
    `the kinds ${list}`,
    severalText(list),
    400,
    ...pointers.map((pointer): Expected => ['invalid_relationship', at(`${LIST}${pointer}`)]),
  );
/** A list whose second kind is this. */
const second = (kind: string, ...pointers: string[]): Row =>
  kinds(`[${kindText(OPTION)},${kind}]`, ...pointers.map((pointer) => `/1${pointer}`));
const quantities = (texts: readonly string[]): Row[] =>
  texts.flatMap((text) => [
    row(`the quantity ${text}`, reservationText({ quantity: text }), 400, ['invalid_attribute', QUANTITY]),
    second(kindText(SECOND, `{"quantity":${text}}`), '/meta/quantity'),
  ]);
const withAttribute = (name: string, text: string): string =>
  reservationText().replace('"attributes":{', `"attributes":{"${name}":${text},`);
const withRelationship = (name: string, text: string): string =>
  reservationText().replace('"relationships":{', `"relationships":{"${name}":${text},`);
const twenty = Array.from({ length: 20 }, (_, index) => NOTHING.slice(0, -2) + String(10 + index));
const listOf = (...ids: string[]): string => `[${ids.map((id) => kindText(id)).join(',')}]`;

/** Both shapes of a new reservation. */
export const RESERVATION_ROWS: readonly Row[] = [
  row('no kind at all', reservationText({ ticket_option: undefined }), 400, [
    'invalid_relationship',
    at(RELATIONSHIPS),
  ]),
  row('no kind and no quantity', reservationText({ ticket_option: undefined, quantity: undefined }), 400, [
    'invalid_relationship',
    at(RELATIONSHIPS),
  ]),
  row(
    'neither kind nor user',
    '{"data":{"type":"reservations","attributes":{"quantity":1}}}',
    400,
    ['invalid_relationship', at('/data')],
    ['invalid_relationship', at('/data')],
  ),
  row('null for the kind', reservationText({ ticket_option: '{"data":null}' }), 400, [
    'invalid_relationship',
    at(`${RELATIONSHIPS}/ticket_option/data`),
  ]),
  row(
    'both shapes at once',
    reservationText({ ticket_options: `{"data":${listOf(SECOND)}}` }),
    400,
    ['invalid_attribute', QUANTITY],
    ['invalid_relationship', at(`${RELATIONSHIPS}/ticket_option/data/id`)],
  ),
  row(
    'both shapes at once without a quantity',
    reservationText({ quantity: undefined, ticket_options: `{"data":${listOf(SECOND)}}` }),
    400,
    ['invalid_relationship', at(`${RELATIONSHIPS}/ticket_option/data/id`)],
  ),
  row('a list of one kind with a quantity for all', severalText(listOf(OPTION), '1'), 400, [
    'invalid_attribute',
    QUANTITY,
  ]),
  row('no quantity', reservationText({ quantity: undefined }), 400, [
    'invalid_attribute',
    at('/data/attributes'),
  ]),
  row('no attributes', reservationText().replace(/"attributes":.*?},/, ''), 400, [
    'invalid_attribute',
    at('/data'),
  ]),
  row('no user', reservationText({ user: undefined }), 400, ['invalid_relationship', at(RELATIONSHIPS)]),
  ...['abc', `${USER}2`, '\\u0000', ''].map((id) =>
    row(`the user "${id}"`, reservationText({ user: `{"data":{"type":"users","id":"${id}"}}` }), 400, [
      'invalid_relationship',
      at(`${RELATIONSHIPS}/user/data/id`),
    ]),
  ),
  ...quantities(['0', '-0', '-1', '1.5', '1e-7', '2147483648', '42949672941', '1e20', '1e400', '-1e400']),
  ...quantities(['null', 'true', '"1"', '""', '[]', '[1]', '{}', '"\\u0000"']),
  ...['1000000000', '2147483647'].flatMap((text): Row[] => [
    row(`the quantity ${text}`, reservationText({ quantity: text }), 409, ['insufficient_tickets', QUANTITY]),
    row(
      `the quantity ${text} of one of two kinds`,
      severalText(`[${kindText(OPTION)},${kindText(SECOND, `{"quantity":${text}}`)}]`),
      409,
      ['insufficient_tickets', at(`${LIST}/1/meta/quantity`)],
    ),
  ]),

  ...['null', '{}', '"x"', '5', '[]', listOf(...twenty, OPTION)].map((list) => kinds(list, '')),
  kinds(kindText(OPTION), ''),
  ...['null', '[]', '"x"', '5', 'true'].map((kind) => second(kind, '')),
  second('{}', '', ''),
  second(`{"id":"${SECOND}","meta":{"quantity":1}}`, ''),
  second('{"type":"ticket_options","meta":{"quantity":1}}', ''),
  second('{"type":"ticket_options","lid":"1","meta":{"quantity":1}}', ''),
  ...['"users"', '"Ticket_options"', 'null', '5', '""'].map((type) =>
    second(`{"type":${type},"id":"${SECOND}","meta":{"quantity":1}}`, '/type'),
  ),
  ...['5', 'null', '""', '{}', '[]', 'true'].map((id) =>
    second(`{"type":"ticket_options","id":${id},"meta":{"quantity":1}}`, '/id'),
  ),
  second(`{"type":"ticket_options","id":"${SECOND}"}`, ''),
  second(kindText(SECOND, '{}'), '/meta'),
  ...['null', '[]', '"x"', '5', 'true'].map((meta) => second(kindText(SECOND, meta), '/meta')),
  second(kindText(SECOND, '{"Quantity":1}'), '/meta/Quantity', '/meta'),
  second(kindText(SECOND, '{"quantity":1,"a/b~c":1}'), '/meta/a~1b~0c'),
  second(kindText(SECOND, '{"quantity":1,"__proto__":1}'), '/meta/__proto__'),
  second(kindText(SECOND, '{"__proto__":{"quantity":1}}'), '/meta/__proto__', '/meta'),
  row('a price in meta', severalText(`[${kindText(OPTION, '{"quantity":1,"unit_price_cents":0}')}]`), 403, [
    'read_only',
    at(`${LIST}/0/meta/unit_price_cents`),
  ]),

  kinds(listOf(OPTION, OPTION), '/1/id'),
  kinds(listOf(OPTION, SECOND, OPTION, SECOND, OPTION), '/2/id', '/3/id', '/4/id'),
  kinds(listOf('abcdefab-1111-4111-8111-111111111111', 'ABCDEFAB-1111-4111-8111-111111111111'), '/1/id'),
  kinds(listOf('abc', 'ABC'), '/1/id'),
  kinds(listOf(OPTION, ELSEWHERE), '/1/id'),
  kinds(listOf(ELSEWHERE, OPTION, SECOND), '/1/id'),
  ...[
    NOTHING,
    'abc',
    '\\u0000',
    '\\ud800',
    `{${SECOND}}`,
    ` ${SECOND}`,
    '__proto__',
    'x'.repeat(10_000),
  ].flatMap((id): Row[] => [
    row(`D8 the kind "${id}" in a list`, severalText(listOf(OPTION, id)), 404, [
      'not_found',
      at(`${LIST}/1/id`),
    ]),
    row(
      `D8 the kind "${id}"`,
      reservationText({ ticket_option: `{"data":{"type":"ticket_options","id":"${id}"}}` }),
      404,
      ['not_found', at(`${RELATIONSHIPS}/ticket_option/data/id`)],
    ),
  ]),
  ...['null', '[]', '"x"', '{}', '{"links":{}}', '{"meta":{}}'].flatMap((sent): Row[] => [
    row(
      `ticket_options ${sent}`,
      reservationText({ quantity: undefined, ticket_option: undefined, ticket_options: sent }),
      400,
      ['invalid_relationship', at(`${RELATIONSHIPS}/ticket_options`)],
    ),
    row(`ticket_option ${sent}`, reservationText({ ticket_option: sent }), 400, [
      'invalid_relationship',
      at(`${RELATIONSHIPS}/ticket_option`),
    ]),
  ]),

  ...['status', 'total_cents', 'currency', 'expires_at', 'created_at'].map((name) =>
    row(`${name}, which is read-only`, withAttribute(name, '"active"'), 403, [
      'read_only',
      at(`/data/attributes/${name}`),
    ]),
  ),
  ...['event', 'payment', 'purchases'].map((name) =>
    row(`the ${name}, which is read-only`, withRelationship(name, '{"data":null}'), 403, [
      'read_only',
      at(`${RELATIONSHIPS}/${name}`),
    ]),
  ),
  ...['payments', 'purchase', 'tickets', 'Ticket_option'].map((name) =>
    row(`the relationship ${name}`, withRelationship(name, '{"data":null}'), 400, [
      'invalid_relationship',
      at(`${RELATIONSHIPS}/${name}`),
    ]),
  ),
  ...['Quantity', 'user', 'expiresAt'].map((name) =>
    row(`the attribute ${name}`, withAttribute(name, '1'), 400, [
      'invalid_attribute',
      at(`/data/attributes/${name}`),
    ]),
  ),
  ...['purchases', 'reservation', ''].map((type) =>
    row(`D2 the type "${type}"`, reservationText().replace('"reservations"', `"${type}"`), 409, [
      'type_conflict',
      at('/data/type'),
    ]),
  ),
  ...[`"${NOTHING}"`, '""', 'null', '5'].map((id) =>
    row(`D3 the id ${id}`, reservationText().replace('"type"', `"id":${id},"type"`), 403, [
      'client_id_forbidden',
      at('/data/id'),
    ]),
  ),
  row('a member twice in an identifier', severalText(listOf(OPTION).replace('"id"', '"id":"x","id"')), 400, [
    'malformed_json',
  ]),
  row('a quantity twice', severalText(`[${kindText(OPTION, '{"quantity":1,"quantity":1}')}]`), 400, [
    'malformed_json',
  ]),
  row('kinds 10,000 deep', severalText('['.repeat(10_000) + ']'.repeat(10_000)), 400, [
    'invalid_document',
    at(''),
  ]),
  [
    'a wrong type of body',
    post(PATH, reservationText(), { 'content-type': 'text/plain' }),
    415,
    ['unsupported_media_type', { header: 'Content-Type' }],
  ],
  ['no body', { method: 'POST', path: PATH }, 400, ['malformed_json']],
  [
    'an unknown parameter',
    post(`${PATH}?include=event&foo=1`, reservationText()),
    400,
    ['invalid_parameter', { parameter: 'include' }],
    ['invalid_parameter', { parameter: 'foo' }],
  ],
  row(
    'everything wrong at once',
    `{"data":{"type":"reservations","id":"x","attributes":{"quantity":0,"status":"x","a":1},"relationships":{"user":null,"b":{},"ticket_options":{"data":[${kindText('x', '{"unit_price_cents":1}')}]}}}}`,
    400,
    ['invalid_attribute', at('/data/attributes/a')],
    ['invalid_attribute', QUANTITY],
    ['invalid_relationship', at(`${RELATIONSHIPS}/user`)],
    ['invalid_relationship', at(`${RELATIONSHIPS}/b`)],
    ['invalid_relationship', at(`${LIST}/0/meta`)],
    ['client_id_forbidden', at('/data/id')],
    ['read_only', at('/data/attributes/status')],
    ['read_only', at(`${LIST}/0/meta/unit_price_cents`)],
  ),
];
