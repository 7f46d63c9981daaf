import type { Counts } from './counts';

/** Counters as the database adds them up; whole numbers come as text, since they may be larger than 2^53. */
export interface CountsRow {
  allocation: string;
  reserved: string;
  sold: string;
  sell_through: number;
  revenue_cents: string;
  reservations_created: string;
  reservations_paid: string;
  reservations_cancelled: string;
  reservations_expired: string;
  conversion: number;
  /** What is over, but has not been given back yet. */
  over_tickets: string;
  over_reservations: string;
}

/** The columns that are summed up. */
export const COUNTERS = [
  ...['allocation', 'reserved', 'sold', 'revenue_cents'],
  ...['reservations_created', 'reservations_paid', 'reservations_cancelled', 'reservations_expired'],
] as const;

/** The shares that follow from the counters: 0 of nothing, and never more than all. */
export const SHARES = `
  ${share('sold', 'allocation')} AS sell_through,
  ${share('reservations_paid', 'reservations_created')} AS conversion`;

/** What is over of holds `h`. All holds of a reservation go back at once, so counting the reservations is enough. */
export const SUM_OF_OVER = `
  coalesce(sum(h.quantity), 0) AS over_tickets, count(DISTINCT h.reservation_id) AS over_reservations`;

/** Before every id there is. A table that is read whole is read by its key: the sessions do without other scans. */
export const LEAST = `'00000000-0000-0000-0000-000000000000'`;

/** @returns the counts as the API shows them, with what is over counted as given back. */
export function shown(row: CountsRow): Pick<Counts, keyof Counts> {
  const overTickets = BigInt(row.over_tickets);
  const [allocation, reserved, sold] = [BigInt(row.allocation), BigInt(row.reserved), BigInt(row.sold)];
  return {
    allocation,
    remaining: allocation - reserved - sold + overTickets,
    reserved: reserved - overTickets,
    sold,
    sellThrough: row.sell_through,
    revenueCents: BigInt(row.revenue_cents),
    reservationsCreated: BigInt(row.reservations_created),
    reservationsPaid: BigInt(row.reservations_paid),
    reservationsCancelled: BigInt(row.reservations_cancelled),
    reservationsExpired: BigInt(row.reservations_expired) + BigInt(row.over_reservations),
    conversion: row.conversion,
  };
}

function share(part: string, whole: string): string {
  return `CASE WHEN ${whole} = 0 THEN 0 ELSE least(${part}::float8 / ${whole}::float8, 1) END`;
}
