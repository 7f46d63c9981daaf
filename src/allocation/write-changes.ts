import type { PoolClient } from 'pg';
import { arrayOf, query, rowsOf, statement } from '../database/sql';
import { assertion, guarded } from './guard';
import type { Changes } from './ledger';
import type { ReservationState } from './orders';
import { FROM_COUNTED, UNCOUNT } from './statements';

/**
 * Changes reservations, and moves the tickets that change hands with them, or with purchases that are given back.
 * Each reservation changes only from the very state that was decided on; at the end as many rows must have moved as
 * should. Reservations are found by their key and changed at their place: a plain join of a list compares each of the list with each of the
 * table, since without statistics the planner has no reason to enter the index once for each. What is held until another time has another key, so it is another row; what is being paid is held without
 * end.
 *
 * Parameters: event; reservations (ids; status and until when, as they were; the same as they shall be; payments; and as
 * text the purchases); holds that go (options, until when, reservations); holds that come (options, until when, reservations, users,
 * quantities, kinds); options and the tickets of them that are freed, settled and unsold, and the revenue; users, scopes and tickets that
 * count less.
 */
export const writeChanges = statement(
  'write_changes',
  `WITH found AS MATERIALIZED (
     SELECT row.place, c.status, c.expires_at, c.payment_id, c.purchase_ids::uuid[] AS purchase_ids
       FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[], $7::uuid[], $8::text[])
         AS c (id, was, lasted, status, expires_at, payment_id, purchase_ids)
      CROSS JOIN LATERAL (SELECT ctid AS place FROM reservations
                           WHERE id = c.id AND event_id = $1 AND status = c.was AND expires_at = c.lasted
                          OFFSET 0) AS row
   ), changed AS (
     UPDATE reservations AS r
        SET status = f.status, expires_at = f.expires_at, payment_id = f.payment_id, purchase_ids = f.purchase_ids
       FROM found AS f
      WHERE r.ctid = f.place
     RETURNING r.id
   ), gone AS (
     DELETE FROM holds
      WHERE ctid = ANY (ARRAY (
              SELECT hold.place
                FROM unnest($9::uuid[], $10::timestamptz[], $11::uuid[]) AS g (ticket_option_id, expires_at, reservation_id)
               CROSS JOIN LATERAL (SELECT ctid AS place FROM holds
                                    WHERE ticket_option_id = g.ticket_option_id AND expires_at = g.expires_at
                                      AND reservation_id = g.reservation_id AND event_id = $1 OFFSET 0) AS hold))
     RETURNING quantity
   ), come AS (
     INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity, kinds)
     SELECT h.ticket_option_id, h.expires_at, h.reservation_id, $1, h.user_id, h.quantity, h.kinds
       FROM unnest($12::uuid[], $13::timestamptz[], $14::uuid[], $15::uuid[], $16::integer[], $17::integer[])
         AS h (ticket_option_id, expires_at, reservation_id, user_id, quantity, kinds)
     RETURNING quantity
   ), moved AS (
     UPDATE ticket_options AS o
        SET remaining = o.remaining + m.freed + m.unsold, reserved = o.reserved - m.freed - m.settled,
            sold = o.sold + m.settled - m.unsold, revenue_cents = o.revenue_cents + m.revenue_cents
       FROM unnest($18::uuid[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[])
         AS m (id, freed, settled, unsold, revenue_cents)
      WHERE o.id = m.id AND o.event_id = $1 AND o.id = ANY ($18::uuid[])
        AND o.reserved >= m.freed + m.settled AND o.sold >= m.unsold
     RETURNING o.id
   ), uncounted AS (
     ${UNCOUNT}
     SELECT less.user_id, less.scope_id, $1, less.tickets
       FROM unnest($23::uuid[], $24::uuid[], $25::bigint[]) AS less (user_id, scope_id, tickets)
      ORDER BY less.user_id, less.scope_id
     ${FROM_COUNTED}
   )
   SELECT ${assertion(`(SELECT count(*) FROM changed) = cardinality($2::uuid[])
                   AND (SELECT count(*) FROM gone) = cardinality($9::uuid[])
                   AND (SELECT count(*) FROM come) = cardinality($12::uuid[])
                   AND (SELECT count(*) FROM moved) = cardinality($18::uuid[])
                   AND (SELECT count(*) FROM uncounted WHERE was_counted) = cardinality($23::uuid[])`)}`,
);

/**
 * Sends what was decided to be changed. Not an async function, like `write`.
 *
 * @throws GuardError when not all of it could be written
 */
export function writeBack(client: PoolClient, eventId: string, changes: Changes): Promise<unknown> {
  const changed = [...changes.reservations.values()];
  const rehung = changed.filter(({ before, after }) => heldUntil(before) !== heldUntil(after));
  const gone = rehung.flatMap(({ before }) => holdsOf(before));
  const come = rehung.flatMap(({ after }) => holdsOf(after));
  const moves = [...changes.moves];
  const less = [...changes.counts.values()];
  const written = query(client, writeChanges, [
    eventId,
    arrayOf(changed.map(({ before }) => before.id)),
    arrayOf(changed.map(({ before }) => before.status)),
    arrayOf(changed.map(({ before }) => before.expiresAt.toISOString())),
    arrayOf(changed.map(({ after }) => after.status)),
    arrayOf(changed.map(({ after }) => after.expiresAt.toISOString())),
    arrayOf(changed.map(({ after }) => after.paymentId ?? 'NULL')),
    rowsOf(changed.map(({ after }) => after.purchaseIds)),
    arrayOf(gone.map((hold) => hold.ticketOptionId)),
    arrayOf(gone.map((hold) => hold.until)),
    arrayOf(gone.map((hold) => hold.id)),
    arrayOf(come.map((hold) => hold.ticketOptionId)),
    arrayOf(come.map((hold) => hold.until)),
    arrayOf(come.map((hold) => hold.id)),
    arrayOf(come.map((hold) => hold.userId)),
    arrayOf(come.map((hold) => hold.quantity)),
    arrayOf(come.map((hold) => hold.kinds)),
    arrayOf(moves.map(([id]) => id)),
    arrayOf(moves.map(([, { freed }]) => freed)),
    arrayOf(moves.map(([, { settled }]) => settled)),
    arrayOf(moves.map(([, { unsold }]) => unsold)),
    arrayOf(moves.map(([, { revenueCents }]) => revenueCents)),
    arrayOf(less.map(({ userId }) => userId)),
    arrayOf(less.map(({ scope }) => scope.id)),
    arrayOf(less.map(({ tickets }) => tickets)),
  ]);
  return guarded(written);
}

/** @returns until when its tickets are held; null when they are not. */
function heldUntil({ status, expiresAt }: ReservationState): string | null {
  if (status === 'paying') return 'infinity';
  return status === 'active' ? expiresAt.toISOString() : null;
}

function holdsOf(reservation: ReservationState) {
  const { id, userId, items } = reservation;
  const until = heldUntil(reservation);
  if (until === null) return [];
  return items.map(({ ticketOptionId, quantity }) => ({
    ...{ id, userId, until, ticketOptionId, quantity },
    kinds: items.length,
  }));
}
