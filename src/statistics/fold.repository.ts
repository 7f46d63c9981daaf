import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { FOLD_LOCK } from '../allocation/write-totals';
import { Connections } from '../database/connections';
import { queryOne, statement } from '../database/sql';

/**
 * How many intervals one statement adds up: six hours of minutes, or a year of days. Refunds wait for it, so it must
 * not take long.
 */
const CHUNK = 360;

/** How long an interval must be over. */
const MARGIN_MS = 5 * 60_000;

/**
 * Gets the lock or does not wait for it, and tells up to when nothing can be sold any more. Turns read the clock
 * under their locks and then end within seconds. But a COMMIT may wait for a standby for as long as that is away; so
 * nothing is folded that is younger than the oldest transaction which has written.
 *
 * Parameter: milliseconds that must have passed since the end of an interval.
 */
export const tryFoldLock = statement<{ locked: boolean; over_until: Date }>(
  'try_fold_lock',
  `SELECT pg_try_advisory_xact_lock(${FOLD_LOCK}) AS locked,
          least(clock_timestamp() - $1::integer * interval '1 ms',
                (SELECT min(xact_start) FROM pg_stat_activity
                  WHERE datname = current_database() AND backend_xid IS NOT NULL)) AS over_until`,
);

/**
 * Adds up the next intervals over all events, from the first that has rows. It locks no row that anybody else writes.
 * Parameters: length in minutes, the end of the last interval that may be taken, how many intervals.
 */
export const foldChunk = statement<{ more: boolean }>(
  'fold_chunk',
  `WITH over AS MATERIALIZED (
     SELECT date_bin($1::integer * interval '1 minute', $2::timestamptz, timestamptz '2000-01-01T00:00:00Z') AS until
   ), oldest AS MATERIALIZED (
     SELECT starts_at FROM sales
      WHERE minutes = $1
        AND starts_at >= coalesce((SELECT until FROM sales_folds WHERE minutes = $1), '-infinity')
      ORDER BY starts_at LIMIT 1
   ), chunk AS MATERIALIZED (
     SELECT oldest.starts_at,
            least(oldest.starts_at + $3::integer * $1 * interval '1 minute', over.until) AS until
       FROM oldest, over WHERE oldest.starts_at < over.until
   ), totals AS (
     INSERT INTO sales_totals (minutes, starts_at, sold, revenue_cents)
     SELECT minutes, starts_at, sum(sold), sum(revenue_cents) FROM sales
      WHERE minutes = $1 AND starts_at >= (SELECT starts_at FROM chunk) AND starts_at < (SELECT until FROM chunk)
      GROUP BY minutes, starts_at
   )
   INSERT INTO sales_folds (minutes, until)
   SELECT $1, until FROM chunk
   ON CONFLICT (minutes) DO UPDATE SET until = excluded.until
   RETURNING until < (SELECT until FROM over) AS more`,
);

/** What came of an attempt: somebody refunds or folds at this moment; there may be more to fold; there is not. */
export type Folded = 'busy' | 'more' | 'done';

/** Adds up over all events what was sold in intervals that are over. */
@Injectable()
export class FoldRepository {
  constructor(private readonly connections: Connections) {}

  /** Folds the next intervals of a length in minutes, in a transaction of its own. */
  fold(minutes: number): Promise<Folded> {
    return this.connections.answer(async (client) => {
      await client.query('BEGIN');
      try {
        const folded = await foldWithin(client, minutes);
        await client.query('COMMIT');
        return folded;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }
}

async function foldWithin(client: PoolClient, minutes: number): Promise<Folded> {
  const over = await queryOne(client, tryFoldLock, [MARGIN_MS]);
  if (over?.locked !== true) return 'busy';
  // A statement of its own, which sees every refund that the lock was waiting for.
  const folded = await queryOne(client, foldChunk, [minutes, over.over_until, CHUNK]);
  return folded?.more === true ? 'more' : 'done';
}
