import { setTimeout as sleep } from 'node:timers/promises';
import { Allocation } from '../../src/allocation/allocation';
import { refusedFor } from '../../src/allocation/orders';
import { PaymentGateway } from '../../src/payments/payment-gateway';
import type { TestApp } from '../support/app';
import { Barrier, type Trouble, TroubledGateway } from '../support/gateway';
import type { ResourceObject } from '../support/json-api-document';
import { endLeases, startPayingApp } from '../support/paying-app';
import { undisturbed } from '../support/undisturbed';
import { Client } from './client';
import { attemptOf, expectRightBooks, moneyOf, now, pay, reserved, saidBy } from './payment-steps';
import { countersOf, until } from './reservation-steps';
import { type Answer, dataOf, errorOf, idsIn } from './wire';

let app: TestApp;
let client: Client;
let allocation: Allocation;

/** Where all the following is played; the gateway has nothing in its books when a test begins. */
function played(env: Readonly<Record<string, string>> = {}): void {
  beforeAll(async () => {
    app = await startPayingApp(env);
    client = new Client(app);
    allocation = app.nest.get(Allocation, { strict: false });
  });
  beforeEach(begin);
  afterEach(async () => {
    jest.restoreAllMocks();
    await expectRightBooks(app);
  });
  afterAll(() => app.stop());
}

async function begin(): Promise<void> {
  jest.restoreAllMocks();
  TroubledGateway.trouble = {};
  await app.database.query('TRUNCATE gateway_charges, gateway_refunds');
}

const HELD = { remaining: 98, reserved: 2, sold: 0 };
const SOLD = { remaining: 98, reserved: 0, sold: 2 };

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

describe('when leases are long', () => {
  played();

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
      await endLeases(app);
      expect((await settled(attempt)).attributes).toMatchObject({ status: 'failed', failure_code: 'voided' });
      expect(await counters()).toEqual(HELD);
    });

    test('is open as long as nobody can be asked, and buys later what was paid', async () => {
      const { reservation, answer, counters } = await payIn({
        charge: 'after',
        find: 'fails',
        void: 'fails',
      });
      expectUnknown(answer);
      await endLeases(app);
      const made = await settled(await attemptOf(client, answer));
      expect(made.attributes).toMatchObject({ status: 'succeeded' });
      expect(idsIn(made, 'purchases')).toEqual(idsIn(await client.read(reservation.links.self), 'purchases'));
      expect(idsIn(made, 'purchases')).toHaveLength(1);
      expect(await counters()).toEqual(SOLD);
    });
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
      await endLeases(app);
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
});

const LEASE_SECONDS = 3;

describe('when leases are short', () => {
  played({ PAYMENT_LEASE_SECONDS: String(LEASE_SECONDS) });

  /** Plays a scene whose charge has to begin within the lease. */
  async function inTime(scene: () => Promise<void>): Promise<void> {
    await undisturbed(300, async () => {
      await begin();
      await scene();
    });
  }

  /** Plays a scene with a charge that is held up until the scene lets it go on. */
  async function heldUp(scene: (barrier: Barrier) => Promise<void>): Promise<void> {
    await inTime(async () => {
      const barrier = new Barrier();
      try {
        await scene(barrier);
      } finally {
        barrier.open();
      }
    });
  }

  describe('a charge whose answer takes longer than the lease', () => {
    test('that was made is settled by whoever looks after it, once', async () => {
      await heldUp(async ({ opened, open }) => {
        const settle = jest.spyOn(allocation, 'settle');
        const { answer, counters } = await payIn({ beforeAnswer: () => opened });
        expectUnknown(answer);
        expect((await settled(await attemptOf(client, answer))).attributes).toMatchObject({
          status: 'succeeded',
        });
        open();
        await until(() => Promise.resolve(settle.mock.results.length === 2));
        await Promise.all(settle.mock.results.map(({ value }) => value as unknown));
        expect(await counters()).toEqual(SOLD);
        expect(await moneyOf(app)).toMatchObject([{ charged: 5_000, refunded: 0 }]);
      });
    });

    test('that was not made yet is called off, and cannot be made any more', async () => {
      await heldUp(async ({ opened, open }) => {
        const charge = jest.spyOn(app.nest.get(PaymentGateway, { strict: false }), 'charge');
        const { answer, counters } = await payIn({ beforeCharge: () => opened });
        expectUnknown(answer);
        const attempt = await settled(await attemptOf(client, answer));
        expect(attempt.attributes).toMatchObject({ status: 'failed', failure_code: 'voided' });
        open();
        await expect(charge.mock.results[0]?.value).rejects.toThrow('called off');
        expect(await counters()).toEqual(HELD);
        expect(await moneyOf(app)).toMatchObject([{ charged: 0, voided: true }]);
      });
    });

    test('that is made although it was called off goes back', async () => {
      await heldUp(async ({ opened, open }) => {
        const { option, reservation } = await reserved(client);
        TroubledGateway.trouble = { void: 'is forgotten', beforeCharge: () => opened };
        const answer = await pay(client, reservation);
        expectUnknown(answer);
        const attempt = await settled(await attemptOf(client, answer));
        expect(attempt.attributes).toMatchObject({ status: 'failed' });
        open();
        await until(async () => (await now(client, attempt))['status'] === 'refunded');
        expect(await now(client, attempt)).toMatchObject({ refunded_cents: 5_000, failure_code: 'voided' });
        expect(await moneyOf(app)).toMatchObject([{ charged: 5_000, refunded: 5_000 }]);
        expect(await countersOf(app.database, option.id)).toEqual(HELD);
        TroubledGateway.trouble = {};
        expect((await pay(client, reservation)).status).toBe(201);
      });
    });
  });

  test('a process that was stopped for longer than the lease does not begin to charge', async () => {
    await inTime(async () => {
      const begun = allocation.pay.bind(allocation);
      jest.spyOn(allocation, 'pay').mockImplementation(async (...order) => {
        const made = await begun(...order);
        await sleep(LEASE_SECONDS * 1_000 + 100);
        return made;
      });
      const charge = jest.spyOn(app.nest.get(PaymentGateway, { strict: false }), 'charge');
      const { answer, counters } = await payIn({});
      expect(saidBy(answer)).toEqual({ status: 402, code: 'payment_error' });
      expect(charge).not.toHaveBeenCalled();
      expect(await counters()).toEqual(HELD);
    });
  });
});
