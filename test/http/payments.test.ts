import { Client as Database } from 'pg';
import { allRows, startApp, type TestApp } from '../support/app';
import { Instance } from '../support/instance';
import { createTestDatabase } from '../support/database';
import { Client } from './client';
import { attemptOf, expectRightBooks, moneyOf, now, pay, payment, reserved, saidBy } from './payment-steps';
import { countersOf, holdsOf } from './reservation-steps';
import { dataOf, errorOf, idIn, idsIn } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
beforeEach(async () => {
  await app.database.query('TRUNCATE gateway_charges, gateway_refunds');
});
afterEach(() => expectRightBooks(app));
afterAll(() => app.stop());

describe('a payment that succeeds', () => {
  test('makes a purchase, which comes along, of what was reserved', async () => {
    const { option, reservation } = await reserved(client);
    const answer = await pay(client, reservation);
    expect(answer.status).toBe(201);
    const made = dataOf(answer);
    expect(answer.headers.location).toBe(made.links.self);
    expect(made.attributes).toEqual({
      currency: 'EUR',
      status: 'succeeded',
      amount_cents: 5_000,
      refunded_cents: 0,
      failure_code: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    });
    expect(idIn(made, 'reservation')).toBe(reservation.id);
    const [purchase, ...more] = answer.document.included ?? [];
    expect(more).toEqual([]);
    expect(purchase).toMatchObject({
      type: 'purchases',
      id: idIn(made, 'purchases'),
      attributes: { quantity: 2, total_cents: 5_000, status: 'completed' },
    });
    expect(purchase && idIn(purchase, 'ticket_option')).toBe(option.id);
    expect(purchase && idIn(purchase, 'user')).toBe(idIn(reservation, 'user'));
    expect(purchase && idIn(purchase, 'payment')).toBe(made.id);
    expect(await client.read(`/purchases/${String(purchase?.id)}`)).toEqual(purchase);
    expect(await now(client, reservation)).toMatchObject({ status: 'paid' });
    expect(await holdsOf(app.database, reservation.id)).toBe(0);
    expect(await countersOf(app.database, option.id)).toEqual({ remaining: 98, reserved: 0, sold: 2 });
    expect(await moneyOf(app)).toEqual([{ key: made.id, charged: 5_000, refunded: 0, voided: false }]);
  });

  test('can be read afterwards, with what belongs to it', async () => {
    const { reservation } = await reserved(client);
    const answer = await pay(client, reservation);
    const made = dataOf(answer);
    expect(await client.read(made.links.self)).toEqual(made);
    const whole = await client.get(`${made.links.self}?include=purchases,reservation`);
    expect(dataOf(whole)).toEqual(made);
    expect(whole.document.included?.map(({ type, id }) => [type, id])).toEqual([
      ['reservations', reservation.id],
      ['purchases', idIn(made, 'purchases')],
    ]);
    const sparse = await client.get(`${made.links.self}?include=purchases&fields%5Bpurchases%5D=status`);
    expect(sparse.document.included?.map(({ attributes }) => attributes)).toEqual([{ status: 'completed' }]);
  });

  test('of several kinds makes a purchase of each, in their order', async () => {
    const { id: event } = await client.event();
    const prices = [1_000, 0, 2_500];
    const options = await Promise.all(
      prices.map((cents) => client.option({ price_cents: cents, allocation: 10 }, event)),
    );
    const reservation = await client.reserveSeveral(options.map(({ id }, index) => [id, index + 1] as const));
    const answer = await pay(client, reservation);
    expect(dataOf(answer).attributes).toMatchObject({ status: 'succeeded', amount_cents: 8_500 });
    const included = answer.document.included ?? [];
    expect(included.map(({ id }) => id)).toEqual(idsIn(dataOf(answer), 'purchases'));
    expect(included.map((purchase) => idIn(purchase, 'ticket_option'))).toEqual(options.map(({ id }) => id));
    expect(included.map(({ attributes }) => attributes?.['total_cents'])).toEqual([1_000, 0, 7_500]);
    expect(await client.read(dataOf(answer).links.self)).toEqual(dataOf(answer));
  });

  test('of a total of 0 needs no token, and charges nothing', async () => {
    const { reservation } = await reserved(client, { price_cents: 0 });
    const { type, relationships } = payment(reservation.id).data;
    const answer = await client.post('/payments', { data: { type, relationships } });
    expect(answer.status).toBe(201);
    expect(dataOf(answer).attributes).toMatchObject({ status: 'succeeded', amount_cents: 0 });
    expect(answer.document.included).toHaveLength(1);
    expect(await moneyOf(app)).toEqual([]);
  });

  test('charges what the tickets cost when they were reserved', async () => {
    const { option, reservation } = await reserved(client, { price_cents: 100_000_000 });
    await client.change(option, { price_cents: 1 });
    expect(dataOf(await pay(client, reservation)).attributes).toMatchObject({ amount_cents: 200_000_000 });
  });
});

