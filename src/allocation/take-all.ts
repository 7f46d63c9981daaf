import type { PoolClient } from 'pg';
import { query, type Statement, statement } from '../database/sql';
import { Bill, named, type Shape } from './bill';
import { assertion, guarded } from './guard';
import type { Outcome, TakeOrder } from './orders';
import type { Stock } from './situation';
import { NOW } from './statements';
import { INTERVALS, INTO_SALES, SALES_ADD_UP } from './write-figures';

/**
 * Gives a whole group what it wants, or fails and gives nobody anything: no look before, no decision.
 *
 * What the group was put together on is a guess, what the process last saw; the UPDATE checks all of it against the
 * rows: what remains, prices, limits, windows. It may do so without locking first, if it is about one option: when it
 * waits for another transaction, PostgreSQL evaluates its WHERE again on the new version of that row, with the
 * clock read anew; and a conditional upsert sees the newest version of a user's count. Nothing else is looked at.
 * With several options, `lock_stock` goes ahead in the same flight, so that rows are locked in the order of their ids.
 *
 * RETURNING reads the clock once more, microseconds after WHERE did. What was in time then is recorded as in time.
 *
 * What a group does not need is left out of the text: each part has to be started for each turn.
 *
 * Parameters: event; options, what is held and sold of each, the largest quantity, the price; if there are purchases,
 * their ids, users, options by place, quantities; if there are reservations, their ids, users, and as text options,
 * quantities and prices, then their holds (reservations by place, options by place, quantities, kinds), and how many
 * milliseconds they last; if there are keys, their ids, fingerprints and the places of what was made with each, those of reservations negative.
 */
export function takeAll({ buys, reserves, counts, keys }: Shape): Statement<Times> {
  const name = named('take_all', { buys, reserves, counts, keys });
  let found = statements.get(name);
  if (found === undefined) {
    found = statement(name, textOf({ buys, reserves, counts, keys }));
    statements.set(name, found);
  }
  return found;
}

interface Times {
  now: Date;
  until: Date | null;
}

const statements = new Map<string, Statement<Times>>();

