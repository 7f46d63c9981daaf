import fc, { type Arbitrary } from 'fast-check';
import { type Wire } from '../wire';
import { headers, mutation, type Splice, splice } from './damage';
import {
  type Change,
  changes,
  newEvent,
  newOption,
  newPayment,
  newPurchase,
  newReservation,
  NOBODY,
  often,
  purchaseId,
  reservationId,
} from './documents';
import { include, listQuery, query, statisticsQuery } from './queries';
import { type Mutation, mutated, textOf, treeOf } from './tree';

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

/** Beyond the limit of a body. */
const TOO_LARGE = { data: 'x'.repeat(70_000) };
const instead = fc.constantFrom<unknown>(null, [], 'x', 5, {}, TOO_LARGE, TOO_LARGE);
const mutations = often(2, fc.constant<Mutation[]>([]), fc.array(mutation, { minLength: 1, maxLength: 3 }));
const bytes = often(12, fc.constant<Splice[]>([]), fc.array(splice, { minLength: 1, maxLength: 3 }));

const posted = (path: string, document: Arbitrary<unknown>): Arbitrary<Plan> =>
  fc.record({
    method: fc.constant('POST'),
    path: fc.constant(path),
    query,
    headers,
    document: often(20, document, instead),
    mutations,
    bytes,
  });
const patched = (change: Arbitrary<Change>): Arbitrary<Plan> =>
  fc
    .record({
      change,
      query,
      headers,
      instead: often(20, fc.constant<unknown>(undefined), instead),
      mutations,
      bytes,
    })
    .map(({ change: { path, document }, instead: other, ...rest }) => ({
      method: 'PATCH',
      path,
      document: other === undefined ? document : other,
      ...rest,
    }));
/** Without a body, mostly. */
const bare = (method: Arbitrary<string>, path: Arbitrary<string>, asked = query): Arbitrary<Plan> =>
  fc.record({
    method,
    path,
    query: asked,
    headers,
    document: often(
      20,
      fc.constant<unknown>(undefined),
      fc.constantFrom<unknown>({}, null, 'x', { data: null }),
    ),
    mutations: fc.constant([]),
    bytes: fc.constant([]),
  });

