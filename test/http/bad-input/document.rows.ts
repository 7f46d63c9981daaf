import { at, type Expected, NOTHING, OPTION, optionText, post, purchaseText, type Row, USER } from './row';

const toOptions = (sent: string, body: string, status: number, ...errors: Expected[]): Row => [
  `${sent} in an option`,
  post('/ticket_options', body),
  status,
  ...errors,
];
const toPurchases = (sent: string, body: string, status: number, ...errors: Expected[]): Row => [
  `${sent} in a purchase`,
  post('/purchases', body),
  status,
  ...errors,
];
const invalid = (body: string, pointer: string): Row =>
  toOptions(body, body, 400, ['invalid_document', at(pointer)]);
const resource = (text: string): string => `{"data":{"type":"ticket_options",${text}}}`;
const ATTRIBUTES = '"attributes":{"name":"n","allocation":5}';

const relationship = (sent: string, pointer: string): Row[] => [
  toPurchases(`ticket_option ${sent}`, purchaseText({ ticket_option: sent }), 400, [
    'invalid_relationship',
    at(`/data/relationships/ticket_option${pointer}`),
  ]),
  toPurchases(`user ${sent}`, purchaseText({ user: sent }), 400, [
    'invalid_relationship',
    at(`/data/relationships/user${pointer}`),
  ]),
];
const event = (sent: string, pointer: string): Row =>
  toOptions(`event ${sent}`, resource(`${ATTRIBUTES},"relationships":{"event":${sent}}`), 400, [
    'invalid_relationship',
    at(`/data/relationships/event${pointer}`),
  ]);

/** What looks like a UUID, and is none. */
const NO_UUIDS = [
  'abc',
  '1',
  '-1',
  ' ',
  `{${USER}}`,
  `urn:uuid:${USER}`,
  ` ${USER}`,
  `${USER}\\n`,
  USER.replaceAll('-', ''),
  USER.replace('2', 'g'),
  `${USER}2`,
  '\\u0000',
  '\\ud800',
  "' OR 1=1 --",
  '__proto__',
  'a'.repeat(10_000),
];

const CLIENT_IDS = [`"${NOTHING}"`, '""', 'null', '5', '{}', '[]', 'true'];

