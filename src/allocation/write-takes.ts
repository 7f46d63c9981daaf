import type { PoolClient } from 'pg';
import { arrayOf, query, rowsOf, statement } from '../database/sql';
import { assertion, guarded } from './guard';
import type { Count, Takes } from './ledger';

/**
 * Writes what was decided under the locks. The conditions repeat the decision: each counter moves only by a
 * conditional UPDATE, each user's count only by a conditional upsert, and at the end as many rows must have moved
 * as should. So a mistake in the process ends in a rollback and not in a ticket too many.
 *
 * Users' counts are written in the order of their key: the count of an event may be wanted by transactions that
 * hold the locks of different options of it.
 *
 * Parameters: event; options with what is held and sold of each; users, scopes and tickets to count; scopes and
 * their limits (null: counted without a limit); purchases (ids, options, users, quantities, unit prices); reservations
 * (ids, users, and as text their options, quantities and unit prices); holds (options, reservations, users,
 * quantities); now; until when the reservations last.
 */
export const writeTakes = statement(
  'write_takes',
  `WITH moved AS (
     UPDATE ticket_options AS o
        SET remaining = o.remaining - take.held - take.sold, reserved = o.reserved + take.held,
            sold = o.sold + take.sold, ever_taken = true
       FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS take (id, held, sold)
      WHERE o.id = take.id AND o.event_id = $1 AND o.id = ANY ($2::uuid[])
        AND o.remaining >= take.held + take.sold
     RETURNING o.id
   ), counted AS (
     INSERT INTO user_counts AS c (user_id, scope_id, event_id, tickets)
     SELECT more.user_id, more.scope_id, $1, more.tickets
       FROM unnest($5::uuid[], $6::uuid[], $7::bigint[]) AS more (user_id, scope_id, tickets)
       JOIN unnest($8::uuid[], $9::bigint[]) AS limits (scope_id, tickets) ON limits.scope_id = more.scope_id
      WHERE limits.tickets IS NULL OR more.tickets <= limits.tickets
      ORDER BY more.user_id, more.scope_id
     ON CONFLICT (user_id, scope_id, event_id) DO UPDATE
        SET tickets = c.tickets + excluded.tickets
      WHERE (SELECT limits.tickets IS NULL OR c.tickets + excluded.tickets <= limits.tickets
               FROM unnest($8::uuid[], $9::bigint[]) AS limits (scope_id, tickets)
              WHERE limits.scope_id = excluded.scope_id)
     RETURNING c.user_id
   ), purchased AS (
     INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT p.id, $1, p.ticket_option_id, p.user_id, p.quantity, p.unit_price_cents, $22::timestamptz
       FROM unnest($10::uuid[], $11::uuid[], $12::uuid[], $13::integer[], $14::integer[])
         AS p (id, ticket_option_id, user_id, quantity, unit_price_cents)
     RETURNING id
   ), reserved AS (
     INSERT INTO reservations (id, event_id, user_id, ticket_option_ids, quantities, unit_prices_cents, expires_at, created_at)
     SELECT r.id, $1, r.user_id, r.ticket_option_ids::uuid[], r.quantities::integer[], r.unit_prices_cents::integer[],
            $23::timestamptz, $22::timestamptz
       FROM unnest($15::uuid[], $16::uuid[], $17::text[], $18::text[], $19::text[])
         AS r (id, user_id, ticket_option_ids, quantities, unit_prices_cents)
   ), held AS (
     INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity, kinds)
     SELECT h.ticket_option_id, $23::timestamptz, h.reservation_id, $1, h.user_id, h.quantity, h.kinds
       FROM unnest($20::uuid[], $21::uuid[], $24::uuid[], $25::integer[], $26::integer[])
         AS h (ticket_option_id, reservation_id, user_id, quantity, kinds)
     RETURNING quantity
   )
   SELECT ${assertion(`(SELECT count(*) FROM moved) = cardinality($2::uuid[])
                   AND (SELECT count(*) FROM counted) = cardinality($5::uuid[])
                   AND (SELECT count(*) FROM purchased) = cardinality($10::uuid[])
                   AND (SELECT count(*) FROM held) = cardinality($20::uuid[])`)}`,
);

/**
 * Sends what was decided to be taken. Not an async function: what it throws before anything is sent must stop the
 * COMMIT behind it.
 *
 * @throws GuardError when not all of it could be written
 */
export function write(client: PoolClient, eventId: string, now: Date, takes: Takes): Promise<unknown> {
  const { moves, counts, purchases, reservations } = takes;
  const options = [...moves.keys()];
  const counted = [...counts.values()];
  const limits = limitsOf(counted);
  const holds = reservations.flatMap(({ id, userId, items }) =>
    items.map(({ ticketOptionId, quantity }) => ({
      ...{ id, userId, ticketOptionId, quantity },
      kinds: items.length,
    })),
  );
  const written = query(client, writeTakes, [
    eventId,
    arrayOf(options),
    arrayOf([...moves.values()].map(({ held }) => held)),
    arrayOf([...moves.values()].map(({ sold }) => sold)),
    arrayOf(counted.map(({ userId }) => userId)),
    arrayOf(counted.map(({ scope }) => scope.id)),
    arrayOf(counted.map(({ tickets }) => tickets)),
    arrayOf([...limits.keys()]),
    arrayOf([...limits.values()].map((limit) => limit ?? 'NULL')),
    arrayOf(purchases.map(({ order }) => order.id)),
    arrayOf(purchases.map(({ order }) => order.items[0]?.ticketOptionId ?? 'NULL')),
    arrayOf(purchases.map(({ order }) => order.userId)),
    arrayOf(purchases.map(({ order }) => order.items[0]?.quantity ?? 'NULL')),
    arrayOf(purchases.map(({ made }) => made.unitPriceCents)),
    arrayOf(reservations.map(({ id }) => id)),
    arrayOf(reservations.map(({ userId }) => userId)),
    rowsOf(reservations.map(({ items }) => items.map((item) => item.ticketOptionId))),
    rowsOf(reservations.map(({ items }) => items.map((item) => item.quantity))),
    rowsOf(reservations.map(({ items }) => items.map((item) => item.unitPriceCents))),
    arrayOf(holds.map((hold) => hold.ticketOptionId)),
    arrayOf(holds.map((hold) => hold.id)),
    now,
    reservations[0]?.expiresAt ?? now,
    arrayOf(holds.map((hold) => hold.userId)),
    arrayOf(holds.map((hold) => hold.quantity)),
    arrayOf(holds.map((hold) => hold.kinds)),
  ]);
  return guarded(written);
}

function limitsOf(counts: readonly Count[]): Map<string, number | null> {
  return new Map(counts.map(({ scope }) => [scope.id, scope.limit]));
}
