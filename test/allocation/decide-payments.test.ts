import fc from 'fast-check';
import { decide } from '../../src/allocation/decide';
import type { Order, PaymentMade } from '../../src/allocation/orders';
import {
  at,
  BOUGHT,
  CHARGED,
  codesOf,
  DECLINED,
  type Given,
  NOW,
  PAID,
  pay,
  PAYING,
  PENDING,
  RESERVED,
  RULES,
  situationOf,
  VOIDED,
} from '../support/paid';

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
