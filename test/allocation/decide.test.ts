import fc from 'fast-check';
import { decide } from '../../src/allocation/decide';
import { type PurchaseOrder, type Stock, userCountKey } from '../../src/allocation/orders';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const before = new Date(NOW.getTime() - 1);
const after = new Date(NOW.getTime() + 1);

const PLENTY: Stock = {
  remaining: 100,
  priceCents: 0,
  maxPerUser: null,
  maxPerOrder: null,
  salesStartAt: null,
  salesEndAt: null,
};

function order(quantity: number, userId = 'u', ticketOptionId = 'o'): PurchaseOrder {
  return { id: 'p', eventId: 'e', ticketOptionId, userId, quantity };
}

/** Decides on one option; answers `ok` or the code for each order. */
function codes(orders: PurchaseOrder[], stock: Partial<Stock>, has: Record<string, number> = {}): string[] {
  const userCounts = new Map(Object.entries(has).map(([user, n]) => [userCountKey(user, 'o'), n]));
  const situation = { now: NOW, stock: new Map([['o', { ...PLENTY, ...stock }]]), userCounts };
  return decide(orders, situation).map((verdict) => verdict?.code ?? 'ok');
}

describe('decide', () => {
  test.each<[string, PurchaseOrder[], Partial<Stock>, Record<string, number>, string[]]>([
    ['takes what fits', [order(100)], {}, {}, ['ok']],
    ['refuses what does not fit', [order(101)], {}, {}, ['invalid_purchase_quantity']],
    [
      'serves those behind who still fit',
      [order(60), order(60), order(40)],
      {},
      {},
      ['ok', 'invalid_purchase_quantity', 'ok'],
    ],
    ['sells nothing of nothing', [order(1)], { remaining: 0 }, {}, ['invalid_purchase_quantity']],
    ['does not know a foreign option', [order(1, 'u', 'x')], {}, {}, ['not_found']],
    ['is closed before the window', [order(1)], { salesStartAt: after }, {}, ['sales_not_started']],
    ['is open in the first instant', [order(1)], { salesStartAt: NOW }, {}, ['ok']],
    ['is open in the last instant', [order(1)], { salesEndAt: after }, {}, ['ok']],
    ['is closed in the instant of the end', [order(1)], { salesEndAt: NOW }, {}, ['sales_ended']],
    ['does not sell directly what has a price', [order(1)], { priceCents: 1 }, {}, ['payment_required']],
    ['takes an order at its limit', [order(4)], { maxPerOrder: 4 }, {}, ['ok']],
    ['refuses an order over its limit', [order(5)], { maxPerOrder: 4 }, {}, ['order_limit_exceeded']],
    ['counts what a user has', [order(1)], { maxPerUser: 4 }, { u: 4 }, ['user_limit_exceeded']],
    [
      'counts what a user took in this group',
      [order(3), order(2), order(1)],
      { maxPerUser: 4 },
      {},
      ['ok', 'user_limit_exceeded', 'ok'],
    ],
    ['keeps users apart', [order(4, 'a'), order(4, 'b')], { maxPerUser: 4 }, { a: 0, c: 4 }, ['ok', 'ok']],
    ['ignores counts where there is no limit', [order(1)], {}, { u: 4_000 }, ['ok']],
  ])('%s', (_name, orders, stock, has, expected) => {
    expect(codes(orders, stock, has)).toEqual(expected);
  });

  test('names the first reason in the order of the refusals', () => {
    // Each step takes the first reason away, and the next one shows.
    const worst: Stock = {
      remaining: 0,
      priceCents: 1,
      maxPerUser: 1,
      maxPerOrder: 1,
      salesStartAt: after,
      salesEndAt: before,
    };
    const steps: [Partial<Stock>, string][] = [
      [{}, 'sales_not_started'],
      [{ salesStartAt: null }, 'sales_ended'],
      [{ salesEndAt: null }, 'payment_required'],
      [{ priceCents: 0 }, 'order_limit_exceeded'],
      [{ maxPerOrder: null }, 'user_limit_exceeded'],
      [{ maxPerUser: null }, 'invalid_purchase_quantity'],
      [{ remaining: 2 }, 'ok'],
    ];
    let stock = worst;
    for (const [change, expected] of steps) {
      stock = { ...stock, ...change };
      expect(codes([order(2)], stock)).toEqual([expected]);
    }
  });

  test('tells the limit and what the user has', () => {
    const stock = new Map([['o', { ...PLENTY, maxPerUser: 4 }]]);
    const userCounts = new Map([[userCountKey('u', 'o'), 3]]);
    expect(decide([order(2)], { now: NOW, stock, userCounts })).toEqual([
      { code: 'user_limit_exceeded', meta: { limit: 4, has: 3 } },
    ]);
  });

  test('agrees with a model that keeps one number for each option and one for each user', () => {
    const users = fc.constantFrom('a', 'b', 'c');
    const options = fc.constantFrom('o', 'q');
    const history = fc.array(
      fc.record({ userId: users, ticketOptionId: options, quantity: fc.integer({ min: 1, max: 6 }) }),
      {
        maxLength: 40,
      },
    );
    const limits = fc.option(fc.integer({ min: 1, max: 8 }), { nil: null });
    const stocks = fc.record({
      remaining: fc.integer({ min: 0, max: 30 }),
      maxPerUser: limits,
      maxPerOrder: limits,
    });

    fc.assert(
      fc.property(history, stocks, stocks, fc.integer({ min: 0, max: 4 }), (wishes, o, q, had) => {
        const stock = new Map([
          ['o', { ...PLENTY, ...o }],
          ['q', { ...PLENTY, ...q }],
        ]);
        const userCounts = new Map([[userCountKey('a', 'o'), had]]);
        const orders = wishes.map((wish, index) => ({ id: String(index), eventId: 'e', ...wish }));
        const verdicts = decide(orders, { now: NOW, stock, userCounts });

        // The model: a dozen lines, one counter moved at a time.
        const left: Record<string, number> = { o: o.remaining, q: q.remaining };
        const owns: Record<string, number> = { 'a/o': had };
        orders.forEach((wish, index) => {
          const { ticketOptionId: option, userId, quantity } = wish;
          const { maxPerOrder, maxPerUser } = option === 'o' ? o : q;
          const key = `${userId}/${option}`;
          const fits =
            quantity <= (maxPerOrder ?? Infinity) &&
            (owns[key] ?? 0) + quantity <= (maxPerUser ?? Infinity) &&
            quantity <= (left[option] ?? 0);
          expect(verdicts[index] === null).toBe(fits);
          if (!fits) return;
          left[option] = (left[option] ?? 0) - quantity;
          owns[key] = (owns[key] ?? 0) + quantity;
        });
        expect(Math.min(...Object.values(left))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 5_000 },
    );
  });
});
