import type { PoolClient } from 'pg';
import { arrayOf, type Parameter, query, type Statement, statement } from '../database/sql';
import { Bill, named, type Shape } from './bill';
import { assertion, guarded } from './guard';
import type { Outcome, TakeOrder } from './orders';
import type { Stock } from './situation';
import { NOW } from './statements';
import { INTERVALS, INTO_SALES, SALES_ADD_UP } from './write-figures';

/**
 * Locks what a turn for several events moves: options, then the counts of their events, each in the order of their
 * ids. All who move stock lock in this order, so that no two of them wait for each other; that the counts come second
 * is seen to by asking for the number of options first. Parameters: events, options.
 */
export const lockTogether = statement<{ counted: number }>(
  'lock_together',
  `WITH options AS MATERIALIZED (
     SELECT id FROM ticket_options
      WHERE id = ANY ($2::uuid[]) AND event_id = ANY ($1::uuid[])
      ORDER BY id
        FOR NO KEY UPDATE
   ), events AS MATERIALIZED (
     SELECT event_id FROM event_counts
      WHERE event_id = ANY ($1::uuid[]) AND (SELECT count(*) FROM options) > 0
      ORDER BY event_id
        FOR NO KEY UPDATE)
   SELECT count(*)::integer AS counted FROM events`,
);

interface Went {
  /** Of the option; null in the only row if none went. */
  place: number | null;
  now: Date;
  /** Null without reservations. */
  until: Date | null;
  counts_users: boolean;
}

/**
 * Gives the groups of several events what they want, each group all of it or nothing, and all who get it in one
 * transaction. Whatever could refuse a group is looked at: what remains, price, limits, window, what users have, keys
 * that are known. Right only after {@link lockTogether}, in a statement of its own: what it looks at does not move then.
 * The counters still move conditionally, and that all that should move did is asserted.
 *
 * Each event comes with one option, and each order with one item, so that an option stands for its group. What goes is
 * told by a list by place, since a join of two lists without an index would compare each with each.
 *
 * Parameters: events and options side by side; what is held and sold of each, the largest quantity, the price; if there are purchases,
 * as in `take_all`; if there are reservations, their ids, users, and as text options, quantities and prices, the option by place
 * and the quantity, then how many milliseconds they last and how many there are of each option; if there are keys, as in
 * `take_all`, and the options, by place, of what was made with them.
 */
export function takeTogether({ buys, reserves, counts, keys }: Shape): Statement<Went> {
  const name = named('take_together', { buys, reserves, counts, keys });
  let found = statements.get(name);
  if (found === undefined) {
    found = statement(name, textOf({ buys, reserves, counts, keys }));
    statements.set(name, found);
  }
  return found;
}

const statements = new Map<string, Statement<Went>>();

/** The lists of a group as the statement names them. */
interface Lists extends Shape {
  readonly purchases: string;
  readonly reservations: string;
  readonly keptKeys: string;
  /** How many reservations there are of the option. */
  readonly created: string;
  /** What was made with a key. */
  readonly made: string;
  /** When something that is held from a time on is over. */
  readonly untilOf: (time: string) => string;
}

function listsOf(shape: Shape): Lists {
  const { buys, reserves } = shape;
  const first = buys ? 11 : 7;
  const at = (place: number): string => `$${first + place}`;
  const key = (place: number): string => `$${(reserves ? first + 9 : first) + place}`;
  const [purchase, reservation] = ['($7::uuid[])[k.place]', `(${at(0)}::uuid[])[-k.place]`];
  const either = `CASE WHEN k.place > 0 THEN ${purchase} ELSE ${reservation} END`;
  return {
    ...shape,
    purchases: `unnest($7::uuid[], $8::uuid[], $9::integer[], $10::integer[]) AS p (id, user_id, option, quantity)`,
    reservations: `unnest(${at(0)}::uuid[], ${at(1)}::uuid[], ${at(2)}::text[], ${at(3)}::text[], ${at(4)}::text[],
            ${at(5)}::integer[], ${at(6)}::integer[]) AS r (id, user_id, options, quantities, prices, option, quantity)`,
    keptKeys: `unnest(${key(0)}::uuid[], ${key(1)}::uuid[], ${key(2)}::integer[], ${key(3)}::integer[])
                     AS k (id, fingerprint, place, option)`,
    created: reserves ? `(${at(8)}::integer[])[take.place::integer]` : '0',
    made: buys && reserves ? either : buys ? purchase : reservation,
    untilOf: (time) => `${time} + ${at(7)}::float8 * interval '1 millisecond'`,
  };
}

