import { statement } from '../database/sql';

/**
 * Every statement that moves stock, and what is read to decide on it. Each names one event by equality.
 *
 * Milliseconds everywhere: JavaScript has no finer clock, and a rounded one would lie by half of one.
 */

export interface StockRow {
  id: string;
  remaining: number;
  price_cents: number;
  max_per_user: number | null;
  max_per_order: number | null;
  sales_start_at: Date | null;
  sales_end_at: Date | null;
}

const STOCK_COLUMNS = `id, remaining, price_cents, max_per_user, max_per_order, sales_start_at, sales_end_at`;

/**
 * Sells to a whole group of one option in one statement, or to nobody.
 *
 * It may be one statement, without locking first, because the UPDATE looks at nothing but its own row: when it
 * waits for another transaction, PostgreSQL evaluates its WHERE again on the new version of that row, with the
 * clock read anew. Whatever else would have to be looked at (limits of users) would be stale after the wait, so
 * options with such limits go through {@link lockStock}.
 *
 * RETURNING reads the clock once more, microseconds after WHERE did. What was in time then is recorded as in time.
 *
 * When the group does not get through, nothing was locked or written. The row in `ticket_options` is then what
 * was true when the statement began, which is after every order of the group had arrived: enough to refuse on.
 *
 * Parameters: option, event, sum of the quantities, largest quantity, ids, users, quantities.
 */
export const takeForAll = statement<StockRow & { now: Date; sold: boolean; sold_at: Date | null }>(
  'take_for_all',
  `WITH taken AS (
     UPDATE ticket_options
        SET remaining = remaining - $3::bigint, sold = sold + $3::bigint
      WHERE id = $1 AND event_id = $2
        AND remaining >= $3::bigint
        AND price_cents = 0
        AND max_per_user IS NULL
        AND (max_per_order IS NULL OR max_per_order >= $4::integer)
        AND (sales_start_at IS NULL OR sales_start_at <= clock_timestamp())
        AND (sales_end_at IS NULL OR sales_end_at > clock_timestamp())
     RETURNING price_cents,
               least(date_trunc('milliseconds', clock_timestamp()), sales_end_at - interval '1 millisecond') AS at
   ), written AS (
     INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT wanted.id, $2, $1, wanted.user_id, wanted.quantity, taken.price_cents, taken.at
       FROM taken, unnest($5::uuid[], $6::uuid[], $7::integer[]) AS wanted (id, user_id, quantity)
   )
   SELECT ${STOCK_COLUMNS}, date_trunc('milliseconds', clock_timestamp()) AS now,
          EXISTS (SELECT FROM taken) AS sold, (SELECT at FROM taken) AS sold_at
     FROM ticket_options
    WHERE id = $1 AND event_id = $2`,
);

/** Reads the clock and the stock of options without locking them. Parameters: event, options. */
export const readStock = statement<StockRow & { now: Date }>(
  'read_stock',
  `SELECT ${STOCK_COLUMNS}, date_trunc('milliseconds', clock_timestamp()) AS now
     FROM ticket_options WHERE event_id = $1 AND id = ANY ($2::uuid[])`,
);

/**
 * Locks the options of an event, in the order of their ids so that no two transactions wait for each other. What
 * it answers is the newest version of each row, so stock is read and locked at once. NO KEY UPDATE does not get
 * into the way of the foreign keys of other inserts. Parameters: event, options.
 */
export const lockStock = statement<StockRow>(
  'lock_stock',
  `SELECT ${STOCK_COLUMNS} FROM ticket_options
    WHERE event_id = $1 AND id = ANY ($2::uuid[])
    ORDER BY id
      FOR NO KEY UPDATE`,
);

/**
 * Reads the clock and what the users have. After {@link lockStock} it sees what is true then: counts are only
 * moved under the lock of their option. The clock is read here, since a statement that waits for a lock may have
 * read it before. At least one row, without a user when nobody has anything. Parameters: event, users, options.
 */
