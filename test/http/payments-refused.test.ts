import { randomUUID } from 'node:crypto';
import { allRows, startApp, type TestApp } from '../support/app';
import { Client } from './client';
import { expectRightBooks, moneyOf, now, pay, payment, reserved, saidBy } from './payment-steps';
import { countersOf, letADayPass } from './reservation-steps';
import { type Answer, ask, dataOf, errorOf, errorsOf, idIn, json } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '0' } });
  client = new Client(app);
});
afterEach(() => expectRightBooks(app));
afterAll(() => app.stop());

/** The id of nothing. */
const NOTHING = '33333333-3333-4333-8333-333333333333';
const AT_RESERVATION = { pointer: '/data/relationships/reservation/data/id' };

/** Expects a refusal that leaves every table as it was. */
async function expectUnchanged(send: () => Promise<Answer>): Promise<Answer> {
  const before = await allRows(app.database);
  const answer = await send();
  expect(await allRows(app.database)).toBe(before);
  return answer;
}

describe('nothing is begun, and nothing is charged', () => {
  test.each([
    ['that does not exist', randomUUID()],
    ['whose id is no UUID', 'abc'],
    ['whose id is one with more behind it', `${randomUUID()}x`],
  ])('for a reservation %s', async (_, id) => {
    const answer = await expectUnchanged(() => client.post('/payments', payment(id)));
    expect(saidBy(answer)).toEqual({ status: 404, code: 'not_found', source: AT_RESERVATION });
    expect(errorOf(answer).detail).toBe('There is no such reservation.');
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['expired', (id) => letADayPass(app.database, id)],
    ['cancelled', (id) => client.remove(`/reservations/${id}`)],
    ['paid', (id) => client.post('/payments', payment(id))],
  ])('for a reservation that is %s', async (status, become) => {
    const { reservation } = await reserved(client);
    await become(reservation.id);
    const answer = await expectUnchanged(() => pay(client, reservation));
    expect(saidBy(answer)).toEqual({ status: 409, code: `reservation_${status}`, source: AT_RESERVATION });
  });

  test('when the event has been cancelled', async () => {
    const { reservation } = await reserved(client);
    const event = await client.read(`/events/${idIn(reservation, 'event')}`);
    await client.change(event, { status: 'cancelled' });
    const answer = await expectUnchanged(() => pay(client, reservation));
    expect(saidBy(answer)).toEqual({ status: 409, code: 'event_cancelled', source: AT_RESERVATION });
  });

  test('for a reservation that runs out before it is paid, though it was paid for in vain before', async () => {
    const { reservation } = await reserved(client);
    await pay(client, reservation, { token: 'card_error' });
    await letADayPass(app.database, reservation.id);
    expect(errorOf(await pay(client, reservation)).code).toBe('reservation_expired');
    expect(await now(client, reservation)).toMatchObject({ status: 'expired' });
  });
});