function textOf(shape: Shape): string {
  const lists = listsOf(shape);
  const { buys, reserves, counts, keys } = lists;
  const parts = [
    lookAt(lists),
    ...(counts ? [lookAtUsers(lists)] : []),
    decideOn(lists),
    MOVE,
    ...(counts ? [COUNT] : []),
    ...(buys ? [writePurchases(lists)] : []),
    ...(reserves ? [writeReservations(lists)] : []),
    ...(keys ? [writeKeys(lists)] : []),
  ];
  const goes = '(SELECT count(*) FROM decided WHERE goes)';
  const all = ['moved', 'figures'].map((name) => `(SELECT count(*) FROM ${name}) = ${goes}`).join(' AND ');
  return `WITH ${parts.join(', ')}
   SELECT ${assertion(all)}, g.place, g.at AS now, ${reserves ? lists.untilOf('g.at') : 'NULL::timestamptz'} AS until, g.counts_users
     FROM (SELECT) AS always LEFT JOIN decided AS g ON g.goes`;
}

function lookAt({ created, counts }: Lists): string {
  return `looked AS MATERIALIZED (
     SELECT take.place::integer AS place, take.id, take.event_id, take.held, take.sold, ${created} AS created,
            o.counts_users, o.max_per_user, least(${NOW}, o.sales_end_at - interval '1 millisecond') AS at,
            (o.remaining >= take.held + take.sold
             AND o.price_cents = take.price_cents AND (take.sold = 0 OR o.price_cents = 0)
             AND NOT (o.event_cancelled OR o.event_counts_users) ${counts ? '' : 'AND NOT o.counts_users'}
             AND (o.max_per_order IS NULL OR o.max_per_order >= take.largest)
             AND (o.sales_start_at IS NULL OR o.sales_start_at <= clock_timestamp())
             AND (o.sales_end_at IS NULL OR o.sales_end_at > clock_timestamp())) IS TRUE AS fits
       FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::integer[], $6::integer[])
            WITH ORDINALITY AS take (event_id, id, held, sold, largest, price_cents, place)
       LEFT JOIN LATERAL (SELECT * FROM ticket_options WHERE id = take.id AND event_id = take.event_id OFFSET 0) AS o ON true)`;
}

function lookAtUsers({ buys, reserves, purchases, reservations }: Lists): string {
  const lines = [
    ...(buys ? [`SELECT p.user_id, p.option, p.quantity FROM ${purchases}`] : []),
    ...(reserves ? [`SELECT r.user_id, r.option, r.quantity FROM ${reservations}`] : []),
  ].join(' UNION ALL ');
  return `limits AS MATERIALIZED (
     SELECT array_agg(fits AND counts_users ORDER BY place) AS counts, array_agg(max_per_user ORDER BY place) AS most FROM looked
   ), more AS MATERIALIZED (
     SELECT line.user_id, line.option, sum(line.quantity) AS tickets
       FROM limits, (${lines}) AS line
      WHERE limits.counts[line.option]
      GROUP BY line.user_id, line.option
   ), too_many AS MATERIALIZED (
     SELECT more.option FROM limits, more
       LEFT JOIN LATERAL (SELECT tickets FROM user_counts
                           WHERE user_id = more.user_id AND scope_id = ($2::uuid[])[more.option]
                             AND event_id = ($1::uuid[])[more.option]
                          OFFSET 0) AS has ON true
      WHERE more.tickets + coalesce(has.tickets, 0) > limits.most[more.option])`;
}

