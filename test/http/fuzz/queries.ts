import fc, { type Arbitrary } from 'fast-check';
import { NOBODY, often } from './documents';

const TYPES = [
  ...['events', 'ticket_options', 'reservations', 'purchases', 'tickets'],
  ...['event_statistics', 'kind_statistics', 'sales_points'],
];

/** The queries of all routes: few of them have one. */
export const query = often(
  12,
  fc.constant(''),
  fc.oneof(
    fc.constantFrom(
      '?',
      '?fields[ticket_options]=name',
      '?fields%5Bpurchases%5D=quantity,user',
      '?fields[purchases]=',
      '?fields[reservations]=status,ticket_options&fields[events]=',
    ),
    fc.constantFrom(
      '?include=',
      '?sort=name',
      '?filter[x]=1',
      '?foo',
      '?%E0%A4%A',
      '?%00',
      '?=1',
      '?fields[nope]=a',
    ),
    fc.constantFrom(
      '?fields[purchases]=nope',
      '?fields[purchases]=user&fields[purchases]=user',
      '?__proto__=1',
      '?&&',
    ),
    fc.webQueryParameters().map((text) => `?${encodeURI(text)}`),
  ),
);

export const include = fc.constantFrom(
  'include=event',
  'include=ticket_options',
  'include=event,ticket_options',
  'include=purchases',
  'include=reservation,purchases',
  'include=purchase,ticket_option',
);

const id = fc.constantFrom(
  '00000000-0000-4000-8000-000000000001',
  '$plain',
  '$gala',
  '$new_events',
  NOBODY,
  'x',
);
const cursor = fc.constantFrom(...TYPES.map((type) => `$cursor_${type}`), 'abc', '');
const parameter = fc.oneof(
  often(6, fc.integer({ min: 1, max: 10 }), fc.integer({ min: -1, max: 101 })).map(
    (size) => `page[size]=${size}`,
  ),
  fc.tuple(fc.constantFrom('page[after]', 'page[before]'), cursor).map((pair) => pair.join('=')),
  fc.constantFrom('sort=name', 'sort=-name', 'sort=starts_at,-created_at', 'sort=-starts_at', 'sort=nope'),
  fc.tuple(fc.constantFrom('user', 'event', 'ticket_option'), id).map(([of, is]) => `filter[${of}]=${is}`),
  fc.constantFrom('active', 'expired', 'cancelled', 'paid', 'scheduled').map((is) => `filter[status]=${is}`),
  fc.constantFrom('filter[kind]=vip', 'filter[kind]=%C3%A4', 'filter[on_sale]=true', 'filter[on_sale]=false'),
  fc.constantFrom('filter[starts_after]=2026-06-01T00:00:00Z', 'filter[starts_before]=$soon'),
  include,
  fc.constantFrom(
    'include=event&fields[events]=name',
    'fields[events]=name',
    'fields[ticket_options]=remaining,event',
    'fields[reservations]=',
  ),
);

const instant = fc.constantFrom(
  ...['$hour_ago', '$hour_ago', '$soon', '$soon', '2026-06-01T00:00:00Z', '2026-06-02T00:00:00%2B01:00'],
  ...['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2026-06-01', '2026-02-30T00:00:00Z', 'now', ''],
);
const ofStatistics = fc.oneof(
  fc.constantFrom(
    'sort=-sell_through,-revenue_cents,-sold',
    'sort=-revenue_cents',
    'sort=sold',
    'sort=-conversion',
  ),
  fc.constantFrom('filter[event]=$gala', 'filter[event]=$new_events', 'filter[event]=x'),
  instant.map((from) => `filter[from]=${from}`),
  instant.map((to) => `filter[to]=${to}`),
  fc.constantFrom('minute', 'hour', 'day', 'week').map((interval) => `filter[interval]=${interval}`),
  fc.constantFrom(
    'fields[event_statistics]=sold,event',
    'fields[kind_statistics]=kind',
    'fields[sales_points]=',
  ),
  parameter,
);

/** The name of a parameter; a fieldset may leave out what leads to the included ones, so it is one or the other. */
const nameOf = (text: string): string =>
  /^(include|fields)/.test(text) ? 'fields' : text.replace(/=.*/, '');

const asked = (of: Arbitrary<string>): Arbitrary<string> =>
  often(
    12,
    fc
      .uniqueArray(of, { maxLength: 3, selector: nameOf })
      .map((parameters) => (parameters.length === 0 ? '' : `?${parameters.join('&')}`)),
    query,
  );

/** What is asked of lists. */
export const listQuery = asked(parameter);

/** What is asked of figures. */
export const statisticsQuery = asked(ofStatistics);
