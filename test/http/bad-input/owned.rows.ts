import { removal, removals, thing } from './changes';
import {
  byParameter,
  get,
  NOTHING,
  OPTION,
  PAYMENT,
  PURCHASE,
  REFUNDED,
  RESERVATION,
  type Row,
  USER,
} from './row';

const OWNED = thing('purchases', PURCHASE);
const GIVEN_BACK = thing('purchases', REFUNDED);
const TICKETS = `/purchases/${PURCHASE}/tickets`;

const absent = (path: string): Row => [`C2 GET ${path.slice(0, 80)}`, get(path), 404, ['not_found']];
const wrong = (path: string, query: string): Row => [
  `E1 GET ${path}?${query}`,
  get(`${path}?${query}`),
  400,
  byParameter(query.split('=')[0] ?? ''),
];
const malformed = (path: string): Row => [`GET ${path}`, get(path), 400, ['malformed_request']];

const NO_NUMBERS = [
  ...['0', '3', '-1', '+1', '-0', '1.5', '1.0', '1.', '.1', '01', '001', '1e0', '1e3', '1E1', '0x1', '1_0'],
  ...['2147483647', '2147483648', '4294967297', '9007199254740993', '1'.repeat(100), '1'.repeat(300)],
  ...['%00', '1%00', '%201', '1%20', '1%0A', '1,2', '1;2', '%D9%A1', '%EF%BC%91', '%E2%85%A0', '1n'],
  ...['abc', 'null', 'true', 'NaN', 'Infinity', 'first', '__proto__', '[1]', '%7B%7D', "1'--", NOTHING],
];

/** What was bought: DELETE of purchases, and their tickets. */
export const OWNED_ROWS: readonly Row[] = [
  ...removals(OWNED),
  removal(GIVEN_BACK, 'it was given back before', {}, 409, ['purchase_refunded']),
  removal(GIVEN_BACK, 'a query', { path: `${GIVEN_BACK.path}?force=true` }, 400, byParameter('force')),
  ...[OPTION, RESERVATION, PAYMENT, USER, '1', '-1', 'null', `%7B${PURCHASE}%7D`, `${PURCHASE}%0A`].map(
    (id) => removal(OWNED, `the id ${id}`, { path: `/purchases/${id}` }, 404, ['not_found']),
  ),
  ...['%', '%ff'].map((id) =>
    removal(OWNED, `the id ${id}`, { path: `/purchases/${id}` }, 400, ['malformed_request']),
  ),

  ...NO_NUMBERS.map((number) => absent(`${TICKETS}/${number}`)),
  ...['', '1/', '1/purchase', '/1'].map((end) => absent(`${TICKETS}/${end}`)),
  ...['%', '%ff', '%E0%A4%A'].map((number) => malformed(`${TICKETS}/${number}`)),
  ...['1', '2', '3'].map((number) => absent(`/purchases/${REFUNDED}/tickets/${number}`)),
  ...[NOTHING, OPTION, PAYMENT, 'abc', '%00', '__proto__', ''].flatMap((id) => [
    absent(`/purchases/${id}/tickets`),
    absent(`/purchases/${id}/tickets/1`),
  ]),
  ...[`/purchases/${PURCHASE}/ticket`, `/purchases/${PURCHASE}/Tickets/1`].map(absent),
  ...['page[size]=1', 'page[after]=x', 'sort=number', 'filter[number]=1', 'foo', '__proto__=1'].map((query) =>
    wrong(`${TICKETS}/1`, query),
  ),
  ...['nope', 'purchases', 'ticket_options', 'Purchase', 'purchase,', 'purchase.payment', 'event'].flatMap(
    (include) => [wrong(TICKETS, `include=${include}`), wrong(`${TICKETS}/1`, `include=${include}`)],
  ),
  ...[
    'fields[tickets]=nope',
    'fields[tickets]=id',
    'fields[ticket]=number',
    'fields[purchases]=token',
  ].flatMap((query) => [wrong(TICKETS, query), wrong(`${TICKETS}/1`, query)]),
  ...['sort=number', 'sort=-number', 'filter[number]=1', 'page[number]=2', 'number=1'].map((query) =>
    wrong(TICKETS, query),
  ),
  wrong(`/purchases/${NOTHING}/tickets`, 'page[size]=0'),
  wrong(`/purchases/abc/tickets/1`, 'include=nope'),
  ...[TICKETS, `${TICKETS}/1`].map((path): Row => [
    `GET ${path} as text`,
    { ...get(path), headers: { accept: 'text/html' } },
    406,
    ['not_acceptable', { header: 'Accept' }],
  ]),
];