const reading = fc.constantFrom('GET', 'GET', 'HEAD');
const oddId = fc.oneof(
  fc.constantFrom(NOBODY, 'abc', '%', '%zz', '%ff', '%E0%A4%A', '%00', '..', 'x'.repeat(200)),
  fc.string({ unit: 'binary-ascii', maxLength: 40 }).map(encodeURIComponent),
);
const resource = fc.oneof(
  {
    weight: 2,
    arbitrary: often(3, fc.constantFrom('$plain', '$scarce', '$purchase'), oddId).map(
      (id) => `/ticket_options/${id}`,
    ),
  },
  {
    weight: 2,
    arbitrary: often(3, fc.constantFrom('$plain', '$purchase'), oddId).map((id) => `/purchases/${id}`),
  },
  { weight: 2, arbitrary: often(6, reservationId, oddId).map((id) => `/reservations/${id}`) },
  {
    weight: 2,
    arbitrary: often(6, fc.constantFrom('$gala', '$new_events'), oddId).map((id) => `/events/${id}`),
  },
);
const owned = fc.oneof(
  {
    weight: 2,
    arbitrary: often(4, fc.constantFrom('$new_payments', '$new_payments', '$failed'), oddId).map(
      (id) => `/payments/${id}`,
    ),
  },
  { weight: 2, arbitrary: often(4, purchaseId, oddId).map((id) => `/purchases/${id}`) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        often(6, purchaseId, oddId),
        often(3, fc.constantFrom('1', '1', '2'), fc.constantFrom('0', '01', '1e0', '%00', '2147483648', 'x')),
      )
      .map(([id, number]) => `/purchases/${id}/tickets/${number}`),
  },
);
const statistics = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...['/statistics/totals', '/statistics/events', '/statistics/kinds', '/statistics/sales'],
    ),
  },
  often(4, fc.constantFrom('$gala', '$new_events', '$void_event'), oddId).map(
    (id) => `/statistics/events/${id}`,
  ),
  often(2, fc.constantFrom('vip', 'VIP', '%C3%A4', '$gala:vip', '$gala%3AVip'), oddId).map(
    (id) => `/statistics/kinds/${id}`,
  ),
);
const list = fc.constantFrom(
  ...['/events', '/ticket_options', '/reservations', '/reservations', '/purchases'],
  ...['/purchases/$new_purchases/tickets', '/purchases/$bought/tickets', '/purchases/abc/tickets'],
  ...['/events/$gala/ticket_options', '/events/$new_events/ticket_options', '/events/abc/ticket_options'],
);
/** What is taken from must stay; it does, since tickets of it are reserved or sold. */
const removed = fc.oneof(
  { weight: 4, arbitrary: reservationId.map((id) => `/reservations/${id}`) },
  { weight: 4, arbitrary: purchaseId.map((id) => `/purchases/${id}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('$plain', '$new_ticket_options', NOBODY).map((id) => `/ticket_options/${id}`),
  },
  { weight: 2, arbitrary: fc.constantFrom('$gala', '$new_events', 'abc').map((id) => `/events/${id}`) },
);

export const plans: Arbitrary<Plan> = fc.oneof(
  { weight: 8, arbitrary: posted('/purchases', newPurchase) },
  { weight: 9, arbitrary: posted('/reservations', newReservation) },
  { weight: 10, arbitrary: posted('/payments', newPayment) },
  { weight: 4, arbitrary: posted('/ticket_options', newOption) },
  { weight: 3, arbitrary: posted('/events', newEvent) },
  { weight: 14, arbitrary: patched(changes) },
  { weight: 6, arbitrary: bare(fc.constant('DELETE'), removed) },
  {
    weight: 7,
    arbitrary: bare(
      reading,
      fc.oneof(resource, owned),
      often(
        2,
        query,
        include.map((text) => `?${text}`),
      ),
    ),
  },
  { weight: 6, arbitrary: bare(reading, list, often(2, listQuery, fc.constant(''))) },
  { weight: 5, arbitrary: bare(reading, statistics, often(1, fc.constant(''), statisticsQuery)) },
  {
    weight: 1,
    arbitrary: bare(
      fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
      fc.constantFrom(
        ...[
          '/ticket_options',
          '/purchases',
          '/reservations',
          '/events',
          '/ticket_options/$plain',
          '/payments',
          '/payments/$new_payments',
          '/nope',
          '/',
        ],
        ...['/docs/../x', '/docs/%00', '/reservations/$paid/event', '/events/$gala/reservations'],
        ...[
          '/purchases/$bought/tickets',
          '/purchases/$bought/tickets/1',
          '/statistics/totals',
          '/statistics',
        ],
        ...['/statistics/events', '/statistics/kinds', '/statistics/kinds/vip', '/statistics/sales'],
      ),
    ),
  },
);

/** Makes the request of a plan, with what is real in place of its names. */
export function wireOf(plan: Plan, names: Readonly<Record<string, string>>): Wire {
  const real = (text: string): string =>
    text.replace(/\$([a-z_]+)/g, (name, key: string) => names[key] ?? name);
  const wire = { method: plan.method, path: real(plan.path + plan.query), headers: plan.headers };
  if (plan.document === undefined) return wire;
  const tree = plan.mutations.reduce(mutated, treeOf(plan.document));
  const body = plan.bytes.reduce(
    (sent, { at, remove, insert }) =>
      Buffer.concat([sent.subarray(0, at), Buffer.from(insert), sent.subarray(at + remove)]),
    Buffer.from(real(textOf(tree))),
  );
  return { ...wire, body };
}
