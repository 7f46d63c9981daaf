import type { PoolClient } from 'pg';
import { arrayOf, query, statement } from '../database/sql';
import type { Figures } from './figures';
import { INTERVALS } from './write-figures';

/**
 * The advisory lock between refunds, which share it, and the job that adds up over all events, which has it alone.
 * Without it, neither would see the other: the job not the refund, nor the refund the row of totals that it belongs to.
 */
export const FOLD_LOCK = 480_518;

/**
 * It is only waited for while the job adds up, which waits for nobody. The statement behind it sees what the job
 * has written, or the job will see what this transaction has.
 */
export const shareFoldLock = statement(
  'share_fold_lock',
  `SELECT pg_advisory_xact_lock_shared(${FOLD_LOCK})`,
);

/**
 * Takes away from the totals of the intervals that are folded; those that are not have no row, and get none. It is an
 * upsert for the sake of its plan, and in the order of the keys, so that no two turns wait for each other.
 *
 * Parameters: minutes with the tickets given back of what was sold in them, and the revenue.
 */
export const takeFromTotalsOf = statement(
  'take_from_totals',
  `WITH back AS MATERIALIZED (
     SELECT span.minutes, date_trunc(span.unit, sale.at, 'UTC') AS starts_at,
            sum(sale.sold) AS sold, sum(sale.revenue_cents) AS revenue_cents
       FROM unnest($1::timestamptz[], $2::bigint[], $3::numeric[]) AS sale (at, sold, revenue_cents), ${INTERVALS}
      GROUP BY 1, 2
   )
   INSERT INTO sales_totals AS t (minutes, starts_at, sold, revenue_cents)
   SELECT back.minutes, back.starts_at, back.sold, back.revenue_cents
     FROM back
    CROSS JOIN LATERAL (SELECT FROM sales_totals
                         WHERE minutes = back.minutes AND starts_at = back.starts_at OFFSET 0) AS folded
    ORDER BY 1, 2
   ON CONFLICT (minutes, starts_at) DO UPDATE
      SET sold = t.sold - excluded.sold, revenue_cents = t.revenue_cents - excluded.revenue_cents`,
);

/**
 * Sends what is taken from the totals over all events, if anything is refunded. What is sold needs nothing here: its
 * intervals are not over.
 */
export function takeFromTotals(client: PoolClient, { sales }: Figures): Promise<unknown>[] {
  const back = [...sales].filter(([, { sold }]) => sold < 0);
  if (back.length === 0) return [];
  return [
    query(client, shareFoldLock, []),
    query(client, takeFromTotalsOf, [
      arrayOf(back.map(([at]) => new Date(at).toISOString())),
      arrayOf(back.map(([, { sold }]) => -sold)),
      arrayOf(back.map(([, { revenueCents }]) => -revenueCents)),
    ]),
  ];
}
