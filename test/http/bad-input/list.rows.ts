import { byParameter, EVENT, type Expected, get, NOTHING, PURCHASE, type Row, USER } from './row';

const EVENTS = '/events';
const OPTIONS_OF_EVENT = `/events/${EVENT}/ticket_options`;
const OPTIONS = '/ticket_options';
const RESERVATIONS = '/reservations';
const PURCHASES = '/purchases';
const TICKETS = `/purchases/${PURCHASE}/tickets`;
const STATISTICS = ['/statistics/events', '/statistics/kinds', '/statistics/sales'];
const LISTS = [EVENTS, OPTIONS_OF_EVENT, OPTIONS, RESERVATIONS, PURCHASES, TICKETS, ...STATISTICS];

const row = (path: string, query: string, status: number, ...errors: Expected[]): Row => [
  `GET ${path}?${query}`.replace(EVENT, ':id').replace(PURCHASE, ':id').slice(0, 100),
  get(`${path}?${query}`),
  status,
  ...errors,
];
/** The query, which the named parameters make wrong. */
const wrong = (path: string, query: string, ...parameters: string[]): Row =>
  row(path, query, 400, ...parameters.map(byParameter));
const everywhere = (query: string, ...parameters: string[]): Row[] =>
  LISTS.map((path) => wrong(path, query, ...parameters));
/** A parameter with each of these values. */
const values = (path: string, parameter: string, ...texts: string[]): Row[] =>
  texts.map((text) => wrong(path, `${parameter}=${text}`, parameter));

const NO_SIZES = [
  '0',
  '00',
  '-1',
  '+1',
  '1.5',
  '1.0',
  'abc',
  '',
  '1e3',
  '0x10',
  '%205',
  '5%20',
  '5;',
  '%D9%A3',
];
const TOO_LARGE = ['101', '1000', '2147483648', '99999999999999999999', '9'.repeat(400)];
/** The last ones are base64url of a position without its checksum, and of nothing but a checksum. */
const NO_CURSORS = [
  ...['', 'abc', '%2B', '%20', '=', NOTHING, USER, 'null', '0', '__proto__', '%C3%A4', 'a'.repeat(5_000)],
  Buffer.from(`["${NOTHING}"]`).toString('base64url'),
  'AAAAAA',
];
const NO_UUIDS = ['abc', '', '5', 'null', `${USER}2`, `{${USER}}`, `${USER},${NOTHING}`, `%20${USER}`];

