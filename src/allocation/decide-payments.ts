import { isOver, statusRefusal } from './decide-changes';
import type { Ledger } from './ledger';
import {
  type Outcome,
  type PaymentMade,
  type PaymentState,
  type PayOrder,
  type PurchaseState,
  type RefundMade,
  type RefundOrder,
  type RefundState,
  refusedFor,
  type ReservationState,
  type SettleOrder,
} from './orders';

/* What is decided on money. An order that was sent before recognises what it did by the id that it carries. */

/** The charge begins, if it begins before the reservation is over; what costs nothing is paid by that. */
export function pay(order: PayOrder, ledger: Ledger, now: Date): Outcome<PaymentMade> {
  const reservation = ledger.reservation(order.reservationId);
  if (reservation === undefined) return refusedFor({ code: 'not_found' });
  const before = ledger.payment(order.id);
  if (before !== undefined) return { made: { payment: before, purchases: [], refund: null } };
  if (ledger.isCancelled(order.ticketOptionIds)) return refusedFor({ code: 'event_cancelled' });
  if (isOver(reservation, now)) return refusedFor({ code: 'reservation_expired' });
  const refused = statusRefusal(reservation);
  if (refused !== null) return { refused };

  const amountCents = totalOf(reservation);
  if (amountCents === 0n && order.currency !== 'EUR') {
    return refusedFor({ code: 'currency_error', detail: `Currency ${order.currency} not supported` });
  }
  const payment: PaymentState = {
    id: order.id,
    reservationId: reservation.id,
    status: amountCents === 0n ? 'succeeded' : 'pending',
    amountCents,
    refundedCents: 0n,
    failureCode: null,
    createdAt: now,
  };
  const paying: ReservationState = { ...reservation, status: 'paying', paymentId: order.id };
  if (amountCents > 0n) {
    ledger.change(paying);
    ledger.pay(payment, later(now, order.leaseMs));
    return { made: { payment, purchases: [], refund: null } };
  }
  const purchases = purchasesOf(paying, order.purchaseIds, now);
  ledger.settle(paying, purchases);
  ledger.pay(payment, null);
  return { made: { payment, purchases, refund: null } };
}

/**
 * The gateway has said what became of the charge. Whoever says so first settles the payment, be it the process that
 * asked for the charge or one that looked after it; whoever comes later changes nothing. But money that arrives for
 * something that has been given up goes back.
 */
export function settle(order: SettleOrder, ledger: Ledger, now: Date): Outcome<PaymentMade> {
  const payment = ledger.payment(order.id);
  if (payment === undefined) return refusedFor({ code: 'not_found' });
  if (payment.status === 'failed' && order.charge.succeeded) return turnBack(payment, order, ledger, now);
  if (payment.status !== 'pending') {
    return { made: { payment, purchases: [], refund: ledger.refund(order.refundId) ?? null } };
  }
  const reservation = ledger.reservation(order.reservationId);
  if (reservation?.status !== 'paying' || reservation.paymentId !== order.id) {
    throw new Error(`payment ${order.id} is pending, but its reservation does not wait for it`);
  }
  const isCancelled = ledger.isCancelled(order.ticketOptionIds);
  if (!order.charge.succeeded) {
    if (isCancelled) ledger.cancel(reservation);
    else ledger.change({ ...reservation, status: 'active' });
    const { failureCode } = order.charge;
    const checkAt = failureCode === 'voided' ? later(now, order.leaseMs) : null;
    const failed = ledger.pay({ ...payment, status: 'failed', failureCode }, checkAt);
    return { made: { payment: failed, purchases: [], refund: null } };
  }
  if (isCancelled) {
    ledger.cancel(reservation);
    return turnBack({ ...payment, failureCode: 'event_cancelled' }, order, ledger, now);
  }
  const purchases = purchasesOf(reservation, order.purchaseIds, now);
  ledger.settle(reservation, purchases);
  const succeeded = ledger.pay({ ...payment, status: 'succeeded' }, null);
  return { made: { payment: succeeded, purchases, refund: null } };
}