export const readClockAndCounts = statement<{
  now: Date;
  user_id: string | null;
  ticket_option_id: string | null;
  tickets: number | null;
}>(
  'read_clock_and_counts',
  `SELECT date_trunc('milliseconds', clock_timestamp()) AS now, counts.user_id, counts.ticket_option_id, counts.tickets
     FROM (SELECT) AS clock
     LEFT JOIN (SELECT c.user_id, c.ticket_option_id, c.tickets
                  FROM unnest($2::uuid[], $3::uuid[]) AS wanted (user_id, ticket_option_id)
                  JOIN user_counts AS c
                    ON c.user_id = wanted.user_id
                   AND c.ticket_option_id = wanted.ticket_option_id
                   AND c.event_id = $1) AS counts ON true`,
);

/** Which of these purchases are there already. Only right under {@link lockStock}. Parameters: event, ids. */
export const findMade = statement<{ id: string; unit_price_cents: number; created_at: Date }>(
  'find_made',
  `SELECT id, unit_price_cents, created_at FROM purchases WHERE event_id = $1 AND id = ANY ($2::uuid[])`,
);

/**
 * Writes what was decided under the locks. The conditions repeat the decision: each counter moves only by a
 * conditional UPDATE, each user's count only by a conditional upsert, and the caller compares how many rows moved
 * with how many should have. So a mistake in the process ends in a rollback and not in a ticket too many.
 *
 * Parameters: event; options and what to take from each; users, options and tickets to count; purchases (ids,
 * options, users, quantities, unit prices) and their time.
 */
export const writeSales = statement<{
  options_moved: number;
  counts_moved: number;
  purchases_written: number;
}>(
  'write_sales',
  `WITH moved AS (
     UPDATE ticket_options AS o
        SET remaining = o.remaining - take.quantity, sold = o.sold + take.quantity
       FROM unnest($2::uuid[], $3::bigint[]) AS take (id, quantity)
      WHERE o.id = take.id AND o.event_id = $1
        AND o.remaining >= take.quantity
     RETURNING o.id
   ), counted AS (
     INSERT INTO user_counts AS c (user_id, ticket_option_id, event_id, tickets)
     SELECT more.user_id, more.ticket_option_id, $1, more.tickets
       FROM unnest($4::uuid[], $5::uuid[], $6::integer[]) AS more (user_id, ticket_option_id, tickets)
       JOIN ticket_options AS o ON o.id = more.ticket_option_id AND o.event_id = $1
      WHERE more.tickets <= o.max_per_user
     ON CONFLICT (user_id, ticket_option_id, event_id) DO UPDATE
        SET tickets = c.tickets + excluded.tickets
      WHERE c.tickets + excluded.tickets <= (SELECT o.max_per_user FROM ticket_options AS o
                                              WHERE o.id = excluded.ticket_option_id AND o.event_id = excluded.event_id)
     RETURNING c.user_id
   ), written AS (
     INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT p.id, $1, p.ticket_option_id, p.user_id, p.quantity, p.unit_price_cents, $12::timestamptz
       FROM unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::integer[], $11::integer[])
         AS p (id, ticket_option_id, user_id, quantity, unit_price_cents)
     RETURNING id
   )
   SELECT (SELECT count(*)::integer FROM moved) AS options_moved,
          (SELECT count(*)::integer FROM counted) AS counts_moved,
          (SELECT count(*)::integer FROM written) AS purchases_written`,
);

/**
 * Makes sure that a server process whose connection was lost does not commit any more: ends it, and waits up to a
 * second until it is gone. No row: it was gone already. Parameters: process id, when it started.
 */
export const endBackend = statement<{ gone: boolean }>(
  'end_backend',
  `SELECT pg_terminate_backend(pid, 1000) AS gone
     FROM pg_stat_activity
    WHERE pid = $1 AND backend_start = $2::timestamptz`,
);
