import type { PoolClient } from 'pg';
import { GuardError } from '../database/errors';
import { arrayOf, queryOne, statement } from '../database/sql';
import { FROM_COUNTED, NOW, UNCOUNT } from './statements';

/**
 * What follows from holds that are `gone` (ticket_option_id, reservation_id, user_id, quantity, is_over): the counters of
 * options, of the event and of users. Those that were over expired, the others were cancelled. Continues a WITH whose $1
 * is the event.
 */
export const GIVE_BACK = `back AS MATERIALIZED (
     SELECT ticket_option_id, sum(quantity) AS quantity FROM gone GROUP BY ticket_option_id
   ), moved AS (
     UPDATE ticket_options AS o
        SET remaining = o.remaining + given.quantity, reserved = o.reserved - given.quantity
       FROM back AS given
      WHERE o.id = given.ticket_option_id AND o.event_id = $1
        AND o.id = ANY (ARRAY (SELECT ticket_option_id FROM back))
        AND o.reserved >= given.quantity
     RETURNING o.id
   ), figures AS (
     UPDATE event_counts AS e
        SET reserved = e.reserved - given.quantity,
            reservations_expired = e.reservations_expired + given.expired,
            reservations_cancelled = e.reservations_cancelled + given.cancelled
       FROM (SELECT sum(quantity) AS quantity,
                    count(DISTINCT reservation_id) FILTER (WHERE is_over) AS expired,
                    count(DISTINCT reservation_id) FILTER (WHERE NOT is_over) AS cancelled
               FROM gone HAVING count(*) > 0) AS given
      WHERE e.event_id = $1
     RETURNING e.event_id
   ), scopes AS MATERIALIZED (
     SELECT back.ticket_option_id, scope.id
       FROM back
      CROSS JOIN LATERAL (SELECT counts_users, event_counts_users FROM ticket_options
                           WHERE id = back.ticket_option_id AND event_id = $1 OFFSET 0) AS o
      CROSS JOIN LATERAL (VALUES (back.ticket_option_id, o.counts_users), ($1::uuid, o.event_counts_users))
                           AS scope (id, counted)
      WHERE scope.counted
   ), less AS MATERIALIZED (
     SELECT gone.user_id, scopes.id AS scope_id, sum(gone.quantity) AS tickets
       FROM gone JOIN scopes ON scopes.ticket_option_id = gone.ticket_option_id
      GROUP BY gone.user_id, scopes.id
   ), uncounted AS (
     ${UNCOUNT}
     SELECT user_id, scope_id, $1, tickets FROM less ORDER BY user_id, scope_id
     ${FROM_COUNTED}
   )`;
/** How many counters followed, and how many should have. */
export const GIVEN_BACK = `
          (SELECT count(*)::integer FROM moved) AS moved, (SELECT count(*)::integer FROM back) AS to_move,
          (SELECT count(*)::integer FROM uncounted WHERE was_counted) AS uncounted, (SELECT count(*)::integer FROM less) AS to_uncount,
          (SELECT count(*)::integer FROM figures) AS figures`;

export interface GivenBack {
  readonly moved: number;
  readonly to_move: number;
  readonly uncounted: number;
  readonly to_uncount: number;
  readonly figures: number;
}

/** @throws GuardError when a counter did not have what it had to give */
export function checkGivenBack(row: GivenBack | undefined): asserts row {
  if (
    row === undefined ||
    row.moved !== row.to_move ||
    row.uncounted !== row.to_uncount ||
    row.figures !== Math.min(row.to_move, 1)
  ) {
    throw new GuardError('the counters do not have what the holds gave back');
  }
}

/**
 * Gives back the tickets of reservations that are over: of each option as many as are needed, oldest first, and
 * all that certain users hold. A reservation is given back whole, so whatever is reserved of the event must be
 * locked (`lockWidely`). The reservations themselves are not touched: that they are over follows from their time.
 *
 * `picked` walks the key of `holds` from its old end and stops when it has enough; with 100,000 holds that are over
 * the next buyer waits for a few of them. Rows are deleted by their place, so that no plan can read the whole table,
 * whatever its statistics say; the other holds of a reservation are looked for only where there are any.
 *
 * Parameters: event; now (null: by the clock that this statement reads); options and the tickets needed of each; users; the
 * most holds of an option, or null.
 */
export const releaseHolds = statement<GivenBack & { holds: number }>(
  'release_holds',
  `WITH clock AS MATERIALIZED (SELECT coalesce($2::timestamptz, ${NOW}) AS now),
   picked AS MATERIALIZED (
     SELECT h.place, h.reservation_id, h.expires_at, h.kinds
       FROM clock, unnest($3::uuid[], $4::bigint[]) AS need (id, tickets)
      CROSS JOIN LATERAL (
              SELECT o.*, sum(o.quantity) OVER (ORDER BY o.expires_at, o.reservation_id) - o.quantity AS before
                FROM (SELECT ctid AS place, reservation_id, expires_at, quantity, kinds FROM holds
                       WHERE ticket_option_id = need.id AND event_id = $1 AND expires_at <= clock.now
                       ORDER BY expires_at, reservation_id
                       LIMIT least(need.tickets, $6::bigint)) AS o) AS h
      WHERE h.before < need.tickets
      UNION
     SELECT h.ctid, h.reservation_id, h.expires_at, h.kinds
       FROM clock, holds AS h
      WHERE h.user_id = ANY ($5::uuid[]) AND h.event_id = $1 AND h.expires_at <= clock.now
   ), others AS (
     SELECT h.place
       FROM (SELECT DISTINCT reservation_id, expires_at FROM picked WHERE kinds > 1) AS p
      CROSS JOIN LATERAL (SELECT ticket_option_ids FROM reservations
                           WHERE id = p.reservation_id AND event_id = $1 OFFSET 0) AS r
      CROSS JOIN LATERAL unnest(r.ticket_option_ids) AS item (id)
      CROSS JOIN LATERAL (SELECT ctid AS place FROM holds
                           WHERE ticket_option_id = item.id AND expires_at = p.expires_at
                             AND reservation_id = p.reservation_id AND event_id = $1 OFFSET 0) AS h
   ), gone AS (
     DELETE FROM holds
      WHERE ctid = ANY (ARRAY (SELECT place FROM picked UNION ALL SELECT place FROM others))
     RETURNING ticket_option_id, reservation_id, user_id, quantity, true AS is_over
   ), ${GIVE_BACK}
   SELECT (SELECT count(*)::integer FROM gone) AS holds, ${GIVEN_BACK}`,
);

/** Which holds that are over are to be given back. */
export interface ReleaseNeeds {
  /** Tickets needed, by ticket option id. */
  readonly tickets: ReadonlyMap<string, number>;
  /** Users of whom everything that is over goes back. */
  readonly users: readonly string[];
  /** How many holds of an option go back at most, however many tickets are needed. */
  readonly most?: number;
}

/**
 * Gives back holds that are over.
 *
 * @returns how many holds were given back
 * @throws GuardError when the counters did not follow
 */
export async function release(
  client: PoolClient,
  eventId: string,
  now: Date | null,
  { tickets, users, most }: ReleaseNeeds,
): Promise<number> {
  const row = await queryOne(client, releaseHolds, [
    eventId,
    now,
    arrayOf([...tickets.keys()]),
    arrayOf([...tickets.values()]),
    arrayOf(users),
    most ?? null,
  ]);
  checkGivenBack(row);
  return row.holds;
}
