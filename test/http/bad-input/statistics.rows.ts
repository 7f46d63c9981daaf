import { byParameter, EVENT, type Expected, get, NOTHING, OPTION, type Row, USER } from './row';
import { NO_INSTANTS } from './values';

const TOTALS = '/statistics/totals';
const EVENTS = '/statistics/events';
const OF_EVENT = `${EVENTS}/${EVENT}`;
const KINDS = '/statistics/kinds';
/** There is one kind, and it is called that. */
const OF_KIND = `${KINDS}/vip`;
const SALES = '/statistics/sales';
const ALL = [TOTALS, EVENTS, OF_EVENT, KINDS, OF_KIND, SALES];

const row = (path: string, query: string, ...errors: Expected[]): Row => [
  `E1 GET ${path}?${query}`.replace(EVENT, ':id').slice(0, 120),
  get(`${path}?${query}`),
  400,
  ...errors,
];
/** The query, which its first parameter makes wrong. */
const wrong = (path: string, query: string): Row => row(path, query, byParameter(query.split('=')[0] ?? ''));
const values = (path: string, parameter: string, ...texts: string[]): Row[] =>
  texts.map((text) => row(path, `${parameter}=${text}`, byParameter(parameter)));
/** The blame for a range is on its beginning. */
const range = (query: string): Row => row(SALES, query, byParameter('filter[from]'));
const absent = (path: string): Row => [`C2 GET ${path.slice(0, 100)}`, get(path), 404, ['not_found']];

const NO_UUIDS = ['abc', '', '5', 'null', `${USER}2`, `%7B${USER}%7D`, `${USER},${NOTHING}`, `%20${USER}`];
/** As a query has them, with all that has to be encoded. */
const DATES = NO_INSTANTS.map((json) => {
  const value: unknown = JSON.parse(json);
  return encodeURIComponent(typeof value === 'string' ? value : json);
});
const NO_KINDS = [
  ...['none', 'VI', 'vip%00', 'vip%0A', '%20vip', 'vip%20', 'vip,', 'vip;a', '%EF%BC%B6ip', 'v%C4%B1p'],
  ...[
    '%00',
    '%20',
    '%2F',
    '%25',
    '%3F',
    ':',
    '::',
    '*',
    '-',
    '%5C',
    '%22',
    '%C3%A4',
    '%F0%9F%8E%AB',
    '%EF%BF%BD',
  ],
  ...["'%20OR%201=1%20--", '..%2Fevents', '%2e%2e%2ftotals', '__proto__', 'constructor', 'null', '{}', '[]'],
  ...[`${EVENT}:vip`, `${EVENT}:`, `${NOTHING}:vip`, EVENT, `:${EVENT}:vip`, 'abc:vip', 'vip:vip'],
  ...['a'.repeat(51), 'a'.repeat(128), 'a'.repeat(129), 'a'.repeat(201), 'a'.repeat(8_000), '%2F'.repeat(50)],
];

const DAY = 'filter[from]=2026-06-01T00:00:00Z';

/** What sales can be asked for. */
const SALES_ROWS: readonly Row[] = [
  ...['filter[from]', 'filter[to]'].flatMap((parameter) => values(SALES, parameter, ...DATES)),
  ...['filter[from]', 'filter[to]'].flatMap((parameter) =>
    values(SALES, parameter, '', 'now', '0', '-1', '1780308000', '2026-06-01T10:00:00+02:00', '%ff', 'NaN'),
  ),
  ...values(
    SALES,
    'filter[interval]',
    '',
    'week',
    'Hour',
    'hours',
    'HOUR',
    '60',
    'hour,day',
    '%20hour',
    '__proto__',
  ),
  ...values(SALES, 'filter[event]', ...NO_UUIDS),
  ...values(SALES, 'filter[kind]', 'vip'),
  ...values(SALES, 'filter[starts_at]', '2026-06-01T00:00:00Z'),

  range(`${DAY}&filter[to]=2026-05-31T23:59:59.999Z`),
  range(`${DAY}&filter[to]=2026-06-01T00:00:00Z`),
  range(`${DAY}&filter[to]=2026-06-01T00:00:00.0009Z`),
  range(`${DAY}&filter[to]=2026-06-01T01:00:00%2B01:00`),
  range(`${DAY}&filter[to]=0001-01-01T00:00:00Z`),
  range('filter[from]=9999-12-31T23:59:59.999Z'),
  range('filter[from]=9999-12-31T23:59:59Z&filter[to]=0001-01-01T00:00:00Z'),
  range(`${DAY}&filter[to]=2026-07-02T00:00:00.001Z`),
  range(`${DAY}&filter[to]=2026-07-02T00:00:00.001Z&filter[interval]=hour`),
  range(`${DAY}&filter[to]=2026-06-02T00:00:00.001Z&filter[interval]=minute`),
  range(`${DAY}&filter[to]=2027-06-02T00:00:00.001Z&filter[interval]=day`),
  ...['minute', 'hour', 'day'].flatMap((interval) => [
    range(`filter[from]=2000-01-01T00:00:00Z&filter[interval]=${interval}`),
    range(`filter[from]=0001-01-01T00:00:00Z&filter[to]=9999-12-31T23:59:59Z&filter[interval]=${interval}`),
  ]),

  wrong(SALES, `filter[from]=2026-06-01T00:00:00Z&${DAY}`),
  wrong(SALES, 'filter[interval]=day&filter%5Binterval%5D=day'),
  row(
    SALES,
    'filter[from]=x&filter[to]=y&filter[interval]=z&filter[event]=w&page[size]=0&sort=sold&foo=1',
    byParameter('foo'),
    byParameter('sort'),
    byParameter('filter[event]'),
    byParameter('filter[from]'),
    byParameter('filter[to]'),
    byParameter('filter[interval]'),
    byParameter('page[size]'),
  ),
  ...values(SALES, 'sort', 'starts_at', '-starts_at', 'sold', 'revenue_cents'),
  row(SALES, 'sort=starts_at,sold', byParameter('sort'), byParameter('sort')),
  ...values(SALES, 'include', '', 'event', 'events'),
  ...['interval=day', 'from=2026-06-01T00:00:00Z', 'to=2026-06-01T00:00:00Z', 'event=x', 'busiest'].map(
    (query) => wrong(SALES, query),
  ),
];

