import type { ClientBase } from 'pg';
import { COUNTS, PAID, PAYMENTS, SALES, TOTALS } from './audit-money';

/** Something that the counters or one table say, and the rows or another table do not. */
export interface Difference {
  /** What it is about: a ticket option, a reservation, a payment, a purchase, an event or an interval. */
  readonly id: string;
  /** One sentence for people. */
  readonly sentence: string;
}

/** What each option's rows add up to, against its counters. */
const OPTIONS = `
  SELECT o.id,
         format('ticket option %s: allocation %s, remaining %s, reserved %s, sold %s; but %s are held and %s bought',
                o.id, o.allocation, o.remaining, o.reserved, o.sold, coalesce(h.tickets, 0), coalesce(p.tickets, 0)) AS sentence
    FROM ticket_options AS o
    LEFT JOIN (SELECT ticket_option_id, event_id, sum(quantity) AS tickets FROM purchases
                WHERE refunded_at IS NULL GROUP BY 1, 2) AS p
      ON p.ticket_option_id = o.id AND p.event_id = o.event_id
    LEFT JOIN (SELECT ticket_option_id, event_id, sum(quantity) AS tickets FROM holds GROUP BY 1, 2) AS h
      ON h.ticket_option_id = o.id AND h.event_id = o.event_id
   WHERE o.sold <> coalesce(p.tickets, 0) OR o.reserved <> coalesce(h.tickets, 0)
      OR o.remaining::bigint + o.reserved + o.sold <> o.allocation OR least(o.remaining, o.reserved, o.sold) < 0
      OR (o.sold > 0 OR o.reserved > 0) AND NOT o.ever_taken`;

/** What users hold and own within each scope that is counted, against what they are counted with. */
const USERS = `
  WITH taken AS MATERIALIZED (
    SELECT user_id, ticket_option_id, event_id, quantity FROM purchases WHERE refunded_at IS NULL
     UNION ALL
    SELECT user_id, ticket_option_id, event_id, quantity FROM holds
  ), has AS (
    SELECT t.user_id, o.id AS scope_id, o.event_id, sum(t.quantity) AS tickets
      FROM taken AS t JOIN ticket_options AS o ON o.id = t.ticket_option_id AND o.event_id = t.event_id
     WHERE o.counts_users
     GROUP BY 1, 2, 3
     UNION ALL
    SELECT t.user_id, o.event_id, o.event_id, sum(t.quantity)
      FROM taken AS t JOIN ticket_options AS o ON o.id = t.ticket_option_id AND o.event_id = t.event_id
     WHERE o.event_counts_users
     GROUP BY 1, 2, 3)
  SELECT scope_id AS id,
         format('ticket option or event %s: user %s has %s tickets, but is counted with %s',
                scope_id, user_id, coalesce(has.tickets, 0), coalesce(c.tickets, 0)) AS sentence
    FROM has
    FULL JOIN user_counts AS c USING (user_id, scope_id, event_id)
   WHERE coalesce(has.tickets, 0) <> coalesce(c.tickets, 0)`;

/** What every reservation that lasts must hold, and every other must not; what is over may or may not be there. */
const RESERVATIONS = `
  WITH promised AS (
    SELECT r.id, r.event_id, r.user_id, r.status, r.expires_at, item.ticket_option_id, item.quantity,
           cardinality(r.quantities) AS kinds
      FROM reservations AS r
     CROSS JOIN LATERAL unnest(r.ticket_option_ids, r.quantities) AS item (ticket_option_id, quantity))
  SELECT p.id, format('reservation %s is active, but does not hold %s of ticket option %s', p.id, p.quantity, p.ticket_option_id) AS sentence
    FROM promised AS p
   WHERE (p.status = 'active' AND p.expires_at > clock_timestamp())
     AND NOT EXISTS (SELECT FROM holds AS h
                      WHERE h.ticket_option_id = p.ticket_option_id AND h.expires_at = p.expires_at
                        AND h.reservation_id = p.id AND h.event_id = p.event_id
                        AND h.quantity = p.quantity AND h.user_id = p.user_id)
   UNION ALL
  SELECT h.reservation_id, format('reservation %s holds %s of ticket option %s, which it should not', h.reservation_id, h.quantity, h.ticket_option_id)
    FROM holds AS h
   WHERE NOT EXISTS (SELECT FROM promised AS p
                      WHERE p.id = h.reservation_id AND p.event_id = h.event_id AND p.user_id = h.user_id
                        AND p.ticket_option_id = h.ticket_option_id AND p.quantity = h.quantity
                        AND p.kinds = h.kinds
                        AND (p.status = 'active' AND p.expires_at = h.expires_at
                             OR p.status = 'paying' AND h.expires_at = 'infinity'))`;

/** What the options repeat of their event. */
const EVENTS = `
  SELECT o.id, format('ticket option %s does not repeat what its event %s says', o.id, e.id) AS sentence
    FROM ticket_options AS o JOIN events AS e ON e.id = o.event_id
   WHERE o.event_cancelled <> (e.status = 'cancelled')
      OR o.event_max_per_user IS DISTINCT FROM e.max_tickets_per_user
   UNION ALL
  SELECT r.id, format('reservation %s is active, but its event %s is cancelled', r.id, e.id)
    FROM events AS e JOIN reservations AS r ON r.event_id = e.id
   WHERE e.status = 'cancelled' AND r.status = 'active' AND r.expires_at > clock_timestamp()`;

/** What is looked at event by event: each is one statement, and so right by itself, whatever is sold meanwhile. */
export const CHECKS_OF_EVENTS = [
  OPTIONS,
  USERS,
  RESERVATIONS,
  EVENTS,
  PAYMENTS,
  ...PAID,
  COUNTS,
  SALES,
] as const;

/** What is looked at over all events at once. */
export const CHECKS_OF_ALL = [TOTALS] as const;

/**
 * Counts every ticket again from the rows and compares with the counters, in one snapshot, so that it is right
 * while sales go on.
 *
 * @returns one entry for each difference; none when the books are right
 */
export async function audit(client: ClientBase): Promise<Difference[]> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    // Counting takes as long as there are rows.
    await client.query("SELECT set_config('statement_timeout', '0', true)");
    const differences: Difference[] = [];
    for (const text of [...CHECKS_OF_EVENTS, ...CHECKS_OF_ALL]) {
      const { rows } = await client.query<Difference>(text);
      differences.push(...rows);
    }
    return differences;
  } finally {
    await client.query('ROLLBACK');
  }
}
