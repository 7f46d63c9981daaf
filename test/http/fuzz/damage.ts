import fc, { type Arbitrary } from 'fast-check';
import { J } from '../wire';
import { NOBODY, often } from './documents';
import { type Mutation, MUTATIONS } from './tree';

/** What happens to documents and headers on their way. */

/** Bytes that replace some of the body. */
export interface Splice {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly number[];
}

/** JSON text for whatever may stand in the place of something else. */
const value = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    '0',
    '-1',
    '-0',
    '2.5',
    '1e400',
    '-1e400',
    '2147483647',
    '2147483648',
    '1e-7',
  ),
  fc.constantFrom(
    '""',
    '" "',
    '"2"',
    '"\\u0000"',
    '"\\ud800"',
    '"__proto__"',
    `"${NOBODY}"`,
    '"$plain"',
    '[]',
    '{}',
  ),
  fc.constantFrom(
    '"purchases"',
    '"payments"',
    '"card_error"',
    '"GBP"',
    '"ticket_options"',
    '"reservations"',
    '"events"',
    '"users"',
    '{"data":null}',
    '{"data":[]}',
    '"2026-06-01"',
  ),
  fc.constantFrom(
    `"${'x'.repeat(300)}"`,
    '['.repeat(40) + ']'.repeat(40),
    '01',
    'NaN',
    "'x'",
    '{"a":1,"a":2}',
    '',
  ),
  fc.json({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 10 }).map((text) => JSON.stringify(text)),
);
const memberName = fc.oneof(
  fc.constantFrom('data', 'type', 'id', 'lid', 'attributes', 'relationships', 'meta', 'links', 'included'),
  fc.constantFrom('quantity', 'name', 'allocation', 'kind', 'user', 'ticket_option', 'event', 'price_cents'),
  fc.constantFrom('token', 'currency', 'reservation', 'purchases', 'amount_cents', 'failure_code', 'payment'),
  fc.constantFrom('ticket_options', 'expires_at', 'starts_at', 'ends_at', 'sales_end_at', 'unit_price_cents'),
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'sold',
      'remaining',
      'status',
      'created_at',
      'number',
      'currency',
      'reserved',
      'total_cents',
    ),
  },
  fc.constantFrom('__proto__', 'constructor', 'toString', '@x', '', 'a/b~c', '\0', 'x'.repeat(200)),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const anywhere: Arbitrary<Mutation> = fc.record({
  what: fc.constantFrom(...MUTATIONS),
  where: fc.nat(50),
  name: memberName,
  value,
});
/** The second place of a document is the type of its resource. */
const inResource: Arbitrary<Mutation> = fc.record({
  what: fc.constantFrom('insert', 'replace'),
  where: fc.constant(1),
  name: fc.constantFrom('id', 'id', 'lid', 'meta'),
  value: fc.constantFrom(`"${NOBODY}"`, '""', 'null', '5', '"purchases"', '"ticket_options"', '"users"'),
});
export const mutation = often(6, anywhere, inResource);
export const splice: Arbitrary<Splice> = fc.record({
  at: fc.nat(400),
  remove: fc.nat(3),
  insert: fc.array(fc.nat(255), { maxLength: 4 }),
});

const contentType = fc.constantFrom(
  'application/json',
  `${J}; profile="https://e.x/p"`,
  `${J}; charset=utf-8`,
  `${J}; ext="https://e.x/none"`,
  `${J}; ext="x`,
  'text/plain',
  'application/x-www-form-urlencoded',
);
const accept = fc.constantFrom(
  '*/*',
  'application/json',
  `${J};q=0`,
  `${J}; charset=utf-8`,
  'text/html',
  `${J}, */*`,
);
/** What node:http lets out. */
const headerValue = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((c) => c !== 0x7f)
    .map((c) => String.fromCharCode(c)),
  maxLength: 60,
});
export const headers: Arbitrary<Readonly<Record<string, string>>> = fc
  .tuple(
    often(20, fc.constant(J), often(4, contentType, headerValue)),
    often(20, fc.constant(J), often(4, accept, headerValue)),
    often(
      20,
      fc.constant({}),
      fc.dictionary(
        fc.constantFrom(
          'x-request-id',
          'cookie',
          'authorization',
          'idempotency-key',
          'if-match',
          'range',
          'origin',
          'x-a',
        ),
        headerValue,
        { maxKeys: 3 },
      ),
    ),
    // A version that nothing has, whatever is there, and nothing that is there.
    often(
      8,
      fc.constant({}),
      fc.constantFrom<Record<string, string>>(
        ...[{ 'if-match': '"1-AAAAAAAAAAAAAAAA"' }, { 'if-match': '"1-BBBBBBBBBBBBBBBB", W/"x"' }],
        ...[{ 'if-match': '*' }, { 'if-none-match': '*' }],
      ),
    ),
    // Few enough to come back, with the same request or another one.
    often(
      12,
      fc.constant({}),
      fc.integer({ min: 1, max: 100 }).map((number) => ({ 'idempotency-key': `key-${number}` })),
    ),
  )
  .map(([type, accepted, more, condition, key]) => ({
    ...{ 'content-type': type, accept: accepted },
    ...more,
    ...key,
    ...condition,
  }));