/** The queries of lists. */
export const LIST_ROWS: readonly Row[] = [
  ...LISTS.flatMap((path) => values(path, 'page[size]', ...NO_SIZES, ...TOO_LARGE)),
  ...LISTS.flatMap((path) =>
    ['page[after]', 'page[before]'].flatMap((parameter) => values(path, parameter, ...NO_CURSORS)),
  ),
  ...everywhere('page[after]=x&page[before]=y', 'page[after]', 'page[before]', 'page[before]'),
  ...everywhere('page[size]=0&page[after]=x', 'page[size]', 'page[after]'),
  ...[
    'page',
    'page[]=1',
    'page[number]=1',
    'page[offset]=0',
    'page[limit]=5',
    'page[Size]=5',
    'page[size][]=5',
  ].flatMap((query) => everywhere(query, query.split('=')[0] ?? '')),
  ...everywhere('page[size]=5&page[size]=5', 'page[size]'),
  ...everywhere('page[size]=5&page%5Bsize%5D=6', 'page[size]'),

  ...[
    'filter',
    'filter[]=x',
    'filter[nope]=x',
    'filter[id]=x',
    'filter[Status]=x',
    'filter[status][eq]=x',
  ].flatMap((query) => everywhere(query, query.split('=')[0] ?? '')),
  ...[
    'filter[__proto__]=x',
    'filter[constructor]=x',
    'filter=x',
    'q=x',
    'limit=5',
    'offset=5',
    'foo',
  ].flatMap((query) => everywhere(query, query.split('=')[0] ?? '')),
  ...values(EVENTS, 'filter[user]', USER),
  ...values(OPTIONS_OF_EVENT, 'filter[event]', NOTHING),
  ...['kind', 'on_sale', 'event', 'status'].flatMap((name) => values(OPTIONS, `filter[${name}]`, 'x')),
  ...values(RESERVATIONS, 'filter[ticket_option]', NOTHING),
  ...values(PURCHASES, 'filter[status]', 'completed'),
  ...values(PURCHASES, 'filter[reservation]', NOTHING),

  ...values(
    EVENTS,
    'filter[status]',
    'nope',
    '',
    'Scheduled',
    'cancelled,scheduled',
    'active',
    '%20cancelled',
  ),
  ...['filter[starts_after]', 'filter[starts_before]'].flatMap((parameter) =>
    values(
      EVENTS,
      parameter,
      ...[
        '',
        '5',
        'now',
        '2026-06-01',
        '2026-06-01T10:00:00',
        '2026-02-31T00:00:00Z',
        '10000-01-01T00:00:00Z',
      ],
      '2026-06-01T10:00:00+02:00', // in a query, the plus is a space
      '1780308000',
      'infinity',
    ),
  ),
  ...values(OPTIONS_OF_EVENT, 'filter[on_sale]', 'yes', '1', '0', 'TRUE', '', 'true,false', 'null'),
  ...values(OPTIONS_OF_EVENT, 'filter[kind]', '', '%20', 'x'.repeat(51)),
  ...['user', 'event'].flatMap((name) => values(RESERVATIONS, `filter[${name}]`, ...NO_UUIDS)),
  ...values(RESERVATIONS, 'filter[status]', 'nope', '', 'Active', 'active,paid', 'over', 'completed'),
  ...['user', 'event', 'ticket_option'].flatMap((name) => values(PURCHASES, `filter[${name}]`, ...NO_UUIDS)),
  wrong(RESERVATIONS, `filter[user]=${USER}&filter[user]=${USER}`, 'filter[user]'),
  wrong(
    RESERVATIONS,
    'filter[user]=x&filter[event]=y&filter[status]=z',
    'filter[user]',
    'filter[event]',
    'filter[status]',
  ),

  ...LISTS.flatMap((path) =>
    values(path, 'sort', 'nope', 'id', '', '-', '--name', 'Name', 'name%20', '%2Bname', '__proto__'),
  ),
  ...LISTS.slice(1).flatMap((path) =>
    values(path, 'sort', 'created_at', 'name', 'price_cents', '-created_at'),
  ),
  ...values(
    EVENTS,
    'sort',
    'venue',
    'status',
    'updated_at',
    'name,name',
    'name,-name',
    'name,nope',
    'name,',
    ',name',
    'name;id',
  ),
  wrong(EVENTS, 'sort=nope,also', 'sort', 'sort'),

  ...LISTS.flatMap((path) =>
    values(path, 'include', 'nope', 'user', 'Event', 'event.ticket_options', '__proto__'),
  ),
  ...[OPTIONS_OF_EVENT, PURCHASES].flatMap((path) => values(path, 'include', '', 'event', 'ticket_option')),
  ...values(EVENTS, 'include', 'event', 'ticket_options,nope', 'ticket_options,', 'ticket_options.event'),
  ...values(OPTIONS, 'include', 'ticket_options', 'event,', 'event,nope'),
  ...values(
    RESERVATIONS,
    'include',
    'ticket_option',
    'purchase',
    'payment',
    'purchases.payment',
    'ticket_options,event,nope',
  ),
  wrong(RESERVATIONS, 'include=event&include=event', 'include'),

  ...[
    'fields',
    'fields[]=x',
    'fields[nope]=name',
    'fields[users]=',
    'fields[Events]=name',
    'fields[__proto__]=x',
  ].flatMap((query) => everywhere(query, query.split('=')[0] ?? '')),
  ...everywhere('fields[events]=nope', 'fields[events]'),
  ...everywhere('fields[reservations]=id', 'fields[reservations]'),
  ...everywhere('fields[reservations]=ticket_option', 'fields[reservations]'),
  ...everywhere('fields[ticket_options]=name,nope,', 'fields[ticket_options]', 'fields[ticket_options]'),
  ...everywhere('%E0%A4%A=1&filter[%00]=1', '%E0%A4%A', 'filter[%00]'),

  row(`/events/${NOTHING}/ticket_options`, '', 404, ['not_found']),
  row('/events/abc/ticket_options', '', 404, ['not_found']),
  row('/events/abc/ticket_options', 'page[size]=0', 400, byParameter('page[size]')),
  row(`/events/${EVENT}/reservations`, '', 404, ['not_found']),
  row(`${OPTIONS_OF_EVENT}/${NOTHING}`, '', 404, ['not_found']),
];
