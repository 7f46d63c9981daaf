import { Allocation } from '../../src/allocation/allocation';
import { PaymentSettings } from '../../src/payments/attempt';
import { PaymentGateway } from '../../src/payments/payment-gateway';
import type { TestApp } from '../support/app';
import { Barrier, type Trouble, TroubledGateway } from '../support/gateway';
import { endLeases, startPayingApp } from '../support/paying-app';
import { Client } from '../http/client';
import { attemptOf, expectRightBooks, moneyOf, now, pay, reserved, saidBy } from '../http/payment-steps';
import { countersOf, until } from '../http/reservation-steps';
import { dataOf, errorOf, idIn } from '../http/wire';

/** Two instances on one database. */
let app: TestApp;
let other: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startPayingApp();
  other = await startPayingApp({}, app);
  client = new Client(app);
});
beforeEach(async () => {
  TroubledGateway.trouble = {};
  await app.database.query('TRUNCATE gateway_charges, gateway_refunds');
});
afterEach(async () => {
  jest.restoreAllMocks();
  await expectRightBooks(app);
});
afterAll(async () => {
  await other.stop();
  await app.stop();
});

const gateway = (of: TestApp): PaymentGateway => of.nest.get(PaymentGateway, { strict: false });
const allocation = (of: TestApp): Allocation => of.nest.get(Allocation, { strict: false });

/** What both instances log of one thing. */
function logged(): (sentence: string, key: string, id: string) => number {
  const spies = [app, other].map(({ logger }) => jest.spyOn(logger, 'info').mockReturnValue(undefined));
  return (sentence, key, id) =>
    spies
      .flatMap((spy) => spy.mock.calls as unknown[][])
      .filter(([fields, text]) => text === sentence && (fields as Record<string, unknown>)[key] === id)
      .length;
}

/** @returns the ids of the orders that were served; one that is not is sent again by whoever looks after the payment. */
async function servedBy(settles: readonly jest.SpiedFunction<Allocation['settle']>[]): Promise<string[]> {
  const served: string[] = [];
  for (const { mock } of settles)
    for (const [index, [{ id }]] of mock.calls.entries()) {
      const outcome = (await mock.results[index]?.value) as Awaited<ReturnType<Allocation['settle']>>;
      if (outcome.refused === undefined) served.push(id);
    }
  return served;
}

async function firstRow(text: string, values: unknown[]): Promise<Record<string, unknown>> {
  return (await app.database.query<Record<string, unknown>>(text, values)).rows[0] ?? {};
}

const checkOf = (id: string): Promise<Record<string, unknown>> =>
  firstRow(
    `SELECT extract(epoch FROM check_at - now())::float AS in_s, extract(epoch FROM now() - created_at)::float AS age_s
       FROM payments WHERE id = $1`,
    [id],
  );

describe('payments that were left pending', () => {
  test('by a hundred are settled once each, whichever of two instances does it', async () => {
    const option = await client.option({ price_cents: 100, allocation: 100 });
    const reservations = await Promise.all(Array.from({ length: 100 }, () => client.reserve(option.id, 1)));
    const settles = [app, other].map((each) => jest.spyOn(allocation(each), 'settle'));
    const told = logged();
    TroubledGateway.trouble = { charge: 'after', find: 'fails', void: 'fails' };
    const answers = await Promise.all(reservations.map((reservation) => pay(client, reservation)));
    expect(new Set(answers.map((answer) => saidBy(answer).code))).toEqual(new Set(['outcome_unknown']));
    TroubledGateway.trouble = {};
    await endLeases(app);
    const ids = answers.map((answer) => String(errorOf(answer).meta?.['payment_id']));
    const times = (id: string): number => told('Recovered a payment', 'payment', id);
    await until(() => Promise.resolve(ids.every((id) => times(id) > 0)), 40_000);
    expect(ids.map(times)).toEqual(ids.map(() => 1));
    expect(await countersOf(app.database, option.id)).toMatchObject({ sold: 100 });
    expect((await servedBy(settles)).sort()).toEqual(ids.sort());
  }, 60_000);

  test('are recovered although the gateway never answers for one of them', async () => {
    TroubledGateway.trouble = { charge: 'before', find: 'fails', void: 'fails' };
    const { reservation: first } = await reserved(client);
    const one = await attemptOf(client, await pay(client, first));
    const { reservation: second } = await reserved(client);
    const another = await attemptOf(client, await pay(client, second));
    TroubledGateway.trouble = {};
    const asked: string[] = [];
    for (const each of [app, other]) {
      const find = gateway(each).find.bind(gateway(each));
      jest.spyOn(gateway(each), 'find').mockImplementation((key) => {
        asked.push(key);
        return key === one.id ? new Promise(() => undefined) : find(key);
      });
    }
    await endLeases(app);
    await until(async () => (await now(client, another))['status'] === 'failed');
    await until(() => Promise.resolve(asked.includes(one.id)));
    expect(await now(client, one)).toMatchObject({ status: 'pending' });
    jest.restoreAllMocks();
    await endLeases(app);
    await until(async () => (await now(client, one))['status'] === 'failed');
  });
});

