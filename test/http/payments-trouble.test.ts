import { setTimeout as sleep } from 'node:timers/promises';
import { Allocation } from '../../src/allocation/allocation';
import { refusedFor } from '../../src/allocation/orders';
import { PaymentGateway } from '../../src/payments/payment-gateway';
import type { TestApp } from '../support/app';
import { type Trouble, TroubledGateway } from '../support/gateway';
import type { ResourceObject } from '../support/json-api-document';
import { startPayingApp } from '../support/paying-app';
import { Client } from './client';
import { attemptOf, expectRightBooks, moneyOf, now, pay, reserved, saidBy } from './payment-steps';
import { countersOf, letADayPass, until } from './reservation-steps';
import { type Answer, dataOf, errorOf, idIn, idsIn } from './wire';

let app: TestApp;
let client: Client;
let allocation: Allocation;
beforeAll(async () => {
  app = await startPayingApp();
  client = new Client(app);
  allocation = app.nest.get(Allocation, { strict: false });
});
beforeEach(async () => {
  TroubledGateway.trouble = {};
  await app.database.query('TRUNCATE gateway_charges, gateway_refunds');
});
afterEach(async () => {
  jest.restoreAllMocks();
  await expectRightBooks(app);
});
afterAll(() => app.stop());

const AT_RESERVATION = { pointer: '/data/relationships/reservation/data/id' };
const HELD = { remaining: 98, reserved: 2, sold: 0 };
const SOLD = { remaining: 98, reserved: 0, sold: 2 };
const BACK = { remaining: 100, reserved: 0, sold: 0 };

/** Waits until an attempt is no longer open. @returns it */
async function settled(attempt: ResourceObject): Promise<ResourceObject> {
  await until(async () => (await now(client, attempt))['status'] !== 'pending');
  return client.read(attempt.links.self);
}

/** Pays while the gateway is in trouble, and lets it recover. */
async function payIn(trouble: Trouble) {
  const { option, reservation } = await reserved(client);
  TroubledGateway.trouble = trouble;
  const answer = await pay(client, reservation);
  TroubledGateway.trouble = {};
  return { option, reservation, answer, counters: () => countersOf(app.database, option.id) };
}

function expectUnknown(answer: Answer): void {
  expect(saidBy(answer)).toEqual({ status: 503, code: 'outcome_unknown' });
  expect(errorOf(answer).detail).toContain('payment gateway');
  expect(answer.headers['retry-after']).toBe('1');
}

describe('a charge that the gateway does not answer', () => {
  test('is called off when it was not made, and the reservation can be paid again', async () => {
    const { reservation, answer, counters } = await payIn({ charge: 'before' });
    expect(saidBy(answer)).toEqual({ status: 402, code: 'payment_error' });
    expect(errorOf(answer).detail).toContain('called off');
    expect((await attemptOf(client, answer)).attributes).toMatchObject({
      status: 'failed',
      failure_code: 'voided',
    });
    expect(await counters()).toEqual(HELD);
    expect(await moneyOf(app)).toMatchObject([{ charged: 0, voided: true }]);
    expect((await pay(client, reservation)).status).toBe(201);
  });

  test('is found when it was made', async () => {
    const { answer, counters } = await payIn({ charge: 'after' });
    expect(answer.status).toBe(201);
    expect(answer.document.included).toHaveLength(1);
    expect(await counters()).toEqual(SOLD);
    expect(await moneyOf(app)).toMatchObject([{ charged: 5_000 }]);
  });

  test('is open as long as nobody can be asked, and is called off later', async () => {
    const { answer, counters } = await payIn({ charge: 'before', find: 'fails', void: 'fails' });
    expectUnknown(answer);
    const attempt = await attemptOf(client, answer);
    expect(attempt.attributes).toMatchObject({ status: 'pending', failure_code: null });
    expect((await settled(attempt)).attributes).toMatchObject({ status: 'failed', failure_code: 'voided' });
    expect(await counters()).toEqual(HELD);
  });

  test('is open as long as nobody can be asked, and buys later what was paid', async () => {
    const { reservation, answer, counters } = await payIn({ charge: 'after', find: 'fails', void: 'fails' });
    expectUnknown(answer);
    const made = await settled(await attemptOf(client, answer));
    expect(made.attributes).toMatchObject({ status: 'succeeded' });
    expect(idsIn(made, 'purchases')).toEqual(idsIn(await client.read(reservation.links.self), 'purchases'));
    expect(idsIn(made, 'purchases')).toHaveLength(1);
    expect(await counters()).toEqual(SOLD);
  });
});