/** Begins to give back what was charged for nothing. */
function turnBack(
  payment: PaymentState,
  { refundId, leaseMs }: SettleOrder,
  ledger: Ledger,
  now: Date,
): Outcome<PaymentMade> {
  const refunding = ledger.pay({ ...payment, status: 'refunding' }, null);
  const refund = ledger.payBack(
    {
      id: refundId,
      paymentId: payment.id,
      purchaseId: null,
      amountCents: payment.amountCents,
      doneAt: null,
    },
    later(now, leaseMs),
  );
  return { made: { payment: refunding, purchases: [], refund } };
}

/** A purchase is given back: at once when no money goes with it, else when the gateway has given that back. */
export function refund(order: RefundOrder, ledger: Ledger, now: Date): Outcome<RefundMade> {
  const purchase = ledger.purchase(order.purchaseId ?? '');
  if (purchase === undefined) return refusedFor({ code: 'not_found' });
  const before = ledger.refundOf(purchase.id);
  if (before?.id === order.id) return refundMade(before);
  if (before !== undefined) {
    const detail = before.doneAt === null ? 'The purchase is being refunded.' : undefined;
    return refusedFor({ code: 'purchase_refunded', detail });
  }
  const amountCents = BigInt(purchase.quantity) * BigInt(purchase.unitPriceCents);
  const isFree = amountCents === 0n;
  const begun: RefundState = {
    id: order.id,
    paymentId: purchase.paymentId,
    purchaseId: purchase.id,
    amountCents,
    doneAt: isFree ? now : null,
  };
  ledger.payBack(begun, isFree ? null : later(now, order.leaseMs));
  if (isFree) ledger.giveBack(purchase);
  return refundMade(begun);
}

/** The gateway has given the money back, and with that the purchase ends. */
export function refunded(order: RefundOrder, ledger: Ledger, now: Date): Outcome<RefundMade> {
  const before = ledger.refund(order.id);
  if (before === undefined) return refusedFor({ code: 'not_found' });
  if (before.doneAt !== null) return refundMade(before);
  const payment = ledger.payment(before.paymentId ?? '');
  if (payment === undefined) throw new Error(`refund ${before.id} has no payment`);
  const refundedCents = payment.refundedCents + before.amountCents;
  const status = refundedCents === payment.amountCents ? 'refunded' : 'partially_refunded';
  ledger.pay({ ...payment, refundedCents, status }, null);
  if (before.purchaseId !== null) {
    const purchase = ledger.purchase(before.purchaseId);
    if (purchase === undefined) throw new Error(`refund ${before.id} has no purchase`);
    ledger.giveBack(purchase);
  }
  return refundMade(ledger.payBack({ ...before, doneAt: now }, null));
}

function refundMade(refund: RefundState): Outcome<RefundMade> {
  return { made: { refund: refund.amountCents === 0n ? null : refund } };
}

function totalOf({ items }: ReservationState): bigint {
  return items.reduce((sum, item) => sum + BigInt(item.quantity) * BigInt(item.unitPriceCents), 0n);
}

/** @returns what a reservation becomes when it is paid: a purchase of each of its kinds. */
function purchasesOf(
  { id, userId, paymentId, items }: ReservationState,
  purchaseIds: readonly string[],
  now: Date,
): PurchaseState[] {
  return items.map(({ ticketOptionId, quantity, unitPriceCents }, index) => {
    const purchaseId = purchaseIds[index];
    if (purchaseId === undefined) throw new Error(`reservation ${id} has more kinds than its payment knows`);
    return {
      id: purchaseId,
      userId,
      ticketOptionId,
      quantity,
      unitPriceCents,
      createdAt: now,
      reservationId: id,
      paymentId,
      refundedAt: null,
    };
  });
}

function later(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}
