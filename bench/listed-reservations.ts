import { withClient } from './databases';
import { DISTINCT_ID } from './load/distinct-ids';

/** Users that have reservations: those of `KnownIds`. */
export const LISTED_USERS = 50_000;
const RESERVATIONS = 1_000_000;

/**
 * Reservations of a busy night: 33 a second for eight hours, of one ticket of one of the options, by any of the users.
 * A third was cancelled; of the others those of the last ten minutes are active still, and hold their tickets. Those
 * of the five minutes before were cancelled as well, so that nothing runs out while reading is measured. The
 * statistics of the event are counted from all of them.
 * Parameters: options, how many, how many users, what comes after the eight digits of a user.
 */
const RESERVE = `
  WITH clock AS MATERIALIZED (
    SELECT date_trunc('milliseconds', clock_timestamp()) AS now
  ), night AS (
    SELECT n, ($1::uuid[])[1 + n % cardinality($1::uuid[])] AS option_id,
           (lpad(to_hex(floor(random() * $3::int)::int), 8, '0') || $4::text)::uuid AS user_id,
           now - ($2::int - n) * interval '30 milliseconds' AS at, now
      FROM clock, generate_series(1, $2::int) AS n
  ), made AS (
    INSERT INTO reservations
      (id, event_id, user_id, status, ticket_option_ids, quantities, unit_prices_cents, expires_at, created_at)
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
           o.event_id, night.user_id,
           CASE WHEN n % 3 = 0 OR at BETWEEN now - interval '16 minutes' AND now - interval '10 minutes'
                THEN 'cancelled' ELSE 'active' END,
           ARRAY[o.id], '{1}', '{0}', at + interval '15 minutes', at
      FROM night JOIN ticket_options AS o ON o.id = option_id
     ORDER BY n
    RETURNING id, event_id, user_id, status, ticket_option_ids[1] AS option_id, expires_at
  ), figures AS (
    UPDATE event_counts AS c
       SET reserved = of_event.reserved, reservations_created = of_event.created,
           reservations_cancelled = of_event.cancelled, reservations_expired = of_event.expired
      FROM (SELECT event_id, count(*) AS created,
                   count(*) FILTER (WHERE status = 'active' AND expires_at > now) AS reserved,
                   count(*) FILTER (WHERE status = 'active' AND expires_at <= now) AS expired,
                   count(*) FILTER (WHERE status = 'cancelled') AS cancelled
              FROM made, clock GROUP BY event_id) AS of_event
     WHERE c.event_id = of_event.event_id
  ), held AS (
    INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity)
    SELECT option_id, expires_at, id, event_id, user_id, 1
      FROM made, clock WHERE status = 'active' AND expires_at > now
    RETURNING ticket_option_id, quantity
  )
  UPDATE ticket_options AS o
     SET remaining = remaining - tickets, reserved = tickets, ever_taken = true
    FROM (SELECT ticket_option_id, sum(quantity)::int AS tickets FROM held GROUP BY 1) AS of_option
   WHERE o.id = ticket_option_id`;

/** Fills the tables, and sees to it that they have no statistics until {@link analyse}. */
export function fillWithReservations(
  databaseUrl: string,
  ticketOptionIds: readonly string[],
  reservations = RESERVATIONS,
): Promise<void> {
  return withClient(databaseUrl, async (client) => {
    for (const table of ['reservations', 'holds']) {
      await client.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
    }
    const values = [ticketOptionIds, reservations, LISTED_USERS, DISTINCT_ID.slice(8)];
    await client.query(RESERVE, values);
  });
}

/** Gives the tables the statistics that they have after a while. */
export function analyse(databaseUrl: string): Promise<void> {
  return withClient(databaseUrl, async (client) => {
    await client.query('VACUUM ANALYZE');
  });
}
