import fc, { type Arbitrary } from 'fast-check';
import { NOBODY, often } from './documents';

const TYPES = ['events', 'ticket_options', 'reservations', 'purchases'];

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

/** The name of a parameter; a fieldset may leave out what leads to the included ones, so it is one or the other. */
const nameOf = (text: string): string =>
  /^(include|fields)/.test(text) ? 'fields' : text.replace(/=.*/, '');

/** What is asked of lists. */
export const listQuery: Arbitrary<string> = often(
  12,
  fc
    .uniqueArray(parameter, { maxLength: 3, selector: nameOf })
    .map((parameters) => (parameters.length === 0 ? '' : `?${parameters.join('&')}`)),
  query,
);
