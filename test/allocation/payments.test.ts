import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';
import { Allocation } from '../../src/allocation/allocation';
import { audit } from '../../src/allocation/audit';
import type { ChargeResult, Outcome, PaymentMade, ReservationState } from '../../src/allocation/orders';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { newId } from '../../src/ids';
import { createTestDatabase } from '../support/database';
import { insertEvent, insertOption } from '../support/stock';

const SUCCEEDED = { succeeded: true } as const;
const DECLINED = { succeeded: false, failureCode: 'card_error' } as const;
const VOIDED = { succeeded: false, failureCode: 'voided' } as const;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;
let nest: NestFastifyApplication;
let allocation: Allocation;
let eventId: string;
/** Of the event; 10 tickets each, at 1,000 cents and at 0. */
let priced: string;
let free: string;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  const config = loadConfig({ LOG_LEVEL: 'silent', SWEEP_INTERVAL_SECONDS: '0' });
  ({ nest } = await createApp(config, database.url));
  await nest.get(DatabaseService).start();
  allocation = nest.get(Allocation);
});
beforeEach(async () => {
  eventId = await insertEvent(client, { maxTicketsPerUser: 6 });
  priced = await insertOption(client, eventId, { allocation: 10, priceCents: 1_000, maxPerUser: 6 });
  free = await insertOption(client, eventId, { allocation: 10 });
});
afterEach(async () => {
  expect(await audit(client)).toEqual([]);
});
afterAll(async () => {
  await nest.close();
  await client.end();
  await database.drop();
});

async function reserve(quantities: Record<string, number>, userId: string = randomUUID()) {
  const items = Object.entries(quantities).map(([ticketOptionId, quantity]) => ({
    ticketOptionId,
    quantity,
  }));
  return made(await allocation.reserve({ id: newId(), eventId, userId, items }));
}

function made<M>({ made: what, refused, known }: Outcome<M>): M {
  if (known !== undefined) throw new Error('an order without a key was decided before');
  if (refused !== undefined) throw new Error(refused.map(({ code }) => code).join());
  return what;
}

function payOrder({ id, items }: ReservationState) {
  return {
    ...{ id: newId(), eventId, reservationId: id, currency: 'EUR', leaseMs: 60_000 },
    ticketOptionIds: items.map(({ ticketOptionId }) => ticketOptionId),
    purchaseIds: items.map(() => newId()),
  };
}

function settleOrder(
  { id, reservationId, ticketOptionIds, purchaseIds }: ReturnType<typeof payOrder>,
  charge: ChargeResult,
) {
  return {
    ...{ id, eventId, reservationId, ticketOptionIds, purchaseIds, charge },
    ...{ refundId: newId(), leaseMs: 60_000 },
  };
}

/** Pays it as if the gateway had said so. */
async function pay(reservation: ReservationState, charge: ChargeResult = SUCCEEDED): Promise<PaymentMade> {
  const order = payOrder(reservation);
  made(await allocation.pay(order));
  return made(await allocation.settle(settleOrder(order, charge)));
}

function refundOrder(purchaseId: string | null, ticketOptionId = priced, id = newId()) {
  return { id, eventId, purchaseId, ticketOptionIds: [ticketOptionId], leaseMs: 60_000 };
}

async function stockOf(option: string): Promise<string> {
  const { rows } = await client.query<{ stock: string }>(
    `SELECT concat_ws('/', remaining, reserved, sold, revenue_cents) AS stock FROM ticket_options WHERE id = $1`,
    [option],
  );
  return rows[0]?.stock ?? '';
}

async function countsOf(): Promise<string> {
  const { rows } = await client.query<{ counts: string }>(
    `SELECT concat_ws('/', reserved, sold, revenue_cents, reservations_created, reservations_paid, reservations_cancelled) AS counts
       FROM event_counts WHERE event_id = $1`,
    [eventId],
  );
  return rows[0]?.counts ?? '';
}

function cancelEvent(): Promise<Outcome> {
  return allocation.changeEvent(eventId, { status: 'cancelled' });
}

