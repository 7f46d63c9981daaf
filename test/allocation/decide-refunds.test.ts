import { decide } from '../../src/allocation/decide';
import type { Order } from '../../src/allocation/orders';
import { at, codesOf, type Given, NOW, refund, refunded, RULES, situationOf } from '../support/paid';

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
