import fc, { type Arbitrary } from 'fast-check';
import { ticketOption, toOne } from '../../support/builders';
import { J, type Wire } from '../wire';
import { type Mutation, mutated, MUTATIONS, textOf, treeOf } from './tree';

/**
 * A request to be. Ids that the database makes appear as `$name`, so that a seed makes the same plans whenever and
 * wherever it is run.
 */
export interface Plan {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly document: unknown;
  readonly mutations: readonly Mutation[];
  readonly bytes: readonly Splice[];
}

/** Bytes that replace some of the body. */
interface Splice {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly number[];
}

/** What can be bought, by the name that plans call it; the attributes decide what a purchase is answered. */
export const OPTIONS = {
  plain: { allocation: 1_000_000 },
  scarce: { allocation: 10 },
  gone: { allocation: 0 },
  per_order: { allocation: 1_000_000, max_per_order: 2 },
  per_user: { allocation: 1_000_000, max_per_user: 20 },
  priced: { allocation: 100, price_cents: 100 },
  early: { allocation: 100, sales_start_at: '9999-01-01T00:00:00Z' },
  late: { allocation: 100, sales_end_at: '2000-01-01T00:00:00Z' },
} as const;

/** Beyond the limit of a body. */
const TOO_LARGE = { data: 'x'.repeat(70_000) };
const USERS = Array.from({ length: 6 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
const NOBODY = '99999999-9999-4999-8999-999999999999';
const optionId = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('$plain', '$plain', '$scarce', '$per_order', '$per_user') },
  { weight: 4, arbitrary: fc.constantFrom(...Object.keys(OPTIONS).map((name) => `$${name}`)) },
  { weight: 1, arbitrary: fc.constantFrom(NOBODY, 'abc', '$purchase', '') },
);

const often = <T>(weight: number, usual: Arbitrary<T>, unusual: Arbitrary<T>): Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: unusual });
const orNull = <T>(arbitrary: Arbitrary<T>) => fc.option(arbitrary, { freq: 3 });
const letters = (maxLength: number) => fc.string({ unit: 'grapheme', minLength: 1, maxLength });
const int32 = fc.integer({ min: 1, max: 2_147_483_647 });

const newOption = fc.record(
  {
    name: letters(20).filter((name) => name.trim() !== '' && !name.includes('\0')),
    description: orNull(fc.string({ unit: 'grapheme', maxLength: 50 })),
    allocation: fc.oneof(fc.nat(), fc.constantFrom(0, 1, 2_147_483_647)),
    kind: orNull(fc.constantFrom('VIP', 'vip', 'regular', 'Ä', 'x'.repeat(50))),
    price_cents: fc.nat(100_000_000),
    max_per_user: orNull(int32),
    max_per_order: orNull(int32),
    sales_start_at: orNull(fc.constantFrom('2026-01-01T00:00:00Z', '0001-01-01T00:00:00+00:00')),
    sales_end_at: orNull(fc.constantFrom('2027-01-01T00:00:00.123456Z', '9999-12-31T23:59:59-00:00')),
  },
  { requiredKeys: ['name', 'allocation'] },
);
const optionDocument = fc
  .tuple(newOption, fc.option(fc.constantFrom('$event', '$event', '$event', NOBODY, 'abc')))
  .map(([attributes, event]) => {
    const { data } = ticketOption({}, event ?? undefined);
    return { data: { ...data, attributes } };
  });
const purchaseDocument = fc
  .tuple(often(6, fc.integer({ min: 1, max: 4 }), int32), optionId, fc.constantFrom(...USERS))
  .map(([quantity, option, user]) => ({
    data: {
      type: 'purchases',
      attributes: { quantity },
      relationships: { ticket_option: toOne('ticket_options', option), user: toOne('users', user) },
    },
  }));

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
    '"ticket_options"',
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
const mutation = often(6, anywhere, inResource);
const splice: Arbitrary<Splice> = fc.record({
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
const headers = fc
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
  )
  .map(([type, accepted, more]) => ({ 'content-type': type, accept: accepted, ...more }));

const query = often(
  12,
  fc.constant(''),
  fc.oneof(
    fc.constantFrom(
      '?',
      '?fields[ticket_options]=name',
      '?fields%5Bpurchases%5D=quantity,user',
      '?fields[purchases]=',
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
const id = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('$plain', '$scarce', '$purchase') },
  { weight: 1, arbitrary: fc.constantFrom(NOBODY, 'abc', '%', '%00', '%ff', '..', 'x'.repeat(200)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 40 }).map(encodeURIComponent) },
);

const posted = (path: string, document: Arbitrary<unknown>): Arbitrary<Plan> =>
  fc.record({
    method: fc.constant('POST'),
    path: fc.constant(path),
    query,
    headers,
    document: often(20, document, fc.constantFrom<unknown>(null, [], 'x', 5, {}, TOO_LARGE, TOO_LARGE)),
    mutations: often(1, fc.constant<Mutation[]>([]), fc.array(mutation, { minLength: 1, maxLength: 3 })),
    bytes: often(12, fc.constant<Splice[]>([]), fc.array(splice, { minLength: 1, maxLength: 3 })),
  });
const other = (method: Arbitrary<string>, path: Arbitrary<string>): Arbitrary<Plan> =>
  fc.record({
    method,
    path,
    query,
    headers,
    document: fc.constant(undefined),
    mutations: fc.constant([]),
    bytes: fc.constant([]),
  });

export const plans: Arbitrary<Plan> = fc.oneof(
  { weight: 8, arbitrary: posted('/purchases', purchaseDocument) },
  { weight: 6, arbitrary: posted('/ticket_options', optionDocument) },
  {
    weight: 2,
    arbitrary: other(
      fc.constantFrom('GET', 'GET', 'HEAD'),
      id.map((text) => `/ticket_options/${text}`),
    ),
  },
  {
    weight: 2,
    arbitrary: other(
      fc.constantFrom('GET', 'GET', 'HEAD'),
      id.map((text) => `/purchases/${text}`),
    ),
  },
  {
    weight: 1,
    arbitrary: other(
      fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
      fc.constantFrom(
        '/ticket_options',
        '/purchases',
        '/ticket_options/$plain',
        '/nope',
        '/',
        '/docs/../x',
        '/docs/%00',
      ),
    ),
  },
);

/** Makes the request of a plan, with the real ids in place of their names. */
export function wireOf(plan: Plan, ids: Readonly<Record<string, string>>): Wire {
  const real = (text: string): string =>
    text.replace(/\$([a-z_]+)/g, (name, key: string) => ids[key] ?? name);
  const wire = { method: plan.method, path: real(plan.path) + plan.query, headers: plan.headers };
  if (plan.document === undefined) return wire;
  const tree = plan.mutations.reduce(mutated, treeOf(plan.document));
  const body = plan.bytes.reduce(
    (bytes, { at, remove, insert }) =>
      Buffer.concat([bytes.subarray(0, at), Buffer.from(insert), bytes.subarray(at + remove)]),
    Buffer.from(real(textOf(tree))),
  );
  return { ...wire, body };
}
