import {
  at,
  byParameter,
  CANCELLED,
  EXPIRED,
  type Expected,
  get,
  NOTHING,
  PAID,
  PAYING,
  PAYMENT,
  paymentText,
  post,
  PURCHASE,
  type Row,
  toReservation,
  VOID,
} from './row';

const PATH = '/payments';
const AT_RESERVATION = '/data/relationships/reservation';

const row = (sent: string, body: string, status: number, ...errors: Expected[]): Row => [
  sent.slice(0, 100),
  post(PATH, body),
  status,
  ...errors,
];
/** A reservation that is not to be paid. */
const closed = (id: string, code: Expected[0], parts: Parameters<typeof paymentText>[0] = {}): Row =>
  row(
    `${code} with ${JSON.stringify(parts)}`,
    paymentText({ reservation: toReservation(id), ...parts }),
    409,
    [code, at(`${AT_RESERVATION}/data/id`)],
  );

/** What is wrong with the reservation is told after what is wrong with the document, and before the currency. */
const STATES: readonly Row[] = [
  closed(EXPIRED, 'reservation_expired'),
  closed(CANCELLED, 'reservation_cancelled'),
  closed(PAID, 'reservation_paid'),
  closed(PAYING, 'reservation_in_payment'),
  closed(VOID, 'event_cancelled'),
  closed(VOID, 'event_cancelled', { token: undefined, currency: '"GBP"' }),
  ...['"card_error"', '"payment_error"'].map((token) => closed(PAID, 'reservation_paid', { token })),
  closed(PAID, 'reservation_paid', { currency: '"GBP"' }),
  closed(EXPIRED, 'reservation_expired', {
    reservation: toReservation(EXPIRED).replace('"type"', '"attributes":{"status":"active"},"type"'),
  }),
  ...[EXPIRED, PAID, PAYING].map((id) =>
    row(
      'no token for a reservation that is not to be paid',
      paymentText({ token: undefined, reservation: toReservation(id) }),
      400,
      ['invalid_attribute', at('/data')],
    ),
  ),
  row('neither a token nor a reservation', paymentText({ token: undefined, reservation: undefined }), 400, [
    'invalid_relationship',
    at('/data/relationships'),
  ]),
  row(
    'everything wrong at once',
    '{"data":{"type":"payments","id":"x","attributes":{"token":"","currency":5,"status":"x","a":1},"relationships":{"reservation":null,"b":{},"purchases":5}}}',
    400,
    ['invalid_attribute', at('/data/attributes/a')],
    ['invalid_attribute', at('/data/attributes/token')],
    ['invalid_attribute', at('/data/attributes/currency')],
    ['invalid_relationship', at(AT_RESERVATION)],
    ['invalid_relationship', at('/data/relationships/b')],
    ['client_id_forbidden', at('/data/id')],
    ['read_only', at('/data/attributes/status')],
    ['read_only', at('/data/relationships/purchases')],
  ),
];

const HEADERS: readonly Row[] = [
  ...[
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/vnd.api+json; charset=utf-8',
    undefined,
  ].map((type): Row => [
    `the Content-Type ${type ?? 'missing'}`,
    post(PATH, paymentText(), { 'content-type': type }),
    415,
    ['unsupported_media_type', { header: 'Content-Type' }],
  ]),
  [
    'a body that is said to be encoded',
    post(PATH, paymentText(), { 'content-encoding': 'gzip' }),
    415,
    ['unsupported_media_type', { header: 'Content-Encoding' }],
  ],
  [
    'an answer that is not there',
    post(PATH, paymentText(), { accept: 'text/html' }),
    406,
    ['not_acceptable', { header: 'Accept' }],
  ],
];

const asked = (query: string, wire: (path: string) => Row[1], path: string): Row => [
  `E1 ${path}?${query}`,
  wire(`${path}?${query}`),
  400,
  byParameter(query.split('=')[0] ?? ''),
];
const paid = (path: string): Row[1] => post(path, paymentText());
const absent = (path: string): Row => [`C2 GET ${path.slice(0, 80)}`, get(path), 404, ['not_found']];

/** What is not to be paid, and everything about payments that is not in their documents. */
export const PAYING_ROWS: readonly Row[] = [
  ...STATES,
  ...HEADERS,
  ...['include=', 'include=purchases', 'sort=status', 'page[size]=1', 'filter[user]=x', 'foo'].map((query) =>
    asked(query, paid, PATH),
  ),
  ...['fields[payments]=token', 'fields[payments]=nope', 'fields[purchases]=nope', 'fields[nope]='].flatMap(
    (query) => [asked(query, paid, PATH), asked(query, get, `${PATH}/${PAYMENT}`)],
  ),
  ...[
    'nope',
    'purchase',
    'token',
    'event',
    'user',
    'Purchases',
    'purchases,nope',
    'purchases,',
    'purchases.tickets',
  ].map((include) => asked(`include=${include}`, get, `${PATH}/${PAYMENT}`)),
  ...['reservation.event', 'reservation&include=purchases', '__proto__'].map((include) =>
    asked(`include=${include}`, get, `${PATH}/${PAYMENT}`),
  ),
  ...['sort=status', 'page[size]=1', 'filter[reservation]=x', 'foo=1', '__proto__=1'].map((query) =>
    asked(query, get, `${PATH}/${PAYMENT}`),
  ),
  ...[
    NOTHING,
    PAID,
    PURCHASE,
    'abc',
    '1',
    'null',
    '%00',
    '__proto__',
    `%7B${PAYMENT}%7D`,
    `${PAYMENT}%0A`,
  ].map((id) => absent(`${PATH}/${id}`)),
  ...['', `${PAYMENT}/`, `${PAYMENT}/purchases`, `${PAYMENT}/reservation`, 'a'.repeat(129)].map((id) =>
    absent(`${PATH}/${id}`),
  ),
  ...['%', '%ff', '%E0%A4%A'].map((id): Row => [
    `GET ${PATH}/${id}`,
    get(`${PATH}/${id}`),
    400,
    ['malformed_request'],
  ]),
  [
    'a payment as text',
    { ...get(`${PATH}/${PAYMENT}`), headers: { accept: 'text/html' } },
    406,
    ['not_acceptable', { header: 'Accept' }],
  ],
];
