import type { PoolClient } from 'pg';
import { arrayOf, query, queryOne, statement } from '../database/sql';
import { type EventChanges, isStale, type Manner, nextVersion } from './changes';
import { readClock } from './look';
import { type Outcome, refusedFor } from './orders';
import { queryPatiently } from './patience';
import { checkGivenBack, GIVE_BACK, GIVEN_BACK, type GivenBack } from './release';

interface EventRow {
  name: string;
  description: string | null;
  venue: string | null;
  starts_at: Date | null;
  ends_at: Date | null;
  status: 'scheduled' | 'cancelled';
  max_tickets_per_user: number | null;
  updated_at: Date;
}

/**
 * Locks an event, before any option of it. It stops options from being added (they take FOR SHARE), and does not
 * get into the way of sales, which only look at options. Parameters: event.
 */
export const lockEvent = statement<EventRow>(
  'lock_event',
  `SELECT name, description, venue, starts_at, ends_at, status, max_tickets_per_user, updated_at
     FROM events WHERE id = $1 FOR NO KEY UPDATE`,
);

/** Locks every option of an event. Parameters: event. */
export const lockOptions = statement<{ id: string; event_counts_users: boolean; ever_taken: boolean }>(
  'lock_options_of_event',
  `SELECT id, event_counts_users, ever_taken FROM ticket_options WHERE event_id = $1 ORDER BY id FOR NO KEY UPDATE`,
);

/** Parameters: event, the attributes, now. */
const updateEvent = statement(
  'update_event',
  `UPDATE events
      SET name = $2, description = $3, venue = $4, starts_at = $5, ends_at = $6, status = $7,
          max_tickets_per_user = $8, updated_at = ${nextVersion('$9')}
    WHERE id = $1`,
);

/** Repeats in the options what of their event decides on sales. Parameters: event, cancelled, limit, counted. */
const updateOptions = statement(
  'update_options_of_event',
  `UPDATE ticket_options
      SET event_cancelled = $2, event_max_per_user = $3, event_counts_users = $4
    WHERE event_id = $1`,
);

/** Counts what each user has of an event that was not counted so far. Parameters: event. */
const countUsers = statement(
  'count_users_of_event',
  `INSERT INTO user_counts (user_id, scope_id, event_id, tickets)
   SELECT had.user_id, $1::uuid, $1::uuid, sum(had.quantity)
     FROM ticket_options AS o
    CROSS JOIN LATERAL (
            SELECT user_id, quantity FROM purchases
             WHERE ticket_option_id = o.id AND event_id = o.event_id AND refunded_at IS NULL
             UNION ALL
            SELECT user_id, quantity FROM holds WHERE ticket_option_id = o.id AND event_id = o.event_id) AS had
    WHERE o.event_id = $1
    GROUP BY had.user_id
    ORDER BY had.user_id`,
);

/**
 * Cancels the active reservations of an event and gives back whatever is held of it, but for what is being paid
 * (held without end). Parameters: event, now, options.
 */
const cancelReservations = statement<GivenBack>(
  'cancel_reservations_of_event',
  `WITH ended AS MATERIALIZED (
     SELECT DISTINCT reservation_id, expires_at FROM holds
      WHERE ticket_option_id = ANY ($3::uuid[]) AND event_id = $1 AND expires_at < 'infinity'
   ), cancelled AS (
     UPDATE reservations SET status = 'cancelled'
      WHERE event_id = $1 AND status = 'active'
        AND id = ANY (ARRAY (SELECT reservation_id FROM ended WHERE expires_at > $2::timestamptz))
   ), gone AS (
     DELETE FROM holds
      WHERE ticket_option_id = ANY ($3::uuid[]) AND event_id = $1 AND expires_at < 'infinity'
     RETURNING ticket_option_id, reservation_id, user_id, quantity, expires_at <= $2::timestamptz AS is_over
   ), ${GIVE_BACK}
   SELECT ${GIVEN_BACK}`,
);

/** Parameters: event. */
const deleteOptions = statement('delete_options_of_event', `DELETE FROM ticket_options WHERE event_id = $1`);
const deleteFigures = statement('delete_figures', `DELETE FROM event_counts WHERE event_id = $1`);
const deleteEvent = statement('delete_event', `DELETE FROM events WHERE id = $1`);

