import { changed, readOnly, relationship, removal, removals, set, sets, shapes, thing } from './changes';
import {
  at,
  changeText,
  EVENT,
  NOTHING,
  OPTION,
  RESERVATION,
  type Row,
  SALES_END,
  SALES_START,
  SECOND,
} from './row';
import { NO_INSTANTS, NO_INTEGERS, NO_TEXTS, string } from './values';

const RESERVED = thing('reservations', RESERVATION);
const OFFERED = thing('ticket_options', OPTION);
const IN_TIME = thing('ticket_options', SECOND);

/** PATCH and DELETE: what can be wrong with all of them, and the attributes of reservations and ticket options. */
export const CHANGE_ROWS: readonly Row[] = [
  ...[RESERVED, OFFERED, thing('events', EVENT)].flatMap((of) => [...shapes(of), ...removals(of)]),

  ...sets(RESERVED, 'expires_at', 'null', ...NO_INSTANTS),
  ...sets(RESERVED, 'expires_at', '"2020-01-01T00:00:00Z"', '"0001-01-01T00:00:00Z"'),
  set(RESERVED, 'expires_at', '"9999-12-31T23:59:59.999Z"', 409, 'extension_limit_reached'),
  ...readOnly(RESERVED, 'quantity', 'status', 'total_cents', 'currency', 'created_at'),
  relationship(RESERVED, 'user', `{"type":"users","id":"${NOTHING}"}`),
  relationship(RESERVED, 'ticket_option', `{"type":"ticket_options","id":"${OPTION}"}`),
  relationship(RESERVED, 'ticket_options', '[]'),
  relationship(RESERVED, 'event', 'null'),
  changed(
    RESERVED,
    'everything wrong at once',
    `{"data":{"type":"reservations","id":"${NOTHING}","attributes":{"expires_at":null,"quantity":2,"a":1},"relationships":{"user":5,"b":5}}}`,
    400,
    ['invalid_attribute', at('/data/attributes/expires_at')],
    ['invalid_attribute', at('/data/attributes/a')],
    ['invalid_relationship', at('/data/relationships/b')],
    ['type_conflict', at('/data/id')],
    ['read_only', at('/data/attributes/quantity')],
    ['read_only', at('/data/relationships/user')],
  ),

  ...['0', '1', '3'].map((text) => set(OFFERED, 'allocation', text, 409, 'allocation_below_committed')),
  ...sets(OFFERED, 'allocation', 'null', '10000000000', '1e20', ...NO_INTEGERS),
  ...sets(OFFERED, 'price_cents', 'null', '100000001', ...NO_INTEGERS),
  ...sets(OFFERED, 'name', 'null', '""', '" "', string(201), ...NO_TEXTS),
  ...sets(OFFERED, 'description', string(10_001), ...NO_TEXTS),
  ...sets(OFFERED, 'kind', '""', '" "', string(51), ...NO_TEXTS),
  ...sets(OFFERED, 'max_per_user', '0', ...NO_INTEGERS),
  ...sets(OFFERED, 'max_per_order', '0', ...NO_INTEGERS),
  ...sets(OFFERED, 'sales_start_at', ...NO_INSTANTS),
  ...sets(OFFERED, 'sales_end_at', ...NO_INSTANTS),
  ...readOnly(OFFERED, 'number', 'remaining', 'reserved', 'sold', 'on_sale', 'currency'),
  ...readOnly(OFFERED, 'created_at', 'updated_at'),
  relationship(OFFERED, 'event', `{"type":"events","id":"${NOTHING}"}`),
  relationship(OFFERED, 'event', 'null'),
  ...[
    ['2026-06-01T10:00:00Z', '2026-06-01T09:59:59.999Z'],
    ['2026-06-01T10:00:00Z', '2026-06-01T10:00:00Z'],
    [SALES_END, SALES_START],
  ].map(([start, end]) =>
    changed(
      IN_TIME,
      `sales from ${start} to ${end}`,
      changeText('ticket_options', SECOND, { sales_start_at: `"${start}"`, sales_end_at: `"${end}"` }),
      400,
      ['invalid_attribute', at('/data/attributes/sales_end_at')],
    ),
  ),
  ...sets(
    IN_TIME,
    'sales_end_at',
    `"${SALES_START}"`,
    '"2019-12-31T23:59:59.999Z"',
    '"0001-01-01T00:00:00Z"',
  ),
  ...sets(
    IN_TIME,
    'sales_start_at',
    `"${SALES_END}"`,
    '"9000-01-01T00:00:00.001Z"',
    '"9999-12-31T23:59:59Z"',
  ),
  removal(OFFERED, 'tickets of it are taken', {}, 409, ['ticket_option_in_use']),
];
