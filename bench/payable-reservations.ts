import { withClient } from './databases';
import type { ListedRange } from './load/distinct-ids';

/** As long as a reservation can last, so that none of them runs out while others are paid. */
const HOLD = '1 hour';

/**
 * Reservations of one ticket each, every one by another user, with everything that the service would have written of
 * them. Their ids grow as those that the service makes: the time first, then a number.
 * Parameters: option, how many, what comes before the last eight digits of their ids.
 */
const RESERVE = `
  WITH clock AS MATERIALIZED (
    SELECT now, now + interval '${HOLD}' AS expires_at
      FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS now) AS clock
  ), moved AS (
    UPDATE ticket_options SET remaining = remaining - $2::int, reserved = reserved + $2::int, ever_taken = true
     WHERE id = $1::uuid
    RETURNING id, event_id, price_cents
  ), made AS (
    INSERT INTO reservations
      (id, event_id, user_id, ticket_option_ids, quantities, unit_prices_cents, expires_at, created_at)
    SELECT ($3::text || lpad(to_hex(n), 8, '0'))::uuid, moved.event_id, gen_random_uuid(), ARRAY[moved.id], '{1}',
           ARRAY[moved.price_cents], clock.expires_at, clock.now
      FROM clock, moved, generate_series(0, $2::int - 1) AS n
    RETURNING id, event_id, user_id, expires_at
  ), held AS (
    INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity)
    SELECT $1::uuid, expires_at, id, event_id, user_id, 1 FROM made
  )
  UPDATE event_counts AS c
     SET reserved = reserved + $2::int, reservations_created = reservations_created + $2::int
    FROM moved WHERE c.event_id = moved.event_id`;

/** As many as eight digits can tell apart. */
const MOST = 2 ** 32;

/** Fills the tables with reservations that can be paid. @returns their ids. */
export async function reserveToPay(
  databaseUrl: string,
  ticketOptionId: string,
  count: number,
): Promise<ListedRange> {
  const range = { head: newHead(), count };
  await withClient(databaseUrl, (client) => client.query(RESERVE, [ticketOptionId, count, range.head]));
  return range;
}

/** The same where nobody looks them up. */
export function inventToPay(): ListedRange {
  return { head: newHead(), count: MOST };
}

/** @returns the first 28 characters of a UUID of version 7, of this millisecond. */
function newHead(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-0000`;
}
