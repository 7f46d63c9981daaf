import type { PoolClient } from 'pg';
import { arrayOf, query, statement } from '../database/sql';
import { assertion, guarded } from './guard';
import type { Figures } from './figures';

/** Every kind of interval that sales are counted by, all of UTC. */
export const INTERVALS = `(VALUES (1, 'minute'), (60, 'hour'), (1440, 'day')) AS span (minutes, unit)`;

/** Counts sales: `INTO_SALES`, a SELECT of (minutes, starts_at, event, tickets, revenue), and `SALES_ADD_UP`. */
export const INTO_SALES = 'INSERT INTO sales AS s (minutes, starts_at, event_id, sold, revenue_cents)';
export const SALES_ADD_UP = `ON CONFLICT (minutes, starts_at, event_id) DO UPDATE
        SET sold = s.sold + excluded.sold, revenue_cents = s.revenue_cents + excluded.revenue_cents`;

/**
 * Moves the statistics of an event, and its own row first: two turns of one event, about different options of it, meet
 * there before they come to the intervals, and so never wait for each other.
 *
 * What is given back is found by an UPDATE, since an INSERT must not begin with less than nothing: the interval in
 * which something was bought has a row for good.
 *
 * Parameters: event; tickets reserved and sold; revenue; reservations created, paid, cancelled; minutes with the tickets
 * sold in them and the revenue.
 */
export const writeFiguresOf = statement(
  'write_figures',
  `WITH counted AS (
     UPDATE event_counts
        SET reserved = reserved + $2::bigint, sold = sold + $3::bigint, revenue_cents = revenue_cents + $4::numeric,
            reservations_created = reservations_created + $5::bigint,
            reservations_paid = reservations_paid + $6::bigint,
            reservations_cancelled = reservations_cancelled + $7::bigint
      WHERE event_id = $1
     RETURNING event_id
   ), intervals AS MATERIALIZED (
     SELECT span.minutes, date_trunc(span.unit, sale.at, 'UTC') AS starts_at, counted.event_id,
            sum(sale.sold)::bigint AS sold, sum(sale.revenue_cents) AS revenue_cents
       FROM counted, unnest($8::timestamptz[], $9::bigint[], $10::numeric[]) AS sale (at, sold, revenue_cents), ${INTERVALS}
      GROUP BY 1, 2, 3
   ), more AS (
     ${INTO_SALES}
     SELECT * FROM intervals WHERE least(sold, revenue_cents) >= 0
     ${SALES_ADD_UP}
     RETURNING s.event_id
   ), less AS (
     UPDATE sales AS s SET sold = s.sold + i.sold, revenue_cents = s.revenue_cents + i.revenue_cents
       FROM intervals AS i
      WHERE s.minutes = i.minutes AND s.starts_at = i.starts_at AND s.event_id = i.event_id AND s.event_id = $1
        AND least(i.sold, i.revenue_cents) < 0
     RETURNING s.event_id
   )
   SELECT ${assertion(`(SELECT count(*) FROM counted) = 1
                   AND (SELECT count(*) FROM more) + (SELECT count(*) FROM less) = (SELECT count(*) FROM intervals)`)}`,
);

/** Sends by how much the statistics move. Not an async function, like `write`. @throws GuardError */
export function writeFigures(client: PoolClient, eventId: string, figures: Figures): Promise<unknown> {
  const sales = [...figures.sales];
  const written = query(client, writeFiguresOf, [
    eventId,
    figures.reserved,
    figures.sold,
    figures.revenueCents.toString(),
    figures.created,
    figures.paid,
    figures.cancelled,
    arrayOf(sales.map(([at]) => new Date(at).toISOString())),
    arrayOf(sales.map(([, { sold }]) => sold)),
    arrayOf(sales.map(([, { revenueCents }]) => revenueCents)),
  ]);
  return guarded(written);
}