/** GET below /statistics. */
export const STATISTICS_ROWS: readonly Row[] = [
  ...ALL.flatMap((path) =>
    ['foo', '__proto__=1', 'filter[nope]=x', 'fields[nope]=a', 'page[number]=1', '%E0%A4%A=1', '%00=1'].map(
      (query) => wrong(path, query),
    ),
  ),
  ...[TOTALS, OF_EVENT, OF_KIND].flatMap((path) =>
    ['sort=sold', 'page[size]=1', 'page[after]=x', `filter[event]=${EVENT}`].map((query) =>
      wrong(path, query),
    ),
  ),
  ...[TOTALS, KINDS, OF_KIND].flatMap((path) => values(path, 'include', '', 'event', 'events')),
  ...values(TOTALS, 'fields[statistics_totals]', 'nope', 'id', 'event', 'sold,nope'),
  ...[EVENTS, OF_EVENT].flatMap((path) => [
    ...values(path, 'fields[event_statistics]', 'nope', 'id', 'events', 'sellThrough', 'sold,'),
    ...values(path, 'include', 'nope', 'events', 'Event', 'event,', 'event.ticket_options', 'ticket_options'),
  ]),
  ...values(KINDS, 'fields[kind_statistics]', 'nope', 'id', 'sell_through', 'event'),
  ...values(SALES, 'fields[sales_points]', 'nope', 'id', 'startsAt', 'busiest'),

  ...values(EVENTS, 'sort', 'nope', '', '-', '--sold', '%2Bsold', 'sold,', ',sold', 'sold%20desc', 'sold;id'),
  ...values(
    EVENTS,
    'sort',
    'sold,sold',
    'sold,-sold',
    '-sell_through,-sold,sell_through',
    'sellThrough',
    'Sold',
  ),
  ...values(
    EVENTS,
    'sort',
    'conversion',
    'allocation',
    'remaining',
    'reserved',
    'reservations_paid',
    'event',
    'id',
  ),
  ...values(EVENTS, 'sort', 'name', 'starts_at', 'event.name', '__proto__', "sold'--", '%00', '%ff'),
  wrong(EVENTS, 'sort=sold&sort=sold'),
  row(EVENTS, 'sort=nope,also,sold', byParameter('sort'), byParameter('sort')),
  ...['event', 'status', 'sold', 'from', 'kind'].flatMap((name) => values(EVENTS, `filter[${name}]`, EVENT)),
  ...values(KINDS, 'filter[event]', ...NO_UUIDS),
  ...['kind', 'from', 'interval', 'on_sale'].flatMap((name) => values(KINDS, `filter[${name}]`, 'x')),
  wrong(KINDS, `filter[event]=${EVENT}&filter[event]=${EVENT}`),
  ...values(KINDS, 'sort', 'kind', 'sold', '-revenue_cents', ''),

  ...SALES_ROWS,

  ...[NOTHING, OPTION, 'abc', '0', 'totals', 'null', '%00', '__proto__', `%7B${EVENT}%7D`, `${EVENT}%0A`].map(
    (id) => absent(`${EVENTS}/${id}`),
  ),
  ...NO_KINDS.map((kind) => absent(`${KINDS}/${kind}`)),
  ...[`${EVENTS}/%`, `${KINDS}/%`, `${KINDS}/%ff`, `${KINDS}/%ED%A0%80`, `${KINDS}/vip%C0%80`].map(
    (path): Row => [`GET ${path}`, get(path), 400, ['malformed_request']],
  ),
  ...['', '/', '/users', '/Totals', '/totals/', '/totals/events', '/events/', `/events/${EVENT}/`].map(
    (end) => absent(`/statistics${end}`),
  ),
  ...[`/events/${EVENT}/sales`, '/kinds/', '/kinds/vip/', '/kinds/vip/sales', '/sales/', '/sales/x'].map(
    (end) => absent(`/statistics${end}`),
  ),
  ...['/sales/hour:2026-06-01T10:00:00.000Z', '//totals', '/../statistics/nope'].map((end) =>
    absent(`/statistics${end}`),
  ),
  ...ALL.map((path): Row => [
    `GET ${path} as text`,
    { ...get(path), headers: { accept: 'text/html' } },
    406,
    ['not_acceptable', { header: 'Accept' }],
  ]),
];