test('a paid reservation has become a purchase of each kind, and is counted', async () => {
  const reservation = await reserve({ [priced]: 2, [free]: 1 });
  const { payment, purchases } = await pay(reservation);
  expect(payment).toMatchObject({ status: 'succeeded', amountCents: 2_000n, failureCode: null });
  expect(purchases.map(({ quantity, unitPriceCents }) => [quantity, unitPriceCents])).toEqual([
    [2, 1_000],
    [1, 0],
  ]);
  expect([await stockOf(priced), await stockOf(free)]).toEqual(['8/0/2/2000', '9/0/1/0']);
  expect(await countsOf()).toBe('0/3/2000/1/1/0');
});

test('a declined one can be paid again, until it is over', async () => {
  const reservation = await reserve({ [priced]: 2 });
  expect((await pay(reservation, DECLINED)).payment).toMatchObject({
    status: 'failed',
    failureCode: 'card_error',
  });
  expect(await stockOf(priced)).toBe('8/2/0/0');
  expect((await pay(reservation)).payment.status).toBe('succeeded');
  expect((await allocation.pay(payOrder(reservation))).refused?.[0].code).toBe('reservation_paid');
});

test.each([
  ['begun', 0],
  ['begun and settled', 1],
] as const)(
  'one whose charge was %s twice, because the answer was lost, is paid once',
  async (_how, steps) => {
    const order = payOrder(await reserve({ [priced]: 2 }));
    const [first, again] = [made(await allocation.pay(order)), made(await allocation.pay(order))];
    expect(again.payment).toEqual(first.payment);
    const settling = settleOrder(order, SUCCEEDED);
    const settled = made(await allocation.settle(settling));
    for (let step = 0; step < steps; step += 1) {
      const { payment, purchases } = made(await allocation.settle(settling));
      expect([payment, purchases]).toEqual([settled.payment, []]);
    }
    expect(await stockOf(priced)).toBe('8/0/2/2000');
  },
);

test('two that pay the same reservation at the same instant: one begins', async () => {
  const reservation = await reserve({ [priced]: 2 });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => allocation.pay(payOrder(reservation))));
  const codes = outcomes.map(({ refused }) => refused?.[0].code ?? 'begun').sort();
  expect(codes).toEqual(['begun', ...Array<string>(19).fill('reservation_in_payment')]);
});

test('a charge that is called off frees the tickets, and when it succeeds all the same the money goes back', async () => {
  const reservation = await reserve({ [priced]: 2 });
  const order = payOrder(reservation);
  made(await allocation.pay(order));
  made(await allocation.settle(settleOrder(order, VOIDED)));
  await pay(reservation);
  const late = settleOrder(order, SUCCEEDED);
  const { payment, purchases, refund } = made(await allocation.settle(late));
  expect([payment.status, payment.failureCode, purchases]).toEqual(['refunding', 'voided', []]);
  expect(refund).toMatchObject({ id: late.refundId, amountCents: 2_000n, purchaseId: null });
  // Said once more, it is the same refund.
  expect(made(await allocation.settle(late)).refund).toEqual(refund);
  const end = refundOrder(null, priced, late.refundId);
  made(await allocation.refunded(end));
  expect(made(await allocation.refunded(end)).refund?.doneAt).toBeInstanceOf(Date);
  const { rows } = await client.query('SELECT status, refunded_cents FROM payments WHERE id = $1', [
    order.id,
  ]);
  expect(rows).toEqual([{ status: 'refunded', refunded_cents: '2000' }]);
  expect(await stockOf(priced)).toBe('8/0/2/2000');
});

test('an event that is cancelled during the charge: no purchase, the money goes back', async () => {
  const order = payOrder(await reserve({ [priced]: 2, [free]: 1 }));
  made(await allocation.pay(order));
  made(await cancelEvent());
  expect(await stockOf(priced)).toBe('8/2/0/0');
  const { payment, refund } = made(await allocation.settle(settleOrder(order, SUCCEEDED)));
  expect([payment.status, payment.failureCode]).toEqual(['refunding', 'event_cancelled']);
  expect(await stockOf(priced)).toBe('10/0/0/0');
  expect(await countsOf()).toBe('0/0/0/1/0/1');
  made(await allocation.refunded(refundOrder(null, priced, refund?.id)));
});