function decideOn({ counts, keys, keptKeys }: Lists): string {
  const stopped = [
    ...(counts ? ['SELECT option FROM too_many'] : []),
    ...(keys
      ? [`SELECT k.option FROM ${keptKeys} WHERE EXISTS (SELECT FROM idempotency_keys WHERE id = k.id)`]
      : []),
  ].join(' UNION ALL ');
  return `decided AS MATERIALIZED (
     SELECT *, fits${stopped === '' ? '' : ` AND place NOT IN (${stopped})`} AS goes FROM looked
   ), went AS MATERIALIZED (
     SELECT array_agg(CASE WHEN goes THEN at END ORDER BY place) AS at FROM decided)`;
}

/**
 * Moves the counters by lists of what goes: a join of the rows with a list would compare each with each, and a key that is
 * given by a join and by a list has the list sorted anew for each row.
 */
const MOVE = `going AS MATERIALIZED (
     SELECT array_agg(id) AS options, array_agg(event_id) AS events,
            array_agg(held) AS held, array_agg(sold) AS sold, array_agg(created) AS created
       FROM decided WHERE goes
   ), moved AS (
     UPDATE ticket_options AS o
        SET (remaining, reserved, sold) = (
              SELECT o.remaining - g.held[g.at] - g.sold[g.at], o.reserved + g.held[g.at], o.sold + g.sold[g.at]
                FROM (SELECT *, array_position(options, o.id) AS at FROM going OFFSET 0) AS g),
            ever_taken = true
      WHERE o.id = ANY ((SELECT options FROM going)::uuid[]) AND o.event_id = ANY ((SELECT events FROM going)::uuid[])
        AND o.remaining >= (
              SELECT g.held[g.at] + g.sold[g.at]
                FROM (SELECT *, array_position(options, o.id) AS at FROM going OFFSET 0) AS g)
     RETURNING o.id
   ), figures AS (
     UPDATE event_counts AS e
        SET (reserved, sold, reservations_created) = (
              SELECT e.reserved + g.held[g.at], e.sold + g.sold[g.at], e.reservations_created + g.created[g.at]
                FROM (SELECT *, array_position(events, e.event_id) AS at FROM going OFFSET 0) AS g)
      WHERE e.event_id = ANY ((SELECT events FROM going)::uuid[])
     RETURNING e.event_id)`;

const COUNT = `counted AS (
     INSERT INTO user_counts AS c (user_id, scope_id, event_id, tickets)
     SELECT user_id, ($2::uuid[])[option] AS scope_id, ($1::uuid[])[option], tickets FROM more, went
      WHERE went.at[option] IS NOT NULL
      ORDER BY user_id, scope_id
     ON CONFLICT (user_id, scope_id, event_id) DO UPDATE SET tickets = c.tickets + excluded.tickets)`;

function writePurchases({ purchases }: Lists): string {
  return `purchased AS (
     INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT p.id, ($1::uuid[])[p.option], ($2::uuid[])[p.option], p.user_id, p.quantity, 0, went.at[p.option]
       FROM went, ${purchases}
      WHERE went.at[p.option] IS NOT NULL
   ), sold AS (
     ${INTO_SALES}
     SELECT span.minutes, date_trunc(span.unit, g.at, 'UTC'), g.event_id, g.sold, 0
       FROM decided AS g, ${INTERVALS}
      WHERE g.goes AND g.sold > 0
      ORDER BY g.event_id
     ${SALES_ADD_UP})`;
}

