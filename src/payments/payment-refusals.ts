import type { PaymentState, Refused } from '../allocation/orders';
import type { Located } from '../outcomes';
import { type Refusal, refusal, type RefusalCode } from '../refusals';
import type { Ended } from './attempt';

const AT_RESERVATION = { pointer: '/data/relationships/reservation/data/id' };
const AT_CURRENCY = { pointer: '/data/attributes/currency' };

/** @returns the place in the request of a refusal to begin a payment. */
export function placeInPayment({ code }: Refused): Located {
  if (code === 'not_found') return { source: AT_RESERVATION, detail: 'There is no such reservation.' };
  if (code === 'currency_error') return { source: AT_CURRENCY };
  return ABOUT_RESERVATION.has(code) ? { source: AT_RESERVATION } : {};
}

const ABOUT_RESERVATION: ReadonlySet<RefusalCode> = new Set([
  'event_cancelled',
  'reservation_expired',
  'reservation_cancelled',
  'reservation_paid',
  'reservation_in_payment',
]);

/** @returns the refusal to pay what costs something without a token. */
export function tokenMissing({ currency }: { readonly currency: string | null }): Refusal {
  return refusal('invalid_attribute', {
    detail: '`token` is required unless the total is 0.',
    // Where it would be; whether there are any attributes is only known when there is another one.
    source: { pointer: currency === null ? '/data' : '/data/attributes' },
  });
}

/** @returns how a client is told that an attempt came to nothing; nothing when it succeeded. */
export function refusalOfPayment({ payment, told }: Ended): Refusal | undefined {
  const meta = { payment_id: payment.id };
  switch (payment.failureCode) {
    case null:
      return payment.status === 'pending' ? notConfirmed(payment) : undefined;
    case 'card_error':
    case 'payment_error':
      return refusal(payment.failureCode, { detail: told, meta });
    case 'currency_error':
      return refusal('currency_error', { detail: told, source: AT_CURRENCY, meta });
    case 'event_cancelled':
      return refusal('event_cancelled', {
        detail: 'The event was cancelled while the payment was under way. What was charged is paid back.',
        source: AT_RESERVATION,
        meta,
      });
    default:
      return refusal('payment_error', {
        detail: 'Nobody heard of the charge in time, so it was called off. What was charged is paid back.',
        meta,
      });
  }
}

/** @returns how a client is told that it is open what became of an attempt. */
export function notConfirmed({ id }: Pick<PaymentState, 'id'>): Refusal {
  return refusal('outcome_unknown', {
    detail:
      'It is not known yet what the payment gateway has made of the charge. Read the payment that meta names before trying again.',
    meta: { payment_id: id },
  });
}