describe('what the payment gateway refuses', () => {
  test.each([
    [{ token: 'card_error' }, 402, 'card_error', 'Your card has been declined', undefined],
    [
      { token: 'payment_error' },
      402,
      'payment_error',
      'Something went wrong with your transaction',
      undefined,
    ],
    [{ currency: 'GBP' }, 400, 'currency_error', 'Currency GBP not supported', '/data/attributes/currency'],
    [{ currency: 'eur' }, 400, 'currency_error', 'Currency eur not supported', '/data/attributes/currency'],
    [{ token: 'card_error', currency: 'GBP' }, 402, 'card_error', 'Your card has been declined', undefined],
  ])(
    'with %j is told in its words, and the reservation can be paid again',
    async (attributes, status, code, detail, pointer) => {
      const { option, reservation } = await reserved(client);
      const answer = await pay(client, reservation, attributes);
      expect(answer.status).toBe(status);
      expect(errorOf(answer)).toMatchObject({ code, detail });
      expect(errorOf(answer).source?.pointer).toBe(pointer);
      const failed = await attemptOf(client, answer);
      expect(failed.attributes).toMatchObject({
        status: 'failed',
        failure_code: code,
        amount_cents: 5_000,
        currency: 'EUR',
      });
      expect(idsIn(failed, 'purchases')).toEqual([]);
      expect(await now(client, reservation)).toEqual(reservation.attributes);
      expect(await countersOf(app.database, option.id)).toEqual({ remaining: 98, reserved: 2, sold: 0 });
      expect(await moneyOf(app)).toEqual([]);

      const again = await pay(client, reservation);
      expect(again.status).toBe(201);
      expect(dataOf(again).id).not.toBe(failed.id);
      expect(await client.read(failed.links.self)).toEqual(failed);
      expect(idIn(await client.read(reservation.links.self), 'payment')).toBe(dataOf(again).id);
    },
  );

  test('a total of 0 in another currency is refused too, before anything is written', async () => {
    const { reservation } = await reserved(client, { price_cents: 0 });
    const before = await allRows(app.database);
    const answer = await pay(client, reservation, { currency: 'GBP' });
    expect(saidBy(answer)).toEqual({
      status: 400,
      code: 'currency_error',
      source: { pointer: '/data/attributes/currency' },
    });
    expect(errorOf(answer).detail).toBe('Currency GBP not supported');
    expect(await allRows(app.database)).toBe(before);
  });
});

test('tokens are neither kept nor logged, whatever becomes of the charge', async () => {
  const database = await createTestDatabase();
  const instance = await Instance.start({
    DATABASE_URL: database.url,
    LOG_LEVEL: 'trace',
    ACCESS_LOG: 'true',
  });
  const other = new Client({ port: Number(new URL(instance.url).port) });
  const secret = 'tok_do_not_tell_4711';
  for (const attributes of [
    { token: secret },
    { token: secret, currency: 'GBP' },
    { token: secret, currency: 3 },
  ]) {
    const { reservation } = await reserved(other);
    const { text } = await pay(other, reservation, attributes);
    expect(text).not.toContain(secret);
  }
  await instance.end();
  expect(instance.log.length).toBeGreaterThan(5);
  expect(JSON.stringify(instance.log)).not.toContain(secret);
  const tables = new Database({ connectionString: database.url });
  await tables.connect();
  const rows = await allRows(tables);
  await tables.end();
  expect(rows).toContain('payments: 2');
  expect(rows).not.toContain(secret);
  await database.drop();
});
