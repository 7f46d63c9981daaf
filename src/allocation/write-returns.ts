import type { PoolClient } from 'pg';
import { arrayOf, queryOne, statement } from '../database/sql';
import { GuardError } from './guard';
import type { Changed, Returns } from './ledger';

/**
 * Cancels reservations and gives their tickets back, and extends others. Each changes only from the very state
 * that was decided on; the caller compares how many rows moved.
 *
 * Parameters: event; cancelled reservations (ids, until when they lasted); their holds (options, until when, ids);
 * users, scopes and tickets that count less; extended reservations (ids, until when they lasted, until when now);
 * their holds (options, until when they lasted, ids, until when now).
 */
export const writeReturns = statement<{
  cancelled: number;
  gone: number;
  moved: number;
  uncounted: number;
  extended: number;
  prolonged: number;
}>(
  'write_returns',
  `WITH cancelled AS (
     UPDATE reservations AS r SET status = 'cancelled'
       FROM unnest($2::uuid[], $3::timestamptz[]) AS c (id, expires_at)
      WHERE r.id = c.id AND r.event_id = $1 AND r.status = 'active' AND r.expires_at = c.expires_at
     RETURNING r.id
   ), gone AS (
     DELETE FROM holds AS h
      USING unnest($4::uuid[], $5::timestamptz[], $6::uuid[]) AS g (ticket_option_id, expires_at, reservation_id)
      WHERE h.ticket_option_id = g.ticket_option_id AND h.expires_at = g.expires_at
        AND h.reservation_id = g.reservation_id AND h.event_id = $1
     RETURNING h.ticket_option_id, h.quantity
   ), moved AS (
     UPDATE ticket_options AS o
        SET remaining = o.remaining + back.quantity, reserved = o.reserved - back.quantity
       FROM (SELECT ticket_option_id, sum(quantity) AS quantity FROM gone GROUP BY ticket_option_id) AS back
      WHERE o.id = back.ticket_option_id AND o.event_id = $1
        AND o.reserved >= back.quantity
     RETURNING o.id
   ), uncounted AS (
     UPDATE user_counts AS c SET tickets = c.tickets - less.tickets
       FROM unnest($7::uuid[], $8::uuid[], $9::bigint[]) AS less (user_id, scope_id, tickets)
      WHERE c.user_id = less.user_id AND c.scope_id = less.scope_id AND c.event_id = $1
        AND c.tickets >= less.tickets
     RETURNING c.user_id
   ), extended AS (
     UPDATE reservations AS r SET expires_at = e.later
       FROM unnest($10::uuid[], $11::timestamptz[], $12::timestamptz[]) AS e (id, expires_at, later)
      WHERE r.id = e.id AND r.event_id = $1 AND r.status = 'active' AND r.expires_at = e.expires_at
     RETURNING r.id
   ), prolonged AS (
     UPDATE holds AS h SET expires_at = p.later
       FROM unnest($13::uuid[], $14::timestamptz[], $15::uuid[], $16::timestamptz[])
         AS p (ticket_option_id, expires_at, reservation_id, later)
      WHERE h.ticket_option_id = p.ticket_option_id AND h.expires_at = p.expires_at
        AND h.reservation_id = p.reservation_id AND h.event_id = $1
     RETURNING h.reservation_id
   )
   SELECT (SELECT count(*)::integer FROM cancelled) AS cancelled, (SELECT count(*)::integer FROM gone) AS gone,
          (SELECT count(*)::integer FROM moved) AS moved, (SELECT count(*)::integer FROM uncounted) AS uncounted,
          (SELECT count(*)::integer FROM extended) AS extended, (SELECT count(*)::integer FROM prolonged) AS prolonged`,
);

/**
 * Writes what was decided to be given back or changed.
 *
 * @throws GuardError when not all of it could be written
 */
export async function writeBack(client: PoolClient, eventId: string, returns: Returns): Promise<void> {
  const changed = [...returns.changed.values()];
  const cancelled = changed.filter(({ after }) => after.status === 'cancelled');
  const extended = changed.filter(({ after }) => after.status !== 'cancelled');
  const back = holdsOf(cancelled);
  const longer = holdsOf(extended);
  const less = [...returns.counts.values()];
  const row = await queryOne(client, writeReturns, [
    eventId,
    arrayOf(cancelled.map(({ before }) => before.id)),
    arrayOf(cancelled.map(({ before }) => before.expiresAt.toISOString())),
    arrayOf(back.map((hold) => hold.ticketOptionId)),
    arrayOf(back.map((hold) => hold.until)),
    arrayOf(back.map((hold) => hold.id)),
    arrayOf(less.map(({ userId }) => userId)),
    arrayOf(less.map(({ scope }) => scope.id)),
    arrayOf(less.map(({ tickets }) => tickets)),
    arrayOf(extended.map(({ before }) => before.id)),
    arrayOf(extended.map(({ before }) => before.expiresAt.toISOString())),
    arrayOf(extended.map(({ after }) => after.expiresAt.toISOString())),
    arrayOf(longer.map((hold) => hold.ticketOptionId)),
    arrayOf(longer.map((hold) => hold.until)),
    arrayOf(longer.map((hold) => hold.id)),
    arrayOf(longer.map((hold) => hold.later)),
  ]);
  if (
    row?.cancelled !== cancelled.length ||
    row.gone !== back.length ||
    row.moved !== returns.moves.size ||
    row.uncounted !== less.length ||
    row.extended !== extended.length ||
    row.prolonged !== longer.length
  ) {
    throw new GuardError('the database did not take the decision');
  }
}

function holdsOf(changed: readonly Changed[]) {
  return changed.flatMap(({ before, after }) =>
    before.items.map(({ ticketOptionId }) => ({
      id: before.id,
      ticketOptionId,
      until: before.expiresAt.toISOString(),
      later: after.expiresAt.toISOString(),
    })),
  );
}
