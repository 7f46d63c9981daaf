import type {
  ChargeResult,
  Order,
  Outcome,
  PaymentState,
  PurchaseState,
  RefundState,
  ReservationState,
} from '../../src/allocation/orders';
import type { Situation, Stock } from '../../src/allocation/situation';

/* What decisions on money are tested with: one reservation of two kinds, and what may be said of its payment. */

export const NOW = new Date('2026-06-01T10:00:00.000Z');
export const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);
export const RULES = { holdMs: 900_000, holdMaxMs: 3_600_000 };
const LEASE = 60_000;

const STOCK: Stock = {
  remaining: 0,
  over: 0,
  priceCents: 0,
  maxPerUser: null,
  maxPerOrder: null,
  salesStartAt: null,
  salesEndAt: null,
  countsUsers: false,
  eventCancelled: false,
  eventMaxPerUser: null,
  eventCountsUsers: false,
};

/** Two kinds: 2 tickets for 10 euros each, and one that costs nothing. */
export const RESERVED: ReservationState = {
  id: 'r',
  userId: 'u',
  status: 'active',
  createdAt: at(-60),
  expiresAt: at(840),
  items: [
    { ticketOptionId: 'o', quantity: 2, unitPriceCents: 1_000 },
    { ticketOptionId: 'q', quantity: 1, unitPriceCents: 0 },
  ],
  paymentId: null,
  purchaseIds: null,
};
export const PAYING: ReservationState = { ...RESERVED, status: 'paying', paymentId: 'p' };
export const PAID: ReservationState = { ...PAYING, status: 'paid', purchaseIds: ['a', 'b'] };

export const PENDING: PaymentState = {
  id: 'p',
  reservationId: 'r',
  status: 'pending',
  amountCents: 2_000n,
  refundedCents: 0n,
  failureCode: null,
  createdAt: at(-5),
};

export const BOUGHT: PurchaseState = {
  id: 'a',
  userId: 'u',
  ticketOptionId: 'o',
  quantity: 2,
  unitPriceCents: 700,
  createdAt: at(-3_600),
  reservationId: 'r',
  paymentId: 'p',
  refundedAt: null,
};

const about = { eventId: 'e', ticketOptionIds: ['o', 'q'], leaseMs: LEASE };
export const pay = (id = 'p', currency = 'EUR'): Order => ({
  ...{ kind: 'pay', id, ...about, reservationId: 'r', currency, purchaseIds: ['a', 'b'] },
});
const settle = (charge: ChargeResult): Order => ({
  ...{
    kind: 'settle',
    id: 'p',
    ...about,
    reservationId: 'r',
    purchaseIds: ['a', 'b'],
    refundId: 'f',
    charge,
  },
});
export const CHARGED = settle({ succeeded: true });
export const DECLINED = settle({ succeeded: false, failureCode: 'card_error' });
export const VOIDED = settle({ succeeded: false, failureCode: 'voided' });
export const refund = (id = 'f'): Order => ({ kind: 'refund', id, ...about, purchaseId: 'a' });
export const refunded: Order = { kind: 'refunded', id: 'f', ...about, purchaseId: 'a' };

export interface Given {
  readonly reservation?: ReservationState;
  readonly payment?: Partial<PaymentState>;
  readonly purchase?: Partial<PurchaseState>;
  readonly refund?: Partial<RefundState>;
  readonly stock?: Partial<Stock>;
}

export function situationOf({ reservation, payment, purchase, refund: given, stock }: Given): Situation {
  const back: RefundState = {
    ...{ id: 'f', paymentId: 'p', purchaseId: 'a', amountCents: 1_400n, doneAt: null },
    ...given,
  };
  const each = { ...STOCK, ...stock };
  return {
    now: NOW,
    stock: new Map([
      ['o', each],
      ['q', each],
    ]),
    userCounts: new Map(),
    userOver: new Map(),
    reservations: new Map(reservation === undefined ? [] : [['r', reservation]]),
    payments: new Map(payment === undefined ? [] : [['p', { ...PENDING, ...payment }]]),
    purchases: new Map(purchase === undefined ? [] : [['a', { ...BOUGHT, ...purchase }]]),
    refunds: new Map(given === undefined ? [] : [[back.id, back]]),
  };
}

export function codesOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ refused }) => refused?.map(({ code }) => code).join() ?? 'ok');
}
