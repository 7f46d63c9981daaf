import { statement } from '../database/sql';

/**
 * What is locked and read to decide on stock. Each statement names one event by equality. The statements that
 * write are in `write-*.ts`, `take-all.ts` and `release.ts`.
 *
 * Milliseconds everywhere: JavaScript has no finer clock, and a rounded one would lie by half of one.
 *
 * Lists of keys are joined by `CROSS JOIN LATERAL (… OFFSET 0)`: PostgreSQL does not look into such a subquery, so
 * each key is looked up by its index. A plain join leaves the choice to statistics, which a fresh table does not
 * have: on one, a plan that was made while it was empty read the whole index of all users for each turn, as long as
 * the connection lasted. For the same reason an UPDATE that joins a list names its keys once more (`id = ANY (…)`),
 * a DELETE names nothing but the places of its rows (`ctid`), and users' counts are moved by upserts only.
 */

export interface StockRow {
  id: string;
  remaining: number;
  price_cents: number;
  max_per_user: number | null;
  max_per_order: number | null;
  sales_start_at: Date | null;
  sales_end_at: Date | null;
  counts_users: boolean;
  event_cancelled: boolean;
  event_max_per_user: number | null;
  event_counts_users: boolean;
}

export const STOCK_COLUMNS = `id, remaining, price_cents, max_per_user, max_per_order, sales_start_at, sales_end_at,
          counts_users, event_cancelled, event_max_per_user, event_counts_users`;

/** The clock, in the resolution that everything here has. */
export const NOW = `date_trunc('milliseconds', clock_timestamp())`;

/**
 * Lets users have less: `UNCOUNT`, a SELECT of (user, scope, event, tickets), and `FROM_COUNTED`. Whoever was not
 * counted, which is a mistake in the books, shows as a row that `was_counted` is false of.
 */
export const UNCOUNT = 'INSERT INTO user_counts AS c (user_id, scope_id, event_id, tickets)';
export const FROM_COUNTED = `ON CONFLICT (user_id, scope_id, event_id) DO UPDATE
        SET tickets = c.tickets - excluded.tickets
      WHERE c.tickets >= excluded.tickets
     RETURNING c.xmax <> 0 AS was_counted`;

export const clock = statement<{ now: Date }>('clock', `SELECT ${NOW} AS now`);

/**
 * What is over of each option, and no more of it than is wanted: a hold has at least one ticket, so as many rows
 * will do, however many there are. To be joined to `wanted (id, tickets)` and `clock (now)`.
 */
const OVER = `
  CROSS JOIN LATERAL (
     SELECT coalesce(sum(h.quantity), 0)::float8 AS over
       FROM (SELECT quantity FROM holds
              WHERE ticket_option_id = wanted.id AND event_id = $1 AND expires_at <= clock.now
              ORDER BY expires_at, reservation_id
              LIMIT wanted.tickets) AS h) AS held`;

/**
 * Reads the clock, the stock and what is over of it, without locking. Parameters: event, options, tickets wanted
 * of each.
 */
export const readStock = statement<StockRow & { now: Date; over: number }>(
  'read_stock',
  `WITH clock AS MATERIALIZED (SELECT ${NOW} AS now),
        over AS MATERIALIZED (
          SELECT wanted.id AS option_id, held.over
            FROM clock, unnest($2::uuid[], $3::bigint[]) AS wanted (id, tickets) ${OVER})
   SELECT stock.*, clock.now, over.over
     FROM clock, over
    CROSS JOIN LATERAL (SELECT ${STOCK_COLUMNS} FROM ticket_options
                         WHERE id = over.option_id AND event_id = $1 OFFSET 0) AS stock`,
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
 * The same for a turn that gives holds back, or that counts what users have of the whole event. A reservation that
 * is over may have tickets of any option, so whatever is reserved is locked as well. And what users have of an event
 * moves under the locks of all its options: with one of them each, two instances would wait for each other's users.
 * Parameters: event, options.
 */
export const lockWidely = statement<StockRow>(
  'lock_widely',
  `SELECT ${STOCK_COLUMNS} FROM ticket_options
    WHERE event_id = $1 AND (id = ANY ($2::uuid[]) OR reserved > 0 OR event_counts_users)
    ORDER BY id
      FOR NO KEY UPDATE`,
);

/**
 * Reads the clock and what the users have. After {@link lockStock} it sees what is true then: what users have is
 * only moved under the locks of the options that it is of. The clock is read here, since a statement that waits for a lock may have
 * read it before. At least one row, without a user when nobody has anything. Parameters: event, users, scopes.
 */
export const readClockAndCounts = statement<{
  now: Date;
  user_id: string | null;
  scope_id: string | null;
  tickets: number | null;
}>(
  'read_clock_and_counts',
  `SELECT ${NOW} AS now, counts.user_id, counts.scope_id, counts.tickets
     FROM (SELECT) AS clock
     LEFT JOIN (SELECT c.user_id, c.scope_id, c.tickets::float8 AS tickets
                  FROM unnest($2::uuid[], $3::uuid[]) AS wanted (user_id, scope_id)
                 CROSS JOIN LATERAL (SELECT user_id, scope_id, tickets FROM user_counts
                                      WHERE user_id = wanted.user_id AND scope_id = wanted.scope_id
                                        AND event_id = $1 OFFSET 0) AS c) AS counts ON true`,
);

/** What is over of options, up to what is wanted. Parameters: event, options, tickets wanted of each, now. */
export const readOver = statement<{ id: string; over: number }>(
  'read_over',
  `SELECT wanted.id, held.over
     FROM (SELECT $4::timestamptz AS now) AS clock, unnest($2::uuid[], $3::bigint[]) AS wanted (id, tickets) ${OVER}`,
);

/** What users hold that is over, of each option of the event. Parameters: event, users, now. */
export const readUsersOver = statement<{ user_id: string; ticket_option_id: string; tickets: number }>(
  'read_users_over',
  `SELECT user_id, ticket_option_id, sum(quantity)::float8 AS tickets
     FROM holds
    WHERE user_id = ANY ($2::uuid[]) AND event_id = $1 AND expires_at <= $3::timestamptz
    GROUP BY user_id, ticket_option_id`,
);

export interface ReservationRow {
  id: string;
  user_id: string;
  status: 'active' | 'paying' | 'paid' | 'cancelled';
  ticket_option_ids: string;
  quantities: string;
  unit_prices_cents: string;
  expires_at: Date;
  created_at: Date;
  payment_id: string | null;
  purchase_ids: string | null;
}

/**
 * Reads reservations, to change them or to recognise them after an answer was lost. Only right under the locks of
 * their options, without which nobody changes them. Lists come as text with commas, which is taken apart in a fraction of
 * the time that the driver needs for an array. Parameters: event, ids.
 */
export const readReservations = statement<ReservationRow>(
  'read_reservations',
  `SELECT id, user_id, status, array_to_string(ticket_option_ids, ',') AS ticket_option_ids,
          array_to_string(quantities, ',') AS quantities, array_to_string(unit_prices_cents, ',') AS unit_prices_cents,
          expires_at, created_at, payment_id, array_to_string(purchase_ids, ',') AS purchase_ids
     FROM reservations WHERE event_id = $1 AND id = ANY ($2::uuid[])`,
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
