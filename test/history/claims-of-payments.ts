import { type Answer, codeOf } from '../support/shop';
import type { Claim } from './claims';
import { ofReservation } from './claims-of-reservations';
import { totalOf } from './effects';
import { isExpired, type Reservation } from './model';
import { type Operation, paymentOf } from './operations';

/** @returns what is said of the reservation that was to be paid; whatever came of an attempt is in the journal. */
export function ofPayment(
  { id, by }: Extract<Operation, { kind: 'pay' }>,
  answer: Answer,
): (Claim | undefined)[] {
  if (paymentOf(answer) !== undefined) {
    const may = [
      '201',
      'card_error',
      'payment_error',
      'currency_error',
      'event_cancelled',
      'outcome_unknown',
    ];
    return may.includes(codeOf(answer)) ? [] : [undefined];
  }
  const isFree = ({ items }: Reservation): boolean => totalOf(items) === 0;
  const whileScheduled = (isIt: (reservation: Reservation, atMs: number) => boolean): Claim => {
    const claim = ofReservation(id, isIt);
    return { ...claim, isTrue: (model, atMs) => !model.isCancelled && claim.isTrue(model, atMs) };
  };
  switch (codeOf(answer)) {
    case 'event_cancelled':
      return [{ options: [], isTrue: ({ isCancelled }) => isCancelled }];
    case 'reservation_expired':
      return [whileScheduled(isExpired)];
    case 'reservation_cancelled':
      return [whileScheduled(({ status }) => status === 'cancelled')];
    case 'reservation_in_payment':
      return [whileScheduled(({ status }) => status === 'paying')];
    case 'reservation_paid':
      return [whileScheduled(({ status }) => status === 'paid')];
    case 'currency_error':
      return [
        whileScheduled(
          (now, atMs) =>
            isFree(now) && now.status === 'active' && atMs < now.untilMs && by['currency'] !== undefined,
        ),
      ];
    case 'invalid_attribute':
      // Said before anything else is looked at.
      return [ofReservation(id, (now) => by['token'] === undefined && !isFree(now))];
    default:
      return [undefined];
  }
}

/** A purchase is not given back again, nor while it is being given back. */
export function ofEndOfRefund(id: string, answer: Answer): Claim | undefined {
  if (codeOf(answer) !== 'purchase_refunded') return undefined;
  return { options: [], isTrue: ({ till }) => till.isRefunding(id) };
}

export function ofReadPurchase(id: string, { body }: Answer): Claim {
  const told = body.data?.attributes ?? {};
  return {
    options: [],
    isTrue: ({ purchases }) => {
      const purchase = purchases.get(id);
      return (
        purchase !== undefined &&
        told['status'] === (purchase.isReturned ? 'refunded' : 'completed') &&
        told['total_cents'] === totalOf(purchase.items)
      );
    },
  };
}

export function ofReadPayment(id: string, { body }: Answer): Claim {
  const told = body.data?.attributes ?? {};
  return {
    options: [],
    isTrue: ({ till }) => {
      const payment = till.payments.get(id);
      return (
        payment !== undefined &&
        told['status'] === (payment.status === 'refunding' ? 'pending' : payment.status) &&
        told['amount_cents'] === payment.cents &&
        told['refunded_cents'] === payment.refundedCents &&
        told['failure_code'] === payment.code
      );
    },
  };
}