/** The shape of the document, and what it refers to. */
export const DOCUMENT_ROWS: readonly Row[] = [
  ...['null', '[]', '"x"', '5', 'true', '{}', '{"Data":{}}', '{"errors":[]}'].map((body) =>
    invalid(body, ''),
  ),
  ...['null', '[]', '"x"', '5', 'true', `[${resource(ATTRIBUTES).slice(8, -1)}]`].map((data) =>
    invalid(`{"data":${data}}`, '/data'),
  ),
  invalid(`{"data":{${ATTRIBUTES}}}`, '/data'),
  ...['null', '5', '{}', '["ticket_options"]'].map((type) =>
    invalid(`{"data":{"type":${type},${ATTRIBUTES}}}`, '/data/type'),
  ),
  ...['null', '[]', '"x"', '5'].flatMap((group) => [
    invalid(resource(`"attributes":${group}`), '/data/attributes'),
    invalid(resource(`${ATTRIBUTES},"relationships":${group}`), '/data/relationships'),
  ]),

  ...['purchases', 'Ticket_options', 'ticket_option', '', '__proto__'].map((type) =>
    toOptions(`D2 the type "${type}"`, `{"data":{"type":"${type}",${ATTRIBUTES}}}`, 409, [
      'type_conflict',
      at('/data/type'),
    ]),
  ),
  toPurchases('D2 the type ticket_options', optionText(), 409, ['type_conflict', at('/data/type')]),
  ...CLIENT_IDS.flatMap((id) => [
    toOptions(`D3 the id ${id}`, resource(`"id":${id},${ATTRIBUTES}`), 403, [
      'client_id_forbidden',
      at('/data/id'),
    ]),
    toPurchases(`D3 the id ${id}`, purchaseText().replace('"type"', `"id":${id},"type"`), 403, [
      'client_id_forbidden',
      at('/data/id'),
    ]),
  ]),

  toPurchases(
    'no relationships',
    '{"data":{"type":"purchases","attributes":{"quantity":1}}}',
    400,
    ['invalid_relationship', at('/data')],
    ['invalid_relationship', at('/data')],
  ),
  toPurchases('no ticket_option', purchaseText({ ticket_option: undefined }), 400, [
    'invalid_relationship',
    at('/data/relationships'),
  ]),
  toPurchases('no user', purchaseText({ user: undefined }), 400, [
    'invalid_relationship',
    at('/data/relationships'),
  ]),
  ...['null', '[]', '"x"', '5', '{}', '{"links":{"related":"/x"}}', '{"meta":{}}', '{"Data":null}'].flatMap(
    (sent) => [...relationship(sent, ''), event(sent, '')],
  ),
  ...relationship('{"data":null}', '/data'),
  ...['[]', '"x"', '5', `[{"type":"users","id":"${USER}"}]`].flatMap((data) => [
    ...relationship(`{"data":${data}}`, '/data'),
    event(`{"data":${data}}`, '/data'),
  ]),
  ...['{}', `{"id":"${USER}"}`].flatMap((data) => [
    ...relationship(`{"data":${data}}`, '/data'),
    event(`{"data":${data}}`, '/data'),
  ]),
  ...['"purchases"', 'null', '5', '""', '{}'].flatMap((type) => [
    ...relationship(`{"data":{"type":${type},"id":"${USER}"}}`, '/data/type'),
    event(`{"data":{"type":${type},"id":"${USER}"}}`, '/data/type'),
  ]),
  toPurchases(
    'D11 a user as ticket_option',
    purchaseText({ ticket_option: `{"data":{"type":"users","id":"${OPTION}"}}` }),
    400,
    ['invalid_relationship', at('/data/relationships/ticket_option/data/type')],
  ),
  toPurchases(
    'a ticket_option without id',
    purchaseText({ ticket_option: '{"data":{"type":"ticket_options"}}' }),
    400,
    ['invalid_relationship', at('/data/relationships/ticket_option/data')],
  ),
  toPurchases(
    'a ticket_option with lid',
    purchaseText({ ticket_option: '{"data":{"type":"ticket_options","lid":"1"}}' }),
    400,
    ['invalid_relationship', at('/data/relationships/ticket_option/data')],
  ),
  ...['5', 'null', '""', '{}', '[]', 'true'].flatMap((id): Row[] => [
    toPurchases(
      `the ticket_option ${id}`,
      purchaseText({ ticket_option: `{"data":{"type":"ticket_options","id":${id}}}` }),
      400,
      ['invalid_relationship', at('/data/relationships/ticket_option/data/id')],
    ),
    toPurchases(`the user ${id}`, purchaseText({ user: `{"data":{"type":"users","id":${id}}}` }), 400, [
      'invalid_relationship',
      at('/data/relationships/user/data/id'),
    ]),
    event(`{"data":{"type":"events","id":${id}}}`, '/data/id'),
  ]),
  ...NO_UUIDS.flatMap((id): Row[] => [
    toPurchases(
      `the user "${id.slice(0, 50)}"`,
      purchaseText({ user: `{"data":{"type":"users","id":"${id}"}}` }),
      400,
      ['invalid_relationship', at('/data/relationships/user/data/id')],
    ),
    toPurchases(
      `D8 the ticket_option "${id.slice(0, 50)}"`,
      purchaseText({ ticket_option: `{"data":{"type":"ticket_options","id":"${id}"}}` }),
      404,
      ['not_found', at('/data/relationships/ticket_option/data/id')],
    ),
    toOptions(
      `D8 the event "${id.slice(0, 50)}"`,
      resource(`${ATTRIBUTES},"relationships":{"event":{"data":{"type":"events","id":"${id}"}}}`),
      404,
      ['not_found', at('/data/relationships/event/data/id')],
    ),
  ]),
  toPurchases(
    'D8 an unknown ticket_option',
    purchaseText({ ticket_option: `{"data":{"type":"ticket_options","id":"${NOTHING}"}}` }),
    404,
    ['not_found', at('/data/relationships/ticket_option/data/id')],
  ),
  toOptions(
    'D8 an unknown event',
    resource(`${ATTRIBUTES},"relationships":{"event":{"data":{"type":"events","id":"${NOTHING}"}}}`),
    404,
    ['not_found', at('/data/relationships/event/data/id')],
  ),
  ...['payment', 'tickets', 'reservation', 'Event', '__proto__', 'constructor', 'a/b~c'].map((name) =>
    toOptions(
      `the relationship ${name}`,
      resource(`${ATTRIBUTES},"relationships":{"${name}":{"data":null}}`),
      400,
      ['invalid_relationship', at(`/data/relationships/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)],
    ),
  ),

  toOptions('the document under __proto__', `{"__proto__":${resource(ATTRIBUTES)}}`, 400, [
    'invalid_document',
    at(''),
  ]),
  toOptions(
    'the resource under __proto__',
    `{"data":{"__proto__":{"type":"ticket_options",${ATTRIBUTES}}}}`,
    400,
    ['invalid_document', at('/data')],
    ['invalid_attribute', at('/data')],
    ['invalid_attribute', at('/data')],
  ),
  toOptions(
    'the attributes under __proto__',
    resource('"attributes":{"__proto__":{"name":"n","allocation":5}}'),
    400,
    ['invalid_attribute', at('/data/attributes/__proto__')],
    ['invalid_attribute', at('/data/attributes')],
    ['invalid_attribute', at('/data/attributes')],
  ),
  toPurchases(
    'the relationship under __proto__',
    purchaseText({ user: `{"__proto__":{"data":{"type":"users","id":"${USER}"}}}` }),
    400,
    ['invalid_relationship', at('/data/relationships/user')],
  ),
  toPurchases(
    'the identifier under __proto__',
    purchaseText({ user: `{"data":{"__proto__":{"type":"users","id":"${USER}"}}}` }),
    400,
    ['invalid_relationship', at('/data/relationships/user/data')],
  ),

  toPurchases(
    'everything wrong at once',
    `{"data":{"type":"purchases","id":"x","attributes":{"quantity":0,"status":"x","a":1},"relationships":{"user":null,"b":{}}}}`,
    400,
    ['invalid_attribute', at('/data/attributes/a')],
    ['invalid_attribute', at('/data/attributes/quantity')],
    ['invalid_relationship', at('/data/relationships/user')],
    ['invalid_relationship', at('/data/relationships/b')],
    ['invalid_relationship', at('/data/relationships')],
    ['client_id_forbidden', at('/data/id')],
    ['read_only', at('/data/attributes/status')],
  ),
  [
    'a wrong query and a wrong body',
    post('/purchases?sort=x', purchaseText({ quantity: '0' })),
    400,
    ['invalid_attribute', at('/data/attributes/quantity')],
    ['invalid_parameter', { parameter: 'sort' }],
  ],
];