function writeReservations({ reservations, untilOf }: Lists): string {
  const until = untilOf('went.at[r.option]');
  return `reserved AS (
     INSERT INTO reservations (id, event_id, user_id, ticket_option_ids, quantities, unit_prices_cents, expires_at, created_at)
     SELECT r.id, ($1::uuid[])[r.option], r.user_id, r.options::uuid[], r.quantities::integer[], r.prices::integer[],
            ${until}, went.at[r.option]
       FROM went, ${reservations}
      WHERE went.at[r.option] IS NOT NULL
   ), held AS (
     INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity)
     SELECT ($2::uuid[])[r.option], ${until}, r.id, ($1::uuid[])[r.option], r.user_id, r.quantity
       FROM went, ${reservations}
      WHERE went.at[r.option] IS NOT NULL)`;
}

function writeKeys({ made, keptKeys }: Lists): string {
  return `kept AS (
     INSERT INTO idempotency_keys (id, event_id, fingerprint, resource_id, created_at)
     SELECT k.id, ($1::uuid[])[k.option], k.fingerprint, ${made}, went.at[k.option]
       FROM went, ${keptKeys}
      WHERE went.at[k.option] IS NOT NULL)`;
}

/** Orders of one event. */
type Takes = readonly [TakeOrder, ...TakeOrder[]];

/**
 * What was put together: what is to be locked, and what to send after that in the same transaction.
 */
export interface TakingTogether {
  readonly lock: (client: PoolClient) => Promise<unknown>;
  /** @returns what has become of each group, in order; throws GuardError */
  readonly send: (client: PoolClient) => Promise<Taken[]>;
}

/** What has become of a group. */
interface Taken {
  readonly optionId: string;
  /** Null if it got nothing. */
  readonly outcomes: Outcome[] | null;
  /** What is known of the option now, as far as it was not known before. */
  readonly stock: Stock | null;
}

/**
 * Puts the groups of several events together.
 *
 * @param groups each of another event, all orders about the same one option
 * @param seen what the process last saw of the options
 */
export function takingTogether(
  groups: readonly Takes[],
  seen: ReadonlyMap<string, Stock>,
  holdMs: number,
): TakingTogether {
  const bill = new Bill(groups.flat(), seen);
  const { shape } = bill;
  const wanted = [...bill.options.values()];
  const optionsOf = [...bill.options.keys()];
  const [optionIds = '{}', ...moves] = bill.moves();
  const eventIds = arrayOf(wanted.map(({ eventId }) => eventId));
  const parameters: Parameter[] = [
    ...[eventIds, optionIds, ...moves, ...bill.purchased(), ...bill.reservedSingly()],
    ...(shape.reserves ? [String(holdMs), arrayOf(wanted.map(({ reservations }) => reservations))] : []),
    ...bill.kept(),
  ];
  return {
    lock: (client) => query(client, lockTogether, [eventIds, optionIds]),
    send: async (client) => {
      const rows = await guarded(query(client, takeTogether(shape), parameters));
      const went = new Map(rows.map((row) => [row.place, row]));
      return wanted.map(({ place, priceCents }, index) => {
        const [optionId, row] = [optionsOf[index] ?? '', went.get(place)];
        if (row === undefined) return { optionId, outcomes: null, stock: null };
        const outcomes = (groups[index] ?? []).map((order) => ({ made: madeOf(order, row, bill) }));
        const isNew = !seen.has(optionId);
        return {
          optionId,
          outcomes,
          stock: isNew ? { ...OPEN, priceCents, countsUsers: row.counts_users } : null,
        };
      });
    },
  };
}

/** What the first look at an option would tell, but for what does not matter as long as it sells. */
const OPEN: Stock = {
  ...{ remaining: Number.MAX_SAFE_INTEGER, over: 0, priceCents: 0, maxPerUser: null, maxPerOrder: null },
  ...{ salesStartAt: null, salesEndAt: null, countsUsers: false },
  ...{ eventCancelled: false, eventMaxPerUser: null, eventCountsUsers: false },
};

function madeOf(order: TakeOrder, { now, until }: Went, bill: Bill) {
  return order.kind === 'buy'
    ? { createdAt: now, unitPriceCents: 0 }
    : bill.reservation(order, now, until ?? now);
}
