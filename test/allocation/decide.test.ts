import fc from 'fast-check';
import { decide } from '../../src/allocation/decide';
import type { Order, Outcome, ReservationState, TakeOrder } from '../../src/allocation/orders';
import { countKey, type Situation, type Stock } from '../../src/allocation/situation';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);
const RULES = { holdMs: 900_000, holdMaxMs: 3_600_000 };

const PLENTY: Stock = {
  remaining: 100,
  over: 0,
  priceCents: 0,
  maxPerUser: null,
  maxPerOrder: null,
  salesStartAt: null,
  salesEndAt: null,
  countsUsers: true,
  eventCancelled: false,
  eventMaxPerUser: null,
  eventCountsUsers: true,
};

const HELD: ReservationState = {
  id: 'r',
  userId: 'u',
  status: 'active',
  createdAt: at(-60),
  expiresAt: at(840),
  items: [{ ticketOptionId: 'o', quantity: 2, unitPriceCents: 0 }],
  paymentId: null,
  purchaseIds: null,
};

const NOTHING_ELSE = { payments: new Map(), purchases: new Map(), refunds: new Map() };

function order(quantity: number, userId = 'u', ticketOptionId = 'o'): TakeOrder {
  return { kind: 'buy', id: 'p', eventId: 'e', userId, items: [{ ticketOptionId, quantity }] };
}

function reserve(quantity: number, userId = 'u', ticketOptionId = 'o'): TakeOrder {
  return { ...order(quantity, userId, ticketOptionId), kind: 'reserve' };
}

function several(quantities: Record<string, number>): TakeOrder {
  const items = Object.entries(quantities).map(([ticketOptionId, quantity]) => ({
    ticketOptionId,
    quantity,
  }));
  return { kind: 'reserve', id: 's', eventId: 'e', userId: 'u', items };
}

const change = { id: 'r', eventId: 'e', ticketOptionIds: ['o'] };
const cancel: Order = { kind: 'cancel', ...change };
const extend = (until: Date): Order => ({ kind: 'extend', ...change, until });

interface Given {
  readonly stock?: Partial<Stock>;
  /** Tickets by user, of the option. */
  readonly has?: Record<string, number>;
  readonly over?: Record<string, number>;
  /** Tickets by user, over the event. */
  readonly hasOfEvent?: Record<string, number>;
  readonly reservation?: Partial<ReservationState>;
}

function situationOf({ stock, has = {}, over = {}, hasOfEvent = {}, reservation }: Given): Situation {
  const keyed = (scope: string, counts: Record<string, number>): [string, number][] =>
    Object.entries(counts).map(([user, n]) => [countKey(user, scope), n]);
  return {
    now: NOW,
    stock: new Map([['o', { ...PLENTY, ...stock }]]),
    userCounts: new Map([...keyed('o', has), ...keyed('e', hasOfEvent)]),
    userOver: new Map(keyed('o', over)),
    reservations: new Map(reservation ? [['r', { ...HELD, ...reservation }]] : []),
    ...NOTHING_ELSE,
  };
}

function codesOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ refused }) => refused?.map(({ code }) => code).join() ?? 'ok');
}

/** Decides on one option; answers `ok` or the codes for each order. */
function codes(orders: Order[], given: Given): string[] {
  return codesOf(decide(orders, situationOf(given), RULES).outcomes);
}

