import type { PaymentState } from '../allocation/orders';
import { Attribute, bigInteger, choice, instant, type New, Resource, text, ToMany, ToOne } from '../json-api';

const FAILURES = ['card_error', 'payment_error', 'currency_error', 'voided', 'event_cancelled'] as const;

/** One attempt to pay a reservation, as the API shows it. */
@Resource({
  type: 'payments',
  path: '/payments',
  description:
    'One attempt to pay a reservation. It ends in purchases, or nothing is charged, or all of it goes back.',
})
export class Payment {
  readonly id: string;

  @Attribute(text({ maximum: 500 }), {
    write: 'optional',
    change: false,
    answer: false,
    default: null,
    description:
      'What the payment gateway knows the card by; not needed when the total is 0. It is handed on and kept nowhere. The simulated gateway refuses `card_error` and `payment_error`, and takes any other.',
    example: 'tok_visa',
  })
  token: string | null;

  @Attribute(text({ maximum: 20 }), {
    write: 'optional',
    change: false,
    default: null,
    description:
      'The currency of the amounts: EUR, also when it is absent. The payment gateway refuses every other, and what was asked for is not kept.',
    example: 'EUR',
  })
  currency: string | null;

  @Attribute(choice(['pending', 'succeeded', 'failed', 'partially_refunded', 'refunded']), {
    write: 'never',
    description:
      'Where it stands. It is pending until the payment gateway has said what became of the charge, or until what was charged for nothing has gone back. It is refunded when all of the money has gone back; which tickets are still owned is told by the purchases.',
    example: 'succeeded',
  })
  readonly status: 'pending' | 'succeeded' | 'failed' | 'partially_refunded' | 'refunded';

  @Attribute(bigInteger({ minimum: 0n }), {
    write: 'never',
    description: 'The total of the reservation, in euro cents.',
    example: 5_000,
  })
  readonly amountCents: bigint;

  @Attribute(bigInteger({ minimum: 0n }), {
    write: 'never',
    description: 'How much of it has gone back, in euro cents.',
    example: 0,
  })
  readonly refundedCents: bigint;

  @Attribute(choice(FAILURES, { nullable: true }), {
    write: 'never',
    description:
      'Why nothing was bought: what the payment gateway refused; `voided` for a charge that was called off because nobody heard of it in time; `event_cancelled` for an event that was cancelled meanwhile.',
    example: null,
  })
  readonly failureCode: (typeof FAILURES)[number] | null;

  @Attribute(instant(), { write: 'never', description: 'When the attempt began.' })
  readonly createdAt: Date;

  @ToOne('reservations', { write: 'required', description: 'What is paid.' })
  reservation: string;

  @ToMany('purchases', {
    write: 'never',
    description: 'What was bought with it: a purchase of each kind of ticket; none unless it succeeded.',
  })
  readonly purchases: readonly { readonly id: string }[];
}

export type NewPayment = New<Payment>;

/** @returns the payment as the API shows it. */
export function shown(state: PaymentState, purchaseIds: readonly string[]): Payment {
  const { id, reservationId, status, amountCents, refundedCents, failureCode, createdAt } = state;
  return {
    id,
    token: null,
    currency: 'EUR',
    // For the client it is open as long as the money is not back.
    status: status === 'refunding' ? 'pending' : status,
    amountCents,
    refundedCents,
    failureCode: FAILURES.find((known) => known === failureCode) ?? null,
    createdAt,
    reservation: reservationId,
    purchases: purchaseIds.map((purchaseId) => ({ id: purchaseId })),
  };
}
