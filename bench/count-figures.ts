import type { ClientBase } from 'pg';

/* The statistics, counted anew from the rows that they follow from; nothing may be held or in payment. */

const REVENUE_OF_OPTIONS = `
  UPDATE ticket_options AS o SET revenue_cents = p.cents
    FROM (SELECT ticket_option_id, event_id, sum(quantity::bigint * unit_price_cents) AS cents
            FROM purchases WHERE refunded_at IS NULL GROUP BY 1, 2) AS p
   WHERE o.id = p.ticket_option_id AND o.event_id = p.event_id AND o.revenue_cents <> p.cents`;

const EVENT_COUNTS = `
  INSERT INTO event_counts (event_id, allocation, reserved, sold, revenue_cents)
  SELECT event_id, sum(allocation), sum(reserved), sum(sold), sum(revenue_cents) FROM ticket_options GROUP BY 1
  ON CONFLICT (event_id) DO UPDATE
     SET allocation = excluded.allocation, reserved = excluded.reserved, sold = excluded.sold,
         revenue_cents = excluded.revenue_cents`;

/** The purchases are read once: what was sold in an hour is what was sold in its minutes. */
const SALES = `
  WITH by_minute AS MATERIALIZED (
    SELECT date_trunc('minute', created_at, 'UTC') AS starts_at, event_id, sum(quantity)::bigint AS sold,
           sum(quantity::bigint * unit_price_cents)::bigint AS cents
      FROM purchases WHERE refunded_at IS NULL GROUP BY 1, 2)
  INSERT INTO sales (minutes, starts_at, event_id, sold, revenue_cents)
  SELECT span.minutes, date_trunc(span.unit, starts_at, 'UTC'), event_id, sum(sold), sum(cents)
    FROM by_minute, (VALUES (1, 'minute'), (60, 'hour'), (1440, 'day')) AS span (minutes, unit)
   GROUP BY 1, 2, 3
   ORDER BY 1, 2, 3`;

/** Writes the statistics of everything that was bought where nobody has kept them. */
export async function countFigures(client: ClientBase): Promise<void> {
  for (const table of ['sales', 'sales_totals', 'sales_folds']) await client.query(`DELETE FROM ${table}`);
  for (const text of [REVENUE_OF_OPTIONS, EVENT_COUNTS, SALES]) await client.query(text);
}