test('and one whose charge is declined then ends cancelled', async () => {
  const reservation = await reserve({ [priced]: 2 });
  const order = payOrder(reservation);
  made(await allocation.pay(order));
  made(await cancelEvent());
  made(await allocation.settle(settleOrder(order, DECLINED)));
  expect(await stockOf(priced)).toBe('10/0/0/0');
  expect((await allocation.pay(payOrder(reservation))).refused?.[0].code).toBe('event_cancelled');
});

describe('a purchase that is given back', () => {
  test('in parts: its tickets are for sale again once, and the user may buy again', async () => {
    const userId = randomUUID();
    const { payment, purchases } = await pay(await reserve({ [priced]: 4, [free]: 2 }, userId));
    const [of, gift] = purchases.map(({ id }) => id);
    const begin = refundOrder(of ?? '');
    const { refund } = made(await allocation.refund(begin));
    expect(refund).toMatchObject({ paymentId: payment.id, amountCents: 4_000n, doneAt: null });
    expect(made(await allocation.refund(begin)).refund).toEqual(refund);
    expect((await allocation.refund(refundOrder(of ?? ''))).refused?.[0].code).toBe('purchase_refunded');
    expect(await stockOf(priced)).toBe('6/0/4/4000');
    await expect(reserve({ [priced]: 1 }, userId)).rejects.toThrow('user_limit_exceeded');
    made(await allocation.refunded(begin));
    made(await allocation.refunded(begin));
    expect(await stockOf(priced)).toBe('10/0/0/0');
    await reserve({ [priced]: 4 }, userId);
    // What cost nothing goes back at once.
    expect(made(await allocation.refund(refundOrder(gift ?? '', free))).refund).toBeNull();
    expect(await stockOf(free)).toBe('10/0/0/0');
    const { rows } = await client.query('SELECT status FROM payments WHERE id = $1', [payment.id]);
    expect(rows).toEqual([{ status: 'refunded' }]);
  });

  test('that was made directly goes back at once, once', async () => {
    const id = newId();
    const userId = randomUUID();
    const items = [{ ticketOptionId: free, quantity: 3 }];
    made(await allocation.buy({ id, eventId, userId, items }));
    const order = refundOrder(id, free);
    const outcomes = await Promise.all([
      allocation.refund(order),
      ...Array.from({ length: 9 }, () => allocation.refund(refundOrder(id, free))),
    ]);
    const codes = outcomes.map(({ refused }) => refused?.[0].code ?? 'made').sort();
    expect(codes).toEqual(['made', ...Array<string>(9).fill('purchase_refunded')]);
    expect(made(await allocation.refund(order)).refund).toBeNull();
    expect(await stockOf(free)).toBe('10/0/0/0');
    expect(await countsOf()).toBe('0/0/0/0/0/0');
  });
});

test('everything at once in one turn: each has its effect, and the books are right', async () => {
  const [one, two, three] = [
    await reserve({ [priced]: 1, [free]: 1 }),
    await reserve({ [priced]: 2 }),
    await reserve({ [priced]: 3 }),
  ];
  const [ofTwo, ofThree] = [payOrder(two), payOrder(three)];
  await Promise.all([allocation.pay(ofTwo), allocation.pay(ofThree)]);
  const [own] = (await pay(await reserve({ [priced]: 2 }))).purchases;
  const outcomes = await Promise.all([
    allocation.pay(payOrder(one)),
    allocation.settle(settleOrder(ofTwo, SUCCEEDED)),
    allocation.settle(settleOrder(ofThree, DECLINED)),
    allocation.pay(payOrder(three)),
    allocation.refund(refundOrder(own?.id ?? '')),
    allocation.reserve({
      id: newId(),
      eventId,
      userId: randomUUID(),
      items: [{ ticketOptionId: free, quantity: 6 }],
    }),
    allocation.buy({
      id: newId(),
      eventId,
      userId: randomUUID(),
      items: [{ ticketOptionId: free, quantity: 3 }],
    }),
    allocation.cancel({ id: one.id, eventId, ticketOptionIds: [priced, free] }),
  ]);
  expect(outcomes.map(({ refused }) => refused?.[0].code ?? 'made')).toEqual([
    ...Array<string>(7).fill('made'),
    'reservation_in_payment',
  ]);
  expect(await stockOf(priced)).toBe('2/4/4/4000');
  expect(await stockOf(free)).toBe('0/7/3/0');
  expect(await countsOf()).toBe('11/7/4000/5/2/0');
});