describe('bad input', () => {
  const RELATIONSHIP = '/data/relationships/reservation';
  const text = (length: number): string => 't'.repeat(length);

  test.each<[string, Record<string, unknown>, readonly [code: string, pointer: string][]]>([
    ['an empty token', { token: '' }, [['invalid_attribute', '/data/attributes/token']]],
    ['a blank token', { token: ' \n ' }, [['invalid_attribute', '/data/attributes/token']]],
    ['null as token', { token: null }, [['invalid_attribute', '/data/attributes/token']]],
    ['a number as token', { token: 3 }, [['invalid_attribute', '/data/attributes/token']]],
    ['an object as token', { token: {} }, [['invalid_attribute', '/data/attributes/token']]],
    ['a token of 501 characters', { token: text(501) }, [['invalid_attribute', '/data/attributes/token']]],
    ['U+0000 in the token', { token: 'a\0b' }, [['invalid_attribute', '/data/attributes/token']]],
    ['half a character in the token', { token: '\ud800' }, [['invalid_attribute', '/data/attributes/token']]],
    ['an empty currency', { currency: '' }, [['invalid_attribute', '/data/attributes/currency']]],
    ['null as currency', { currency: null }, [['invalid_attribute', '/data/attributes/currency']]],
    ['a number as currency', { currency: 3 }, [['invalid_attribute', '/data/attributes/currency']]],
    ['a long currency', { currency: text(21) }, [['invalid_attribute', '/data/attributes/currency']]],
    [
      'both wrong',
      { token: 1, currency: 2 },
      [
        ['invalid_attribute', '/data/attributes/token'],
        ['invalid_attribute', '/data/attributes/currency'],
      ],
    ],
    ['an amount', { amount_cents: 1 }, [['read_only', '/data/attributes/amount_cents']]],
    ['a status', { status: 'succeeded' }, [['read_only', '/data/attributes/status']]],
    [
      'an attribute that payments have not',
      { tokens: 'a' },
      [['invalid_attribute', '/data/attributes/tokens']],
    ],
  ])('%s', async (_, attributes, expected) => {
    const { reservation } = await reserved(client);
    const answer = await expectUnchanged(() => pay(client, reservation, attributes));
    expect(errorsOf(answer).map(({ code, source }) => [code, source?.pointer])).toEqual(expected);
    expect(answer.text).not.toContain('ttttt');
  });

  test.each<[string, unknown, number, string, string]>([
    ['no relationships', undefined, 400, 'invalid_relationship', '/data'],
    ['no reservation', {}, 400, 'invalid_relationship', '/data/relationships'],
    ['null', { reservation: { data: null } }, 400, 'invalid_relationship', `${RELATIONSHIP}/data`],
    ['a list', { reservation: { data: [] } }, 400, 'invalid_relationship', `${RELATIONSHIP}/data`],
    [
      'a reservation of another type',
      { reservation: { data: { type: 'events', id: randomUUID() } } },
      400,
      'invalid_relationship',
      `${RELATIONSHIP}/data/type`,
    ],
    [
      'purchases',
      { purchases: { data: [] }, reservation: { data: { type: 'reservations', id: randomUUID() } } },
      403,
      'read_only',
      '/data/relationships/purchases',
    ],
  ])('%s where the reservation should be', async (_, relationships, status, code, pointer) => {
    const data = { type: 'payments', attributes: { token: 'tok' }, relationships };
    const answer = await expectUnchanged(() => client.post('/payments', { data }));
    expect(saidBy(answer)).toEqual({ status, code, source: { pointer } });
  });

  test.each([
    ['no attributes', {}, '/data'],
    ['empty attributes', { attributes: {} }, '/data'],
    ['a currency alone', { attributes: { currency: 'EUR' } }, '/data/attributes'],
  ])('no token, in %s, where something has to be paid', async (_, more, pointer) => {
    const { reservation } = await reserved(client);
    const { data } = payment(reservation.id);
    const document = { data: { type: data.type, relationships: data.relationships, ...more } };
    const answer = await expectUnchanged(() => client.post('/payments', document));
    expect(saidBy(answer)).toEqual({ status: 400, code: 'invalid_attribute', source: { pointer } });
  });

  test.each([
    ['of one character', 'a'],
    ['with spaces around', ' a '],
    ['of 500 characters', text(500)],
    ['of 500 characters outside the BMP', '💶'.repeat(500)],
    ['with quotes and line separators', '"\\\u2028'],
    ['in other letters than one that is refused', 'CARD_ERROR'],
  ])('a token %s is taken', async (_, token) => {
    const { reservation } = await reserved(client);
    expect((await pay(client, reservation, { token, currency: 'EUR' })).status).toBe(201);
  });

  test.each([
    ['GET', '/payments', 405],
    ['PATCH', `/payments/${NOTHING}`, 405],
    ['GET', '/payments/abc', 404],
    ['GET', `/payments/${NOTHING}`, 404],
    ['GET', `/payments/${NOTHING}?include=user`, 400],
    ['POST', '/payments?include=purchases', 400],
  ])('%s %s is %i', async (method, path, status) => {
    const { reservation } = await reserved(client);
    const body = method === 'GET' ? {} : { body: json(payment(reservation.id)) };
    expect((await ask(app, { method, path, ...body })).status).toBe(status);
  });
});

describe('several at the same instant', () => {
  test.each([2, 20])('of %i payments of one reservation one is charged', async (count) => {
    const { option, reservation } = await reserved(client);
    const before = (await moneyOf(app)).length;
    const answers = await Promise.all(Array.from({ length: count }, () => pay(client, reservation)));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      const { status, code, source } = saidBy(answer);
      expect({ status, source }).toEqual({ status: 409, source: AT_RESERVATION });
      expect(['reservation_in_payment', 'reservation_paid']).toContain(code);
    }
    expect((await moneyOf(app)).length - before).toBe(1);
    expect(await countersOf(app.database, option.id)).toEqual({ remaining: 98, reserved: 0, sold: 2 });
  });

  test('payments of a hundred reservations of one option are all made', async () => {
    const option = await client.option({ price_cents: 100, allocation: 100 });
    const reservations = await Promise.all(Array.from({ length: 100 }, () => client.reserve(option.id, 1)));
    const answers = await Promise.all(reservations.map((reservation) => pay(client, reservation)));
    expect(new Set(answers.map((answer) => dataOf(answer).id)).size).toBe(100);
    expect(await countersOf(app.database, option.id)).toEqual({ remaining: 0, reserved: 0, sold: 100 });
  });

  test('either the payment or the cancellation has its way', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { option, reservation } = await reserved(client);
      const sends = [() => pay(client, reservation), () => client.remove(reservation.links.self)];
      if (round % 2 === 1) sends.reverse();
      const answers = await Promise.all(sends.map((send) => send()));
      const isPaid = (await now(client, reservation))['status'] === 'paid';
      expect(answers.map(({ status }) => status).sort()).toEqual(isPaid ? [201, 409] : [204, 409]);
      expect(await countersOf(app.database, option.id)).toEqual(
        isPaid ? { remaining: 98, reserved: 0, sold: 2 } : { remaining: 100, reserved: 0, sold: 0 },
      );
    }
  });
});
