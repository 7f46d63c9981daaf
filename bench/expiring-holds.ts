import { withClient } from './databases';

/**
 * Reservations of one ticket each, every one by another user and all over at the same instant, with everything that
 * the service would have written of them. The ids grow with time, as those that the service makes.
 * Parameters: option, how many, seconds until they are over.
 */
const RESERVE = `
  WITH clock AS MATERIALIZED (
    SELECT now, now + $3::float8 * interval '1 second' AS expires_at,
           lpad(to_hex((extract(epoch FROM now) * 1000)::bigint), 12, '0') || '70008000' AS head
      FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS now) AS clock
  ), moved AS (
    UPDATE ticket_options SET remaining = remaining - $2::int, reserved = reserved + $2::int, ever_taken = true
     WHERE id = $1::uuid
    RETURNING id, event_id
  ), made AS (
    INSERT INTO reservations
      (id, event_id, user_id, ticket_option_ids, quantities, unit_prices_cents, expires_at, created_at)
    SELECT (clock.head || lpad(to_hex(n), 12, '0'))::uuid, moved.event_id, gen_random_uuid(), ARRAY[moved.id], '{1}', '{0}',
           clock.expires_at, clock.now
      FROM clock, moved, generate_series(1, $2::int) AS n
    RETURNING id, event_id, user_id, expires_at
  ), held AS (
    INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity)
    SELECT $1::uuid, expires_at, id, event_id, user_id, 1 FROM made
  ), counted AS (
    INSERT INTO user_counts (user_id, scope_id, event_id, tickets)
    SELECT user_id, $1::uuid, event_id, 1 FROM made
  ), figures AS (
    UPDATE event_counts AS c
       SET reserved = reserved + $2::int, reservations_created = reservations_created + $2::int
      FROM moved WHERE c.event_id = moved.event_id
  )
  SELECT expires_at FROM clock`;

/** @returns when they are over. */
export async function reserveForMany(
  databaseUrl: string,
  ticketOptionId: string,
  { users, aheadSeconds }: { readonly users: number; readonly aheadSeconds: number },
): Promise<Date> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ expires_at: Date }>(RESERVE, [ticketOptionId, users, aheadSeconds]),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the ticket option is gone');
  return row.expires_at;
}