describe('decide: tickets', () => {
  test.each<[string, Order[], Given, string[]]>([
    ['takes what fits', [order(100)], {}, ['ok']],
    ['refuses what does not fit', [order(101)], {}, ['invalid_purchase_quantity']],
    ['refuses a reservation that does not fit', [reserve(101)], {}, ['insufficient_tickets']],
    [
      'serves those behind who still fit',
      [order(60), reserve(60), order(40)],
      {},
      ['ok', 'insufficient_tickets', 'ok'],
    ],
    ['sells nothing of nothing', [order(1)], { stock: { remaining: 0 } }, ['invalid_purchase_quantity']],
    ['sells what is over', [order(2)], { stock: { remaining: 0, over: 2 } }, ['ok']],
    ['does not know a foreign option', [order(1, 'u', 'x')], {}, ['not_found']],
    [
      'sells nothing of a cancelled event',
      [order(1)],
      { stock: { eventCancelled: true } },
      ['event_cancelled'],
    ],
    [
      'is closed before the window',
      [order(1)],
      { stock: { salesStartAt: at(0.001) } },
      ['sales_not_started'],
    ],
    ['is open in the first instant', [order(1)], { stock: { salesStartAt: NOW } }, ['ok']],
    ['is open in the last instant', [order(1)], { stock: { salesEndAt: at(0.001) } }, ['ok']],
    ['is closed in the instant of the end', [reserve(1)], { stock: { salesEndAt: NOW } }, ['sales_ended']],
    [
      'does not sell directly what has a price',
      [order(1)],
      { stock: { priceCents: 1 } },
      ['payment_required'],
    ],
    ['reserves what has a price', [reserve(1)], { stock: { priceCents: 1 } }, ['ok']],
    ['takes an order at its limit', [order(4)], { stock: { maxPerOrder: 4 } }, ['ok']],
    ['refuses an order over its limit', [order(5)], { stock: { maxPerOrder: 4 } }, ['order_limit_exceeded']],
    [
      'counts what a user has',
      [order(1)],
      { stock: { maxPerUser: 4 }, has: { u: 4 } },
      ['user_limit_exceeded'],
    ],
    [
      'does not count what is over',
      [order(1)],
      { stock: { maxPerUser: 4 }, has: { u: 4 }, over: { u: 1 } },
      ['ok'],
    ],
    [
      'counts what a user took in this group, bought or held',
      [order(3), reserve(2), reserve(1)],
      { stock: { maxPerUser: 4 } },
      ['ok', 'user_limit_exceeded', 'ok'],
    ],
    [
      'keeps users apart',
      [order(4, 'a'), order(4, 'b')],
      { stock: { maxPerUser: 4 }, has: { a: 0, c: 4 } },
      ['ok', 'ok'],
    ],
    ['ignores counts where there is no limit', [order(1)], { has: { u: 4_000 } }, ['ok']],
    [
      'counts over the whole event',
      [order(1)],
      { stock: { eventMaxPerUser: 4 }, hasOfEvent: { u: 4 } },
      ['user_limit_exceeded'],
    ],
  ])('%s', (_name, orders, given, expected) => {
    expect(codes(orders, given)).toEqual(expected);
  });

  test('names the first reason in the order of the refusals', () => {
    // Each step takes the first reason away, and the next one shows.
    const steps: [Partial<Stock>, string][] = [
      [
        {
          eventCancelled: true,
          remaining: 0,
          priceCents: 1,
          maxPerUser: 1,
          maxPerOrder: 1,
          salesStartAt: at(1),
          salesEndAt: at(-1),
        },
        'event_cancelled',
      ],
      [{ eventCancelled: false }, 'sales_not_started'],
      [{ salesStartAt: null }, 'sales_ended'],
      [{ salesEndAt: null }, 'payment_required'],
      [{ priceCents: 0 }, 'order_limit_exceeded'],
      [{ maxPerOrder: null }, 'user_limit_exceeded'],
      [{ maxPerUser: null }, 'invalid_purchase_quantity'],
      [{ remaining: 2 }, 'ok'],
    ];
    let stock: Partial<Stock> = {};
    for (const [step, expected] of steps) {
      stock = { ...stock, ...step };
      expect(codes([order(2)], { stock })).toEqual([expected]);
    }
  });

  test('tells limits, what the user has, and what remains', () => {
    const [user] = decide(
      [order(2)],
      situationOf({ stock: { maxPerUser: 4 }, has: { u: 3 } }),
      RULES,
    ).outcomes;
    expect(user?.refused).toEqual([
      { code: 'user_limit_exceeded', meta: { limit: 4, has: 3, per: 'ticket_option' }, item: 0 },
    ]);
    const [event] = decide([order(2)], situationOf({ stock: { eventMaxPerUser: 1 } }), RULES).outcomes;
    expect(event?.refused).toEqual([
      { code: 'user_limit_exceeded', meta: { limit: 1, has: 0, per: 'event' } },
    ]);
    const [stock] = decide([reserve(9)], situationOf({ stock: { remaining: 3, over: 2 } }), RULES).outcomes;
    expect(stock?.refused).toEqual([{ code: 'insufficient_tickets', meta: { remaining: 5 }, item: 0 }]);
  });

  test('says of every kind of a reservation that does not fit, and takes nothing of the others', () => {
    const situation = situationOf({});
    const stock = new Map([
      ['a', { ...PLENTY, remaining: 1 }],
      ['b', { ...PLENTY, remaining: 9 }],
      ['c', { ...PLENTY, remaining: 0 }],
    ]);
    const orders = [several({ a: 2, b: 1, c: 1 }), several({ b: 9, a: 1 })];
    const { outcomes, takes } = decide(orders, { ...situation, stock }, RULES);
    expect(outcomes[0]?.refused).toEqual([
      { code: 'insufficient_tickets', meta: { remaining: 1 }, item: 0 },
      { code: 'insufficient_tickets', meta: { remaining: 0 }, item: 2 },
    ]);
    expect(outcomes[1]?.made).toMatchObject({ expiresAt: at(900), createdAt: NOW });
    expect([...takes.moves]).toEqual([
      ['b', { sold: 0, held: 9 }],
      ['a', { sold: 0, held: 1 }],
    ]);
  });
});