describe('a charge whose answer takes longer than the lease', () => {
  test('that was made is settled by whoever looks after it, once', async () => {
    const { answer, counters } = await payIn({ answerMs: 2_500 });
    expectUnknown(answer);
    expect((await settled(await attemptOf(client, answer))).attributes).toMatchObject({
      status: 'succeeded',
    });
    await sleep(1_000); // the late answer changes nothing
    expect(await counters()).toEqual(SOLD);
    expect(await moneyOf(app)).toMatchObject([{ charged: 5_000, refunded: 0 }]);
  });

  test('that was not made yet is called off, and cannot be made any more', async () => {
    const charge = jest.spyOn(app.nest.get(PaymentGateway, { strict: false }), 'charge');
    const { answer, counters } = await payIn({ chargeMs: 3_000 });
    expectUnknown(answer);
    const attempt = await settled(await attemptOf(client, answer));
    expect(attempt.attributes).toMatchObject({ status: 'failed', failure_code: 'voided' });
    await expect(charge.mock.results[0]?.value).rejects.toThrow('called off');
    expect(await counters()).toEqual(HELD);
    expect(await moneyOf(app)).toMatchObject([{ charged: 0, voided: true }]);
  });

  test('that is made although it was called off goes back', async () => {
    const { option, reservation } = await reserved(client);
    TroubledGateway.trouble = { void: 'is forgotten', chargeMs: 3_000 };
    const answer = await pay(client, reservation);
    expectUnknown(answer);
    const attempt = await settled(await attemptOf(client, answer));
    expect(attempt.attributes).toMatchObject({ status: 'failed' });
    await until(async () => (await now(client, attempt))['status'] === 'refunded');
    expect(await now(client, attempt)).toMatchObject({ refunded_cents: 5_000, failure_code: 'voided' });
    expect(await moneyOf(app)).toMatchObject([{ charged: 5_000, refunded: 5_000 }]);
    expect(await countersOf(app.database, option.id)).toEqual(HELD);
    TroubledGateway.trouble = {};
    expect((await pay(client, reservation)).status).toBe(201);
  });
});

test('a process that was stopped for longer than the lease does not begin to charge', async () => {
  const begin = allocation.pay.bind(allocation);
  jest.spyOn(allocation, 'pay').mockImplementation(async (...order) => {
    const made = await begin(...order);
    await sleep(1_100);
    return made;
  });
  const charge = jest.spyOn(app.nest.get(PaymentGateway, { strict: false }), 'charge');
  const { answer, counters } = await payIn({});
  expect(saidBy(answer)).toEqual({ status: 402, code: 'payment_error' });
  expect(charge).not.toHaveBeenCalled();
  expect(await counters()).toEqual(HELD);
});

describe('settling a charge', () => {
  test.each(['overloaded', 'database_unavailable', 'outcome_unknown'] as const)(
    'that is answered %s is tried again with the same ids',
    async (code) => {
      const settle = jest.spyOn(allocation, 'settle');
      settle.mockResolvedValueOnce(refusedFor({ code })).mockResolvedValueOnce(refusedFor({ code }));
      const { answer, counters } = await payIn({});
      expect(answer.status).toBe(201);
      expect(settle).toHaveBeenCalledTimes(3);
      expect(new Set(settle.mock.calls.map(([order]) => JSON.stringify(order))).size).toBe(1);
      expect(await counters()).toEqual(SOLD);
    },
  );

  test('that does not succeed in time is left to the recovery', async () => {
    const settle = jest.spyOn(allocation, 'settle');
    settle.mockResolvedValue(refusedFor({ code: 'database_unavailable' }));
    const { answer, counters } = await payIn({});
    expectUnknown(answer);
    settle.mockRestore();
    expect((await settled(await attemptOf(client, answer))).attributes).toMatchObject({
      status: 'succeeded',
    });
    expect(await counters()).toEqual(SOLD);
  });

  test('that somebody else has done answers what was bought all the same', async () => {
    const settle = allocation.settle.bind(allocation);
    jest.spyOn(allocation, 'settle').mockImplementation(async (order) => {
      await settle(order);
      return settle(order);
    });
    const { reservation, answer } = await payIn({});
    expect(answer.status).toBe(201);
    const ids = idsIn(await client.read(reservation.links.self), 'purchases');
    expect(answer.document.included?.map(({ id }) => id)).toEqual(ids);
    expect(idsIn(dataOf(answer), 'purchases')).toEqual(ids);
  });
});