function textOf({ buys, reserves, counts, keys }: Shape): string {
  const first = buys ? 11 : 7;
  const firstOfKeys = reserves ? first + 10 : first;
  const at = (place: number): string => `$${first + place}`;
  const purchases = `unnest($7::uuid[], $8::uuid[], $9::integer[], $10::integer[]) AS p (id, user_id, option, quantity)`;
  const reservations = `unnest(${at(0)}::uuid[], ${at(1)}::uuid[], ${at(2)}::text[], ${at(3)}::text[], ${at(4)}::text[])
                     AS r (id, user_id, options, quantities, prices)`;
  const holds = `unnest(${at(5)}::integer[], ${at(6)}::integer[], ${at(7)}::integer[], ${at(8)}::integer[])
                     AS h (reservation, option, quantity, kinds)`;
  const lines = [
    ...(buys ? [`SELECT p.user_id, p.option, p.quantity FROM ${purchases}`] : []),
    ...(reserves
      ? [`SELECT (${at(1)}::uuid[])[h.reservation] AS user_id, h.option, h.quantity FROM ${holds}`]
      : []),
  ].join(' UNION ALL ');
  // A key that is known already, of whatever event: then its request is to be recognised, under the lock.
  const areNew = keys
    ? ` AND NOT EXISTS (SELECT FROM idempotency_keys WHERE id = ANY ($${firstOfKeys}::uuid[]))`
    : '';
  const until = reserves ? `min(at) + ${at(9)}::float8 * interval '1 millisecond'` : 'NULL::timestamptz';
  const parts = [
    `moved AS (
     UPDATE ticket_options AS o
        SET remaining = o.remaining - take.held - take.sold, reserved = o.reserved + take.held,
            sold = o.sold + take.sold, ever_taken = true
       FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::integer[], $6::integer[])
         AS take (id, held, sold, largest, price_cents)
      WHERE o.id = take.id AND o.event_id = $1 AND o.id = ANY ($2::uuid[])
        AND o.remaining >= take.held + take.sold
        AND o.price_cents = take.price_cents AND (take.sold = 0 OR o.price_cents = 0)
        AND NOT (o.event_cancelled OR o.event_counts_users) ${counts ? '' : 'AND NOT o.counts_users'}
        AND (o.max_per_order IS NULL OR o.max_per_order >= take.largest)
        AND (o.sales_start_at IS NULL OR o.sales_start_at <= clock_timestamp())
        AND (o.sales_end_at IS NULL OR o.sales_end_at > clock_timestamp())
     RETURNING o.id, o.counts_users, o.max_per_user, least(${NOW}, o.sales_end_at - interval '1 millisecond') AS at)`,
    `times AS MATERIALIZED (
     SELECT min(at) AS now, ${until} AS until FROM moved HAVING count(*) = cardinality($2::uuid[])${areNew})`,
    `figures AS (
     UPDATE event_counts AS e
        SET reserved = e.reserved + (SELECT sum(held) FROM unnest($3::bigint[]) AS held),
            sold = e.sold + (SELECT sum(sold) FROM unnest($4::bigint[]) AS sold)${
              reserves
                ? `,
            reservations_created = e.reservations_created + cardinality(${at(0)}::uuid[])`
                : ''
            }
       FROM times
      WHERE e.event_id = $1
     RETURNING e.event_id)`,
  ];
  if (counts) {
    parts.push(
      `more AS MATERIALIZED (
     SELECT line.user_id, moved.id AS scope_id, sum(line.quantity) AS tickets, moved.max_per_user
       FROM (${lines}) AS line
       JOIN moved ON moved.id = ($2::uuid[])[line.option]
      WHERE moved.counts_users
      GROUP BY line.user_id, moved.id, moved.max_per_user)`,
      `counted AS (
     INSERT INTO user_counts AS c (user_id, scope_id, event_id, tickets)
     SELECT user_id, scope_id, $1, tickets FROM more
      WHERE max_per_user IS NULL OR tickets <= max_per_user
      ORDER BY user_id, scope_id
     ON CONFLICT (user_id, scope_id, event_id) DO UPDATE
        SET tickets = c.tickets + excluded.tickets
      WHERE (SELECT moved.max_per_user IS NULL OR c.tickets + excluded.tickets <= moved.max_per_user
               FROM moved WHERE moved.id = excluded.scope_id)
     RETURNING c.user_id)`,
    );
  }
  if (buys) {
    parts.push(
      `purchased AS (
     INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT p.id, $1, ($2::uuid[])[p.option], p.user_id, p.quantity, 0, times.now FROM times, ${purchases})`,
      // By way of `figures`, so that the event's own row is locked before those of its intervals.
      `sold AS (
     ${INTO_SALES}
     SELECT span.minutes, date_trunc(span.unit, times.now, 'UTC'), figures.event_id,
            (SELECT sum(sold) FROM unnest($4::bigint[]) AS sold), 0
       FROM times, figures, ${INTERVALS}
     ${SALES_ADD_UP})`,
    );
  }
  if (reserves) {
    parts.push(
      `reserved AS (
     INSERT INTO reservations (id, event_id, user_id, ticket_option_ids, quantities, unit_prices_cents, expires_at, created_at)
     SELECT r.id, $1, r.user_id, r.options::uuid[], r.quantities::integer[], r.prices::integer[], times.until, times.now
       FROM times, ${reservations})`,
      `held AS (
     INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity, kinds)
     SELECT ($2::uuid[])[h.option], times.until, (${at(0)}::uuid[])[h.reservation], $1, (${at(1)}::uuid[])[h.reservation],
            h.quantity, h.kinds
       FROM times, ${holds})`,
    );
  }
  if (keys) {
    const [purchase, reservation] = [`($7::uuid[])[k.place]`, `(${at(0)}::uuid[])[-k.place]`];
    const either = `CASE WHEN k.place > 0 THEN ${purchase} ELSE ${reservation} END`;
    const made = buys && reserves ? either : buys ? purchase : reservation;
    parts.push(
      `kept AS (
     INSERT INTO idempotency_keys (id, event_id, fingerprint, resource_id, created_at)
     SELECT k.id, $1, k.fingerprint, ${made}, times.now
       FROM times, unnest($${firstOfKeys}::uuid[], $${firstOfKeys + 1}::uuid[], $${firstOfKeys + 2}::integer[])
         AS k (id, fingerprint, place))`,
    );
  }
  const areCounted = counts ? ' AND (SELECT count(*) FROM counted) = (SELECT count(*) FROM more)' : '';
  return `WITH ${parts.join(', ')}
   SELECT ${assertion(`times.now IS NOT NULL AND EXISTS (SELECT FROM figures)${areCounted}`)}, times.now, times.until
     FROM (SELECT) AS always LEFT JOIN times ON true`;
}

/** What was sent: the options that are to be locked before, and the statement itself. */
export interface Taking {
  readonly optionIds: readonly string[];
  readonly send: (client: PoolClient) => Promise<Outcome[]>;
}

/**
 * Puts a group together.
 *
 * @param seen what the process last saw of the options
 * @returns what to send; it answers with one outcome for each order, or throws GuardError when somebody may not have
 *   what is wanted
 */
export function taking(
  orders: readonly [TakeOrder, ...TakeOrder[]],
  seen: ReadonlyMap<string, Stock>,
  holdMs: number,
): Taking {
  const bill = new Bill(orders, seen);
  const { shape } = bill;
  const [ids = '{}', prints = '{}', places = '{}'] = bill.kept();
  const parameters = [
    ...[orders[0].eventId, ...bill.moves(), ...bill.purchased(), ...bill.reserved()],
    ...(shape.reserves ? [String(holdMs)] : []),
    ...(shape.keys ? [ids, prints, places] : []),
  ];
  const send = async (client: PoolClient): Promise<Outcome[]> => {
    const [times] = await guarded(query(client, takeAll(shape), parameters));
    if (times === undefined) throw new Error('take_all answered nothing');
    return orders.map((order) => ({ made: madeOf(order, times, bill) }));
  };
  return { optionIds: [...bill.options.keys()], send };
}

function madeOf(order: TakeOrder, { now, until }: Times, bill: Bill) {
  if (order.kind === 'buy') return { createdAt: now, unitPriceCents: 0 };
  return bill.reservation(order, now, until ?? now);
}