describe('decide: reservations', () => {
  test.each<[string, Order, Partial<ReservationState>, string]>([
    ['extends', extend(at(841)), {}, 'ok'],
    ['takes the same instant again', extend(at(840)), {}, 'ok'],
    ['does not shorten', extend(at(839)), {}, 'invalid_attribute'],
    ['extends to the last instant allowed', extend(at(3_540)), {}, 'ok'],
    ['and not to the one after', extend(at(3_540.001)), {}, 'extension_limit_reached'],
    ['extends in the last instant of its time', extend(at(60)), { expiresAt: at(0.001) }, 'ok'],
    ['does not extend in the instant of its end', extend(at(60)), { expiresAt: NOW }, 'reservation_expired'],
    ['does not extend what is cancelled', extend(at(900)), { status: 'cancelled' }, 'reservation_cancelled'],
    ['does not extend what is paid', extend(at(900)), { status: 'paid' }, 'reservation_paid'],
    ['does not extend what is being paid', extend(at(900)), { status: 'paying' }, 'reservation_in_payment'],
    ['cancels', cancel, {}, 'ok'],
    ['cancels what is cancelled', cancel, { status: 'cancelled' }, 'ok'],
    ['cancels what is over', cancel, { expiresAt: NOW }, 'ok'],
    ['does not cancel what is paid', cancel, { status: 'paid' }, 'reservation_paid'],
    ['does not cancel what is being paid', cancel, { status: 'paying' }, 'reservation_in_payment'],
  ])('%s', (_name, each, reservation, expected) => {
    expect(codes([each], { reservation })).toEqual([expected]);
  });

  test('does not know a foreign reservation', () => {
    expect(codes([cancel, extend(at(900))], {})).toEqual(['not_found', 'not_found']);
  });

  test.each<[string, Partial<ReservationState>, number]>([
    ['gives back once what is cancelled, however often', {}, 2],
    ['gives back nothing of what is over: that is the release’s matter', { expiresAt: NOW }, 0],
    ['gives back nothing of what was cancelled before', { status: 'cancelled' }, 0],
  ])('%s', (_name, reservation, back) => {
    const given = { stock: { remaining: 0 }, reservation };
    const { changes } = decide([cancel, cancel], situationOf(given), RULES);
    expect(changes.moves.get('o')?.freed ?? 0).toBe(back);
    expect(codes([cancel, order(2, 'v')], given)[1]).toBe(back === 2 ? 'ok' : 'invalid_purchase_quantity');
  });

  test('frees the user’s limit in the same group', () => {
    const given = { stock: { maxPerUser: 2 }, has: { u: 2 }, reservation: {} };
    expect(codes([order(1), cancel, order(2)], given)).toEqual(['user_limit_exceeded', 'ok', 'ok']);
  });

  test('does not extend what the order before cancelled, and cancels what it extended', () => {
    expect(codes([cancel, extend(at(900))], { reservation: {} })).toEqual(['ok', 'reservation_cancelled']);
    const { outcomes, changes } = decide([extend(at(900)), cancel], situationOf({ reservation: {} }), RULES);
    expect(codesOf(outcomes)).toEqual(['ok', 'ok']);
    expect(changes.reservations.get('r')).toEqual({
      before: HELD,
      after: { ...HELD, status: 'cancelled', expiresAt: at(900) },
    });
  });
});

