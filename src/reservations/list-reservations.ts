import { cut, cutOfOwner, sifting, type Slice, type Values } from '../database/paging';
import { MAX_KINDS, type Reservation } from './reservation.resource';

/** A reservation as {@link COLUMNS} reads it. */
export interface ReservationRow {
  id: string;
  event_id: string;
  user_id: string;
  status: Reservation['status'];
  ticket_option_ids: string[];
  quantities: number[];
  unit_prices_cents: number[];
  expires_at: Date;
  created_at: Date;
  payment_id: string | null;
  purchase_ids: string[] | null;
}

/** What is read of a reservation `r`; it is over by the clock, whether or not anything has been written since. */
export const COLUMNS = `
  r.id, r.event_id, r.user_id,
  CASE WHEN r.status = 'active' AND r.expires_at <= now() THEN 'expired' ELSE r.status END AS status,
  r.ticket_option_ids::text[], r.quantities, r.unit_prices_cents, r.expires_at, r.created_at,
  r.payment_id, r.purchase_ids::text[]`;

/** What a list of reservations can be narrowed down to. */
export interface ReservationFilters {
  readonly user: string;
  readonly event: string;
  readonly status: Reservation['status'];
}

/** The reservations that something is held for, by their holds; those that are being paid have no end. */
const HELD = {
  active: `h.expires_at > now() AND h.expires_at <> 'infinity'`,
  paying: `h.expires_at = 'infinity'`,
};
/** The others, by their own rows. */
const OVER = {
  paid: `r.status = 'paid'`,
  cancelled: `r.status = 'cancelled'`,
  expired: `r.status = 'active' AND r.expires_at <= now()`,
};

/** @returns the text of a SELECT that reads one slice of the reservations, in the order in which they were made. */
export function listText(filters: Partial<ReservationFilters>, slice: Slice, values: Values): string {
  const { status } = filters;
  return status === 'active' || status === 'paying'
    ? textByHolds(HELD[status], filters, slice, values)
    : textByRows(status && OVER[status], filters, slice, values);
}

/**
 * What is held now is little, whatever was reserved before: somebody with 100,000 reservations of which three are
 * active has three holds.
 *
 * A reservation has a hold for each of its kinds. So the first holds, as many as a page of reservations can have at
 * most, are enough, and found in half the time that it takes to make all reservations distinct.
 */
function textByHolds(
  held: string,
  { user, event }: Partial<ReservationFilters>,
  slice: Slice,
  values: Values,
): string {
  const { beyond, orderBy, limit } = cut([{ sql: 'h.reservation_id', type: 'uuid' }], slice, values);
  const byId = slice.before === undefined ? 'id' : 'id DESC';
  const where = [held, beyond];
  let from = 'holds AS h';
  if (user !== undefined) where.push(`h.user_id = ${values.add(user, 'uuid')}`);
  if (event !== undefined && user !== undefined) where.push(`h.event_id = ${values.add(event, 'uuid')}`);
  if (event !== undefined && user === undefined) {
    // Holds are found by their options; there is no index by event, which would cost every reservation.
    from += ' JOIN ticket_options AS o ON o.id = h.ticket_option_id AND o.event_id = h.event_id';
    where.push(`o.event_id = ${values.add(event, 'uuid')}`);
  }
  return `
    SELECT ${COLUMNS}
      FROM (SELECT DISTINCT id, event_id
              FROM (SELECT h.reservation_id AS id, h.event_id FROM ${from}
                     WHERE ${where.join(' AND ')}
                     ORDER BY ${orderBy} LIMIT ${limit} * ${MAX_KINDS}) AS first_holds
             ORDER BY ${byId} LIMIT ${limit}) AS page
      JOIN reservations AS r ON r.id = page.id AND r.event_id = page.event_id
     ORDER BY ${byId}`;
}

function textByRows(
  over: string | undefined,
  { user, event }: Partial<ReservationFilters>,
  slice: Slice,
  values: Values,
): string {
  const ofUser = user && values.add(user, 'uuid');
  const ofEvent = event && values.add(event, 'uuid');
  // Of the two, a user has fewer: an event may have all there are.
  const { beyond, orderBy, limit } =
    ofUser !== undefined
      ? cutOfOwner('r.user_id', ofUser, 'r.id', slice, values)
      : ofEvent !== undefined
        ? cutOfOwner('r.event_id', ofEvent, 'r.id', slice, values)
        : cut([{ sql: 'r.id', type: 'uuid' }], slice, values);
  const where = [beyond];
  if (ofUser !== undefined && ofEvent !== undefined) where.push(sifting(`r.event_id = ${ofEvent}`));
  if (over !== undefined) where.push(sifting(over));
  return `
    SELECT ${COLUMNS} FROM reservations AS r
     WHERE ${where.join(' AND ')} ORDER BY ${orderBy} LIMIT ${limit}`;
}