/**
 * Changes an event; cancels it together with its active reservations. What is cancelled stays so.
 *
 * @returns refused: not_found, precondition_failed, invalid_attribute (its end before its start), event_cancelled
 */
export async function changeEvent(
  client: PoolClient,
  eventId: string,
  changes: EventChanges,
  manner: Manner = {},
): Promise<Outcome> {
  const before = await queryOne(client, lockEvent, [eventId]);
  if (before === undefined) return refusedFor({ code: 'not_found' });
  if (isStale(before, manner)) return refusedFor({ code: 'precondition_failed' });
  if (Object.keys(changes).length === 0) return { made: null };
  if (before.status === 'cancelled' && changes.status === 'scheduled') {
    return refusedFor({
      code: 'event_cancelled',
      detail: 'A cancelled event cannot be scheduled again.',
      source: { pointer: '/data/attributes/status' },
    });
  }
  const after = merge(before, changes);
  if (after.starts_at !== null && after.ends_at !== null && after.starts_at >= after.ends_at) {
    return refusedFor({
      code: 'invalid_attribute',
      detail: '`ends_at` must be later than `starts_at`.',
      source: { pointer: `/data/attributes/${changes.endsAt ? 'ends_at' : 'starts_at'}` },
    });
  }

  const decidesOnSales =
    after.status !== before.status || after.max_tickets_per_user !== before.max_tickets_per_user;
  const options = decidesOnSales ? await query(client, lockOptions, [eventId]) : [];
  const now = await readClock(client);
  await query(client, updateEvent, [
    eventId,
    after.name,
    after.description,
    after.venue,
    after.starts_at,
    after.ends_at,
    after.status,
    after.max_tickets_per_user,
    now,
  ]);
  if (decidesOnSales) await changeSales(client, eventId, { before, after, options, now });
  return { made: null };
}

interface SalesChange {
  readonly before: EventRow;
  readonly after: EventRow;
  readonly options: readonly { readonly id: string; readonly event_counts_users: boolean }[];
  readonly now: Date;
}

async function changeSales(
  client: PoolClient,
  eventId: string,
  { before, after, options, now }: SalesChange,
): Promise<void> {
  const wasCounted = options.some(({ event_counts_users: counted }) => counted);
  const isCounted = wasCounted || after.max_tickets_per_user !== null;
  await query(client, updateOptions, [
    eventId,
    after.status === 'cancelled',
    after.max_tickets_per_user,
    isCounted,
  ]);
  if (isCounted && !wasCounted) await queryPatiently(client, countUsers, [eventId]);
  if (after.status === before.status) return;
  const ids = arrayOf(options.map(({ id }) => id));
  const [givenBack] = await queryPatiently(client, cancelReservations, [eventId, now, ids]);
  checkGivenBack(givenBack);
}

function merge(row: EventRow, changes: EventChanges): EventRow {
  const { name, startsAt, endsAt, description, venue, maxTicketsPerUser, status } = changes;
  return {
    ...row,
    name: name ?? row.name,
    description: description === undefined ? row.description : description,
    venue: venue === undefined ? row.venue : venue,
    starts_at: startsAt ?? row.starts_at,
    ends_at: endsAt === undefined ? row.ends_at : endsAt,
    status: status ?? row.status,
    max_tickets_per_user: maxTicketsPerUser === undefined ? row.max_tickets_per_user : maxTicketsPerUser,
  };
}

/**
 * Deletes an event with its options, if nothing of it was ever taken.
 *
 * @param again whether an earlier attempt may have deleted it
 * @returns refused: not_found, precondition_failed, event_in_use
 */
export async function removeEvent(
  client: PoolClient,
  eventId: string,
  again: boolean,
  manner: Manner = {},
): Promise<Outcome> {
  const found = await queryOne(client, lockEvent, [eventId]);
  if (found === undefined) return again ? { made: null } : refusedFor({ code: 'not_found' });
  if (isStale(found, manner)) return refusedFor({ code: 'precondition_failed' });
  const options = await query(client, lockOptions, [eventId]);
  if (options.some(({ ever_taken: taken }) => taken)) return refusedFor({ code: 'event_in_use' });
  await query(client, deleteOptions, [eventId]);
  await query(client, deleteFigures, [eventId]);
  await query(client, deleteEvent, [eventId]);
  return { made: null };
}