describe('decide: histories', () => {
  const quantity = fc.integer({ min: 1, max: 6 });
  const wish = fc.record({
    kind: fc.constantFrom('buy' as const, 'reserve' as const, 'cancel' as const),
    userId: fc.constantFrom('a', 'b', 'c'),
    items: fc.uniqueArray(fc.record({ ticketOptionId: fc.constantFrom('o', 'q'), quantity }), {
      minLength: 1,
      maxLength: 2,
      selector: (item) => item.ticketOptionId,
    }),
    reservation: fc.constantFrom('held', 'over'),
  });
  const limit = fc.option(fc.integer({ min: 1, max: 8 }), { nil: null });
  const stocks = fc.record({
    remaining: fc.integer({ min: 0, max: 30 }),
    over: fc.integer({ min: 0, max: 5 }),
    maxPerUser: limit,
    maxPerOrder: limit,
  });

  test('agrees with a model that keeps one number for each option and one for each user', () => {
    fc.assert(
      fc.property(
        fc.array(wish, { maxLength: 40 }),
        stocks,
        stocks,
        limit,
        fc.integer({ min: 0, max: 4 }),
        (wishes, o, q, eventMaxPerUser, had) => {
          const reservations = new Map([
            ['held', { ...HELD, id: 'held', userId: 'a' }],
            ['over', { ...HELD, id: 'over', userId: 'b', expiresAt: NOW }],
          ]);
          const situation: Situation = {
            now: NOW,
            reservations,
            ...NOTHING_ELSE,
            stock: new Map([
              ['o', { ...PLENTY, ...o, eventMaxPerUser }],
              ['q', { ...PLENTY, ...q, eventMaxPerUser }],
            ]),
            userCounts: new Map([
              [countKey('a', 'o'), had + 2],
              [countKey('a', 'e'), had + 2],
              [countKey('b', 'o'), 2],
              [countKey('b', 'e'), 2],
            ]),
            userOver: new Map([
              [countKey('b', 'o'), 2],
              [countKey('b', 'e'), 2],
            ]),
          };
          const orders = wishes.map((each, index): Order => {
            const base = { id: String(index), eventId: 'e' };
            return each.kind === 'cancel'
              ? { kind: 'cancel', id: each.reservation, eventId: 'e', ticketOptionIds: ['o'] }
              : { ...base, kind: each.kind, userId: each.userId, items: each.items };
          });
          const decision = decide(orders, situation, RULES);

          // The model: a dozen lines, one counter moved at a time.
          const left: Record<string, number> = { o: o.remaining + o.over, q: q.remaining + q.over };
          const owns: Record<string, number> = { 'a/o': had + 2, 'a/e': had + 2 };
          const add = (key: string, n: number): number => (owns[key] = (owns[key] ?? 0) + n);
          let isHeld = true;
          wishes.forEach(({ kind, userId, items, reservation }, index) => {
            const isMade = decision.outcomes[index]?.made !== undefined;
            if (kind === 'cancel') {
              expect(isMade).toBe(true);
              if (reservation !== 'held' || !isHeld) return;
              isHeld = false;
              left['o'] = (left['o'] ?? 0) + 2;
              add('a/o', -2);
              add('a/e', -2);
              return;
            }
            const sum = items.reduce((total, item) => total + item.quantity, 0);
            const fits =
              (owns[`${userId}/e`] ?? 0) + sum <= (eventMaxPerUser ?? Infinity) &&
              items.every(
                ({ ticketOptionId: option, quantity: n }) =>
                  n <= ((option === 'o' ? o : q).maxPerOrder ?? Infinity) &&
                  (owns[`${userId}/${option}`] ?? 0) + n <=
                    ((option === 'o' ? o : q).maxPerUser ?? Infinity) &&
                  n <= (left[option] ?? 0),
              );
            expect(isMade).toBe(fits);
            if (!fits) return;
            add(`${userId}/e`, sum);
            for (const { ticketOptionId: option, quantity: n } of items) {
              left[option] = (left[option] ?? 0) - n;
              add(`${userId}/${option}`, n);
            }
          });
          expect(Math.min(...Object.values(left))).toBeGreaterThanOrEqual(0);
          // What is to be written is what the model did.
          for (const [id, start] of [['o', o] as const, ['q', q] as const]) {
            const taken = decision.takes.moves.get(id) ?? { sold: 0, held: 0 };
            const back = decision.changes.moves.get(id)?.freed ?? 0;
            expect(start.remaining + start.over - taken.sold - taken.held + back).toBe(left[id]);
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