describe('while a charge is under way', () => {
  /** Begins a payment, does something else, and waits for the end of the payment. */
  async function meanwhile(
    work: (reservation: ResourceObject) => Promise<unknown>,
    attributes: Record<string, unknown> = {},
  ) {
    const { option, reservation } = await reserved(client);
    TroubledGateway.trouble = { chargeMs: 400, ...TroubledGateway.trouble };
    const paid = pay(client, reservation, attributes);
    await until(async () => (await now(client, reservation))['status'] === 'paying');
    await work(reservation);
    return { reservation, answer: await paid, counters: () => countersOf(app.database, option.id) };
  }
  const cancelEvent = async (reservation: ResourceObject): Promise<void> => {
    const event = await client.read(`/events/${idIn(reservation, 'event')}`);
    expect((await client.change(event, { status: 'cancelled' })).status).toBe(200);
  };

  test('the reservation is neither extended nor cancelled nor paid', async () => {
    const said: unknown[] = [];
    const { answer } = await meanwhile(async (reservation) => {
      const until = new Date(Date.now() + 1_800_000).toISOString();
      said.push((await client.change(reservation, { expires_at: until })).status);
      said.push(saidBy(await client.remove(reservation.links.self)));
      said.push(saidBy(await pay(client, reservation)));
    });
    expect(said).toEqual([
      409,
      { status: 409, code: 'reservation_in_payment' },
      { status: 409, code: 'reservation_in_payment', source: AT_RESERVATION },
    ]);
    expect(answer.status).toBe(201);
  });

  test('its time may run out: what began in time counts as in time', async () => {
    const { answer, counters } = await meanwhile(({ id }) => letADayPass(app.database, id));
    expect(answer.status).toBe(201);
    expect(await counters()).toEqual(SOLD);
  });

  test('its time may run out: after a refusal it is expired', async () => {
    const { reservation, answer } = await meanwhile(({ id }) => letADayPass(app.database, id), {
      token: 'card_error',
    });
    expect(saidBy(answer)).toEqual({ status: 402, code: 'card_error' });
    expect(await now(client, reservation)).toMatchObject({ status: 'expired' });
  });

  test('its event may be cancelled: what was charged goes back', async () => {
    const { reservation, answer, counters } = await meanwhile(cancelEvent);
    expect(saidBy(answer)).toEqual({ status: 409, code: 'event_cancelled', source: AT_RESERVATION });
    expect((await attemptOf(client, answer)).attributes).toMatchObject({
      status: 'refunded',
      failure_code: 'event_cancelled',
      refunded_cents: 5_000,
    });
    expect(await now(client, reservation)).toMatchObject({ status: 'cancelled' });
    expect(await counters()).toEqual(BACK);
    expect(await moneyOf(app)).toMatchObject([{ charged: 5_000, refunded: 5_000 }]);
  });

  test('its event may be cancelled: a refusal is told as it is', async () => {
    const { reservation, answer, counters } = await meanwhile(cancelEvent, { token: 'card_error' });
    expect(saidBy(answer)).toEqual({ status: 402, code: 'card_error' });
    expect(await now(client, reservation)).toMatchObject({ status: 'cancelled' });
    expect(await counters()).toEqual(BACK);
  });

  test.each(['before', 'after'] as const)(
    'its event may be cancelled: the money goes back though the gateway fails %s giving it back',
    async (when) => {
      TroubledGateway.trouble = { refund: when };
      const { answer, counters } = await meanwhile(cancelEvent);
      expect(saidBy(answer)).toEqual({ status: 409, code: 'event_cancelled', source: AT_RESERVATION });
      const attempt = await attemptOf(client, answer);
      expect(attempt.attributes).toMatchObject({ status: 'pending', failure_code: 'event_cancelled' });
      TroubledGateway.trouble = {};
      expect((await settled(attempt)).attributes).toMatchObject({
        status: 'refunded',
        refunded_cents: 5_000,
      });
      expect(await counters()).toEqual(BACK);
      expect(await moneyOf(app)).toMatchObject([{ charged: 5_000, refunded: 5_000 }]);
    },
  );
});
