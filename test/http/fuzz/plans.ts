import fc, { type Arbitrary } from 'fast-check';
import { type Wire } from '../wire';
import { headers, mutation, type Splice, splice } from './damage';
import {
  type Change,
  changes,
  newEvent,
  newOption,
  newPurchase,
  newReservation,
  NOBODY,
  often,
  reservationId,
} from './documents';
import { include, listQuery, query } from './queries';
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
    weight: 1,
    arbitrary: often(6, fc.constantFrom('$gala', '$new_events'), oddId).map((id) => `/events/${id}`),
  },
);
const list = fc.constantFrom(
  ...['/events', '/ticket_options', '/reservations', '/reservations', '/purchases'],
  ...['/events/$gala/ticket_options', '/events/$new_events/ticket_options', '/events/abc/ticket_options'],
);
/** What is taken from must stay; it does, since tickets of it are reserved or sold. */
const removed = fc.oneof(
  { weight: 4, arbitrary: reservationId.map((id) => `/reservations/${id}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('$plain', '$new_ticket_options', NOBODY).map((id) => `/ticket_options/${id}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('$gala', '$new_events', 'abc').map((id) => `/events/${id}`) },
);

export const plans: Arbitrary<Plan> = fc.oneof(
  { weight: 8, arbitrary: posted('/purchases', newPurchase) },
  { weight: 9, arbitrary: posted('/reservations', newReservation) },
  { weight: 4, arbitrary: posted('/ticket_options', newOption) },
  { weight: 3, arbitrary: posted('/events', newEvent) },
  { weight: 7, arbitrary: patched(changes) },
  { weight: 3, arbitrary: bare(fc.constant('DELETE'), removed) },
  {
    weight: 4,
    arbitrary: bare(
      reading,
      resource,
      often(
        2,
        query,
        include.map((text) => `?${text}`),
      ),
    ),
  },
  { weight: 4, arbitrary: bare(reading, list, listQuery) },
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
          '/nope',
          '/',
        ],
        ...['/docs/../x', '/docs/%00', '/reservations/$paid/event', '/events/$gala/reservations'],
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
