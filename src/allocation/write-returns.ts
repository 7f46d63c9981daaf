import type { PoolClient } from 'pg';
import { arrayOf, query, statement } from '../database/sql';
import { assertion, guarded } from './guard';
import type { Returns } from './ledger';
import type { ReservationState } from './orders';
import { FROM_COUNTED, UNCOUNT } from './statements';

/**
 * Cancels reservations and gives their tickets back, and extends others. Each changes only from the very state
 * that was decided on; at the end as many rows must have moved as should. The hold of an extended one gets another key, so it
 * is another row.
 *
 * Parameters: event; cancelled reservations (ids, until when they lasted); extended ones (ids, until when they
 * lasted, until when now); holds that go (options, until when, reservations); holds that come (options, until when,
 * reservations, users, quantities); options and the tickets that come back; users, scopes and tickets that count less.
 */
export const writeReturns = statement(
  'write_returns',
  `WITH cancelled AS (
     UPDATE reservations AS r SET status = 'cancelled'
       FROM unnest($2::uuid[], $3::timestamptz[]) AS was (id, expires_at)
      WHERE r.id = was.id AND r.event_id = $1 AND r.id = ANY ($2::uuid[])
        AND r.status = 'active' AND r.expires_at = was.expires_at
     RETURNING r.id
   ), extended AS (
     UPDATE reservations AS r SET expires_at = was.later
       FROM unnest($4::uuid[], $5::timestamptz[], $6::timestamptz[]) AS was (id, expires_at, later)
      WHERE r.id = was.id AND r.event_id = $1 AND r.id = ANY ($4::uuid[])
        AND r.status = 'active' AND r.expires_at = was.expires_at
     RETURNING r.id
   ), gone AS (
     DELETE FROM holds
      WHERE ctid = ANY (ARRAY (
              SELECT hold.place
                FROM unnest($7::uuid[], $8::timestamptz[], $9::uuid[]) AS g (ticket_option_id, expires_at, reservation_id)
               CROSS JOIN LATERAL (SELECT ctid AS place FROM holds
                                    WHERE ticket_option_id = g.ticket_option_id AND expires_at = g.expires_at
                                      AND reservation_id = g.reservation_id AND event_id = $1 OFFSET 0) AS hold))
     RETURNING quantity
   ), come AS (
     INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity, kinds)
     SELECT h.ticket_option_id, h.expires_at, h.reservation_id, $1, h.user_id, h.quantity, h.kinds
       FROM unnest($10::uuid[], $11::timestamptz[], $12::uuid[], $13::uuid[], $14::integer[], $20::integer[])
         AS h (ticket_option_id, expires_at, reservation_id, user_id, quantity, kinds)
     RETURNING quantity
   ), moved AS (
     UPDATE ticket_options AS o
        SET remaining = o.remaining + back.quantity, reserved = o.reserved - back.quantity
       FROM unnest($15::uuid[], $16::bigint[]) AS back (id, quantity)
      WHERE o.id = back.id AND o.event_id = $1 AND o.id = ANY ($15::uuid[])
        AND o.reserved >= back.quantity
     RETURNING o.id
   ), uncounted AS (
     ${UNCOUNT}
     SELECT less.user_id, less.scope_id, $1, less.tickets
       FROM unnest($17::uuid[], $18::uuid[], $19::bigint[]) AS less (user_id, scope_id, tickets)
      ORDER BY less.user_id, less.scope_id
     ${FROM_COUNTED}
   )
   SELECT ${assertion(`(SELECT count(*) FROM cancelled) = cardinality($2::uuid[])
                   AND (SELECT count(*) FROM extended) = cardinality($4::uuid[])
                   AND (SELECT count(*) FROM gone) = cardinality($7::uuid[])
                   AND (SELECT count(*) FROM come) = cardinality($10::uuid[])
                   AND (SELECT count(*) FROM moved) = cardinality($15::uuid[])
                   AND (SELECT count(*) FROM uncounted WHERE was_counted) = cardinality($17::uuid[])`)}`,
);

/**
 * Sends what was decided to be given back or changed. Not an async function, like `write`.
 *
 * @throws GuardError when not all of it could be written
 */
export function writeBack(client: PoolClient, eventId: string, returns: Returns): Promise<unknown> {
  const changed = [...returns.changed.values()];
  const cancelled = changed.filter(({ after }) => after.status === 'cancelled');
  const extended = changed.filter(({ after }) => after.status !== 'cancelled');
  const gone = changed.flatMap(({ before }) => holdsOf(before));
  const come = extended.flatMap(({ after }) => holdsOf(after));
  const moves = [...returns.moves];
  const less = [...returns.counts.values()];
  const written = query(client, writeReturns, [
    eventId,
    arrayOf(cancelled.map(({ before }) => before.id)),
    arrayOf(cancelled.map(({ before }) => before.expiresAt.toISOString())),
    arrayOf(extended.map(({ before }) => before.id)),
    arrayOf(extended.map(({ before }) => before.expiresAt.toISOString())),
    arrayOf(extended.map(({ after }) => after.expiresAt.toISOString())),
    arrayOf(gone.map((hold) => hold.ticketOptionId)),
    arrayOf(gone.map((hold) => hold.until)),
    arrayOf(gone.map((hold) => hold.id)),
    arrayOf(come.map((hold) => hold.ticketOptionId)),
    arrayOf(come.map((hold) => hold.until)),
    arrayOf(come.map((hold) => hold.id)),
    arrayOf(come.map((hold) => hold.userId)),
    arrayOf(come.map((hold) => hold.quantity)),
    arrayOf(moves.map(([id]) => id)),
    arrayOf(moves.map(([, { held }]) => held)),
    arrayOf(less.map(({ userId }) => userId)),
    arrayOf(less.map(({ scope }) => scope.id)),
    arrayOf(less.map(({ tickets }) => tickets)),
    arrayOf(come.map((hold) => hold.kinds)),
  ]);
  return guarded(written);
}

function holdsOf({ id, userId, expiresAt, items }: ReservationState) {
  const until = expiresAt.toISOString();
  return items.map(({ ticketOptionId, quantity }) => ({
    ...{ id, userId, until, ticketOptionId, quantity },
    kinds: items.length,
  }));
}
