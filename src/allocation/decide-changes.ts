import type { Ledger } from './ledger';
import { type ChangeOrder, type Outcome, type Refused, refusedFor, type ReservationState } from './orders';
import type { HoldRules } from './situation';

/** Keeps a reservation until later. The same instant again is a success that changes nothing. */
export function extend(order: ChangeOrder, ledger: Ledger, now: Date, { holdMaxMs }: HoldRules): Outcome {
  const reservation = ledger.reservation(order.id);
  if (reservation === undefined) return refusedFor({ code: 'not_found' });
  const refused = statusRefusal(reservation);
  if (refused !== null) return { refused };
  if (isOver(reservation, now)) return refusedFor({ code: 'reservation_expired' });
  const until = order.until?.getTime() ?? 0;
  const { expiresAt, createdAt } = reservation;
  if (until < expiresAt.getTime()) {
    const detail = `\`expires_at\` must not be earlier than it is now: ${expiresAt.toISOString()}.`;
    return refusedFor({ code: 'invalid_attribute', detail });
  }
  const latest = new Date(createdAt.getTime() + holdMaxMs);
  if (until > Math.max(latest.getTime(), expiresAt.getTime())) {
    return refusedFor({ code: 'extension_limit_reached', meta: { latest: latest.toISOString() } });
  }
  const made = { ...reservation, expiresAt: new Date(until) };
  if (until !== expiresAt.getTime()) ledger.change(made);
  return { made };
}

/** What is cancelled or over already is left as it is, and that is a success. */
export function cancel(order: ChangeOrder, ledger: Ledger, now: Date): Outcome {
  const reservation = ledger.reservation(order.id);
  if (reservation === undefined) return refusedFor({ code: 'not_found' });
  if (reservation.status === 'cancelled' || isOver(reservation, now)) return { made: reservation };
  const refused = statusRefusal(reservation);
  return refused === null ? { made: ledger.cancel(reservation) } : { refused };
}

/** @returns why a reservation that is not active cannot be changed or paid; whether its time is over is not asked. */
export function statusRefusal({ status }: ReservationState): readonly [Refused] | null {
  switch (status) {
    case 'active':
      return null;
    case 'cancelled':
      return [{ code: 'reservation_cancelled' }];
    case 'paid':
      return [{ code: 'reservation_paid' }];
    case 'paying':
      return [{ code: 'reservation_in_payment' }];
  }
}

/** From `expiresAt` on, the very instant included. */
export function isOver({ status, expiresAt }: ReservationState, now: Date): boolean {
  return status === 'active' && now >= expiresAt;
}
