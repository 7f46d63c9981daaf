import fc from 'fast-check';
import { decide } from '../../src/allocation/decide';
import type {
  ChargeResult,
  Order,
  Outcome,
  PaymentMade,
  PaymentState,
  PurchaseState,
  RefundState,
  ReservationState,
} from '../../src/allocation/orders';
import type { Situation, Stock } from '../../src/allocation/situation';

const NOW = new Date('2026-06-01T10:00:00.000Z');
const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);
const RULES = { holdMs: 900_000, holdMaxMs: 3_600_000 };
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
const RESERVED: ReservationState = {
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
const PAYING: ReservationState = { ...RESERVED, status: 'paying', paymentId: 'p' };
const PAID: ReservationState = { ...PAYING, status: 'paid', purchaseIds: ['a', 'b'] };

const PENDING: PaymentState = {
  id: 'p',
  reservationId: 'r',
  status: 'pending',
  amountCents: 2_000n,
  refundedCents: 0n,
  failureCode: null,
  createdAt: at(-5),
};

const BOUGHT: PurchaseState = {
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
const pay = (id = 'p', currency = 'EUR'): Order => ({
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
const CHARGED = settle({ succeeded: true });
const DECLINED = settle({ succeeded: false, failureCode: 'card_error' });
const VOIDED = settle({ succeeded: false, failureCode: 'voided' });
const refund = (id = 'f'): Order => ({ kind: 'refund', id, ...about, purchaseId: 'a' });
const refunded: Order = { kind: 'refunded', id: 'f', ...about, purchaseId: 'a' };

interface Given {
  readonly reservation?: ReservationState;
  readonly payment?: Partial<PaymentState>;
  readonly purchase?: Partial<PurchaseState>;
  readonly refund?: Partial<RefundState>;
  readonly stock?: Partial<Stock>;
}

function situationOf({ reservation, payment, purchase, refund: given, stock }: Given): Situation {
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

function codesOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ refused }) => refused?.map(({ code }) => code).join() ?? 'ok');
}

const CANCELLED = { eventCancelled: true };

describe('paying', () => {
  test.each<[string, Given, Order[], string[]]>([
    ['an active reservation begins', { reservation: RESERVED }, [pay()], ['ok']],
    ['an unknown one', {}, [pay()], ['not_found']],
    [
      'one whose event is cancelled',
      { reservation: RESERVED, stock: CANCELLED },
      [pay()],
      ['event_cancelled'],
    ],
    [
      'one that is paid, of a cancelled event',
      { reservation: PAID, stock: CANCELLED },
      [pay('p2')],
      ['event_cancelled'],
    ],
    ['in the last instant', { reservation: { ...RESERVED, expiresAt: at(0.001) } }, [pay()], ['ok']],
    [
      'in the instant of its end',
      { reservation: { ...RESERVED, expiresAt: NOW } },
      [pay()],
      ['reservation_expired'],
    ],
    [
      'a cancelled one',
      { reservation: { ...RESERVED, status: 'cancelled' } },
      [pay()],
      ['reservation_cancelled'],
    ],
    ['a paid one', { reservation: PAID }, [pay('p2')], ['reservation_paid']],
    ['one in payment', { reservation: PAYING }, [pay('p2')], ['reservation_in_payment']],
    ['twice in one turn', { reservation: RESERVED }, [pay(), pay('p2')], ['ok', 'reservation_in_payment']],
    [
      'again when the charge was refused in the same turn',
      { reservation: PAYING, payment: {} },
      [DECLINED, pay('p2')],
      ['ok', 'ok'],
    ],
    [
      'is not extended nor cancelled meanwhile',
      { reservation: RESERVED },
      [
        pay(),
        { kind: 'extend', id: 'r', eventId: 'e', ticketOptionIds: ['o'], until: at(900) },
        { kind: 'cancel', id: 'r', eventId: 'e', ticketOptionIds: ['o'] },
      ],
      ['ok', 'reservation_in_payment', 'reservation_in_payment'],
    ],
  ])('%s', (_name, given, orders, codes) => {
    expect(codesOf(decide(orders, situationOf(given), RULES).outcomes)).toEqual(codes);
  });

  test('writes what the charge will be, and who looks after it when', () => {
    const { outcomes, changes, figures } = decide([pay()], situationOf({ reservation: RESERVED }), RULES);
    const after = { ...PENDING, createdAt: NOW };
    expect(outcomes).toEqual([{ made: { payment: after, purchases: [], refund: null } }]);
    expect(changes.payments.get('p')).toEqual({ before: undefined, after, checkAt: at(60) });
    expect(changes.reservations.get('r')).toEqual({ before: RESERVED, after: PAYING });
    expect(changes.moves.size).toBe(0);
    expect(figures.isEmpty).toBe(true);
  });

  test('of nothing is done by that, in the one currency there is', () => {
    const free = { ...RESERVED, items: RESERVED.items.map((item) => ({ ...item, unitPriceCents: 0 })) };
    const given = situationOf({ reservation: free });
    expect(codesOf(decide([pay('p', 'GBP')], given, RULES).outcomes)).toEqual(['currency_error']);
    const { outcomes, changes } = decide([pay()], given, RULES);
    expect(outcomes[0]?.made).toMatchObject({
      payment: { status: 'succeeded', amountCents: 0n },
      purchases: [
        { id: 'a', ticketOptionId: 'o', quantity: 2 },
        { id: 'b', ticketOptionId: 'q', quantity: 1 },
      ],
    });
    expect(changes.reservations.get('r')?.after).toMatchObject({ status: 'paid', purchaseIds: ['a', 'b'] });
    expect(changes.moves.get('o')).toEqual({ freed: 0, settled: 2, unsold: 0, revenueCents: 0n });
  });
});

describe('settling', () => {
  const made = (given: Given, order: Order): PaymentMade =>
    decide([order], situationOf(given), RULES).outcomes[0]?.made as PaymentMade;

  test.each<[string, Given, Order, string, string | undefined]>([
    ['charged: paid', { reservation: PAYING, payment: {} }, CHARGED, 'succeeded', 'paid'],
    ['declined: active again', { reservation: PAYING, payment: {} }, DECLINED, 'failed', 'active'],
    [
      'declined after its time: active by its row, so over by the clock',
      { reservation: { ...PAYING, expiresAt: at(-1) }, payment: {} },
      DECLINED,
      'failed',
      'active',
    ],
    [
      'charged after its time: in time',
      { reservation: { ...PAYING, expiresAt: at(-1) }, payment: {} },
      CHARGED,
      'succeeded',
      'paid',
    ],
    [
      'charged, event cancelled: money back',
      { reservation: PAYING, payment: {}, stock: CANCELLED },
      CHARGED,
      'refunding',
      'cancelled',
    ],
    [
      'declined, event cancelled',
      { reservation: PAYING, payment: {}, stock: CANCELLED },
      DECLINED,
      'failed',
      'cancelled',
    ],
    [
      'charged, but voided before: money back',
      { reservation: RESERVED, payment: { status: 'failed' } },
      CHARGED,
      'refunding',
      undefined,
    ],
    [
      'charged and settled before',
      { reservation: PAID, payment: { status: 'succeeded' } },
      CHARGED,
      'succeeded',
      undefined,
    ],
    [
      'voided, but settled before',
      { reservation: PAID, payment: { status: 'succeeded' } },
      VOIDED,
      'succeeded',
      undefined,
    ],
    [
      'declined, but voided before',
      { reservation: RESERVED, payment: { status: 'failed' } },
      DECLINED,
      'failed',
      undefined,
    ],
    [
      'charged, but refunded before',
      { reservation: PAID, payment: { status: 'refunded' } },
      CHARGED,
      'refunded',
      undefined,
    ],
    [
      'charged, on its way back before',
      { reservation: RESERVED, payment: { status: 'refunding' } },
      CHARGED,
      'refunding',
      undefined,
    ],
  ])('%s', (_name, given, order, status, reservation) => {
    const { outcomes, changes } = decide([order], situationOf(given), RULES);
    expect((outcomes[0]?.made as PaymentMade).payment.status).toBe(status);
    expect(changes.reservations.get('r')?.after.status).toBe(reservation);
    const changed = status !== (given.payment?.status ?? 'pending');
    expect(changes.payments.size).toBe(changed ? 1 : 0);
  });

  test('makes a purchase of each kind, and counts what it took in', () => {
    const { changes, figures } = decide([CHARGED], situationOf({ reservation: PAYING, payment: {} }), RULES);
    expect(changes.bought).toEqual([
      { ...BOUGHT, unitPriceCents: 1_000, createdAt: NOW },
      { ...BOUGHT, id: 'b', ticketOptionId: 'q', quantity: 1, unitPriceCents: 0, createdAt: NOW },
    ]);
    expect(changes.moves.get('o')).toEqual({ freed: 0, settled: 2, unsold: 0, revenueCents: 2_000n });
    expect(figures).toMatchObject({ reserved: -3, sold: 3, revenueCents: 2_000n, paid: 1, cancelled: 0 });
    expect(figures.sales).toEqual(new Map([[NOW.getTime(), { sold: 3, revenueCents: 2_000n }]]));
  });

  test('of what is cancelled or came too late begins a refund of the whole', () => {
    const back = { id: 'f', paymentId: 'p', purchaseId: null, amountCents: 2_000n, doneAt: null };
    expect(made({ reservation: PAYING, payment: {}, stock: CANCELLED }, CHARGED)).toMatchObject({
      payment: { failureCode: 'event_cancelled' },
      refund: back,
    });
    const late = { reservation: PAID, payment: { status: 'failed', failureCode: 'voided' } } as const;
    expect(made(late, CHARGED)).toMatchObject({ payment: { failureCode: 'voided' }, refund: back });
    expect(decide([CHARGED], situationOf(late), RULES).changes.refunds.get('f')).toMatchObject({
      checkAt: at(60),
    });
  });

  test('of what was voided is looked at again, of what was declined is not', () => {
    const given = situationOf({ reservation: PAYING, payment: {} });
    expect(decide([VOIDED], given, RULES).changes.payments.get('p')?.checkAt).toEqual(at(60));
    expect(decide([DECLINED], given, RULES).changes.payments.get('p')?.checkAt).toBeNull();
  });

  test('of a payment that nobody waits for is a bug, and changes nothing', () => {
    expect(() => decide([CHARGED], situationOf({ reservation: PAID, payment: {} }), RULES)).toThrow(
      /does not wait/,
    );
    expect(codesOf(decide([CHARGED], situationOf({ reservation: PAYING }), RULES).outcomes)).toEqual([
      'not_found',
    ]);
  });
});

describe('refunding', () => {
  const SUCCEEDED = { status: 'succeeded' } as const;

  test.each<[string, Given, Order[], string[]]>([
    ['an unknown purchase', {}, [refund()], ['not_found']],
    ['twice in one turn', { purchase: {} }, [refund(), refund('g')], ['ok', 'purchase_refunded']],
    ['what is being refunded', { purchase: {}, refund: { id: 'g' } }, [refund()], ['purchase_refunded']],
    [
      'what is refunded',
      { purchase: { refundedAt: NOW }, refund: { id: 'g', doneAt: NOW } },
      [refund()],
      ['purchase_refunded'],
    ],
    ['the same order again', { purchase: {}, refund: {} }, [refund()], ['ok']],
    ['the end of an unknown one', { purchase: {} }, [refunded], ['not_found']],
    ['the end twice', { purchase: {}, refund: {}, payment: SUCCEEDED }, [refunded, refunded], ['ok', 'ok']],
  ])('%s', (_name, given, orders, codes) => {
    expect(codesOf(decide(orders, situationOf(given), RULES).outcomes)).toEqual(codes);
  });

  test('begins without touching the tickets, and gives them back at its end, once', () => {
    const begun = decide([refund()], situationOf({ purchase: {} }), RULES);
    expect(begun.changes.refunds.get('f')).toMatchObject({
      after: { amountCents: 1_400n, doneAt: null },
      checkAt: at(60),
    });
    expect(begun.changes.refunded).toEqual([]);
    expect(begun.figures.isEmpty).toBe(true);

    const ended = decide(
      [refunded, refunded],
      situationOf({ purchase: {}, refund: {}, payment: SUCCEEDED }),
      RULES,
    );
    expect(ended.changes.moves.get('o')).toEqual({ freed: 0, settled: 0, unsold: 2, revenueCents: -1_400n });
    expect(ended.changes.payments.get('p')?.after).toMatchObject({
      status: 'partially_refunded',
      refundedCents: 1_400n,
    });
    expect(ended.figures.sales).toEqual(
      new Map([[at(-3_600).getTime(), { sold: -2, revenueCents: -1_400n }]]),
    );
  });

  test('the rest of a payment ends it; the whole of one leaves tickets alone', () => {
    const rest = {
      purchase: {},
      refund: {},
      payment: { status: 'partially_refunded', refundedCents: 600n },
    } as const;
    expect(decide([refunded], situationOf(rest), RULES).changes.payments.get('p')?.after.status).toBe(
      'refunded',
    );
    const whole = {
      refund: { purchaseId: null, amountCents: 2_000n },
      payment: { status: 'refunding', failureCode: 'voided' },
    } as const;
    const { changes } = decide([{ ...refunded, purchaseId: null } as Order], situationOf(whole), RULES);
    expect(changes.payments.get('p')?.after).toMatchObject({ status: 'refunded', failureCode: 'voided' });
    expect(changes.moves.size + changes.refunded.length).toBe(0);
  });

  test('of what cost nothing is done at once, and the tickets are for those behind in the same turn', () => {
    const buy: Order = {
      kind: 'buy',
      id: 'x',
      eventId: 'e',
      userId: 'v',
      items: [{ ticketOptionId: 'o', quantity: 2 }],
    };
    const given = situationOf({ purchase: { unitPriceCents: 0, paymentId: null, reservationId: null } });
    const { outcomes } = decide([buy, refund(), buy], given, RULES);
    expect(codesOf(outcomes)).toEqual(['invalid_purchase_quantity', 'ok', 'ok']);
    expect(outcomes[1]?.made).toEqual({ refund: null });
  });
});

test('whatever is said of one payment, in whatever order: it is bought once or paid back, and never both', () => {
  const said = fc.constantFrom('charged', 'declined', 'voided');
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 6 }), fc.boolean(), (words, eventCancelled) => {
      const orders = words.map((word) =>
        word === 'charged' ? CHARGED : word === 'declined' ? DECLINED : VOIDED,
      );
      const { changes } = decide(
        orders,
        situationOf({ reservation: PAYING, payment: {}, stock: { eventCancelled } }),
        RULES,
      );
      const bought = changes.bought.length > 0;
      expect(bought && changes.refunds.size > 0).toBe(false);
      expect(bought || changes.refunds.size > 0).toBe(words.includes('charged'));
      expect(bought).toBe(words[0] === 'charged' && !eventCancelled);
      const settled = changes.moves.get('o')?.settled ?? 0;
      expect(settled).toBe(bought ? 2 : 0);
    }),
  );
});