describe('a payment that was called off', () => {
  async function calledOff() {
    const { option, reservation } = await reserved(client);
    TroubledGateway.trouble = { charge: 'before' };
    const answer = await pay(client, reservation);
    TroubledGateway.trouble = {};
    return { option, reservation, attempt: await attemptOf(client, answer) };
  }

  test('is looked at again, and goes back when it was charged all the same', async () => {
    const { option, reservation, attempt } = await calledOff();
    expect((await pay(client, reservation)).status).toBe(201);
    await app.database.query(
      'UPDATE gateway_charges SET voided = false, amount_cents = 5000 WHERE key = $1',
      [attempt.id],
    );
    await endLeases(app);
    await until(async () => (await now(client, attempt))['status'] === 'refunded');
    expect(await now(client, attempt)).toMatchObject({ refunded_cents: 5_000, failure_code: 'voided' });
    expect(await now(client, reservation)).toMatchObject({ status: 'paid' });
    expect(await countersOf(app.database, option.id)).toEqual({ remaining: 98, reserved: 0, sold: 2 });
    expect(await moneyOf(app)).toMatchObject([
      { key: attempt.id, charged: 5_000, refunded: 5_000 },
      { charged: 5_000, refunded: 0 },
    ]);
  });

  test('is looked at less and less often, and after a day no more', async () => {
    const { attempt } = await calledOff();
    const age = async (interval: string): Promise<void> => {
      await app.database.query(
        'UPDATE payments SET created_at = now() - $2::interval, check_at = now() WHERE id = $1',
        [attempt.id, interval],
      );
    };
    await age('2 hours');
    await until(async () => Number((await checkOf(attempt.id))['in_s']) > 7_000);
    await age('24 hours 1 minute');
    await until(async () => (await checkOf(attempt.id))['in_s'] === null);
    expect(await now(client, attempt)).toMatchObject({ status: 'failed' });
  });
});

describe('a refund that the gateway does not confirm', () => {
  let barrier: Barrier;
  beforeEach(() => {
    barrier = new Barrier();
  });
  afterEach(() => {
    barrier.open();
  });

  test.each<[string, Trouble]>([
    ['not made', { refund: 'before' }],
    ['made, and its answer lost', { refund: 'after' }],
    ['late', { beforeRefund: () => barrier.opened }],
  ])('is open for the client, and is made once: %s', async (_, trouble) => {
    const { option, reservation } = await reserved(client);
    const paid = dataOf(await pay(client, reservation));
    const path = `/purchases/${idIn(paid, 'purchases')}`;
    const told = logged();
    const refund = jest.spyOn(gateway(app), 'refund');
    // Clients may ask again much sooner than leases end.
    jest.spyOn(app.nest.get(PaymentSettings, { strict: false }), 'patienceMs', 'get').mockReturnValue(500);
    TroubledGateway.trouble = trouble;
    const answer = await client.remove(path);
    TroubledGateway.trouble = {};
    expect(saidBy(answer)).toEqual({ status: 503, code: 'outcome_unknown' });
    expect(errorOf(answer).meta).toEqual({ purchase_id: idIn(paid, 'purchases') });
    expect(saidBy(await client.remove(path))).toEqual({ status: 409, code: 'purchase_refunded' });
    await endLeases(app);
    await until(async () => (await now(client, paid))['status'] === 'refunded');
    expect((await client.read(path)).attributes).toMatchObject({ status: 'refunded' });
    expect(await countersOf(app.database, option.id)).toEqual({ remaining: 100, reserved: 0, sold: 0 });
    barrier.open();
    await Promise.allSettled(refund.mock.results.map(({ value }) => value as unknown));
    expect(await moneyOf(app)).toMatchObject([{ charged: 5_000, refunded: 5_000 }]);
    const { id } = await firstRow('SELECT id FROM refunds WHERE payment_id = $1', [paid.id]);
    await until(() => Promise.resolve(told('Recovered a refund', 'refund', String(id)) === 1));
  });
});
