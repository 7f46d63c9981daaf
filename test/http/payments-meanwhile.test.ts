import { type TestApp } from '../support/app';
import { TroubledGateway } from '../support/gateway';
import type { ResourceObject } from '../support/json-api-document';
import { endLeases, startPayingApp } from '../support/paying-app';
import { Client } from './client';
import { attemptOf, expectRightBooks, moneyOf, now, pay, reserved, saidBy } from './payment-steps';
import { countersOf, letADayPass, until } from './reservation-steps';
import { idIn } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startPayingApp();
  client = new Client(app);
});
beforeEach(async () => {
  TroubledGateway.trouble = {};
  await app.database.query('TRUNCATE gateway_charges, gateway_refunds');
});
afterEach(() => expectRightBooks(app));
afterAll(() => app.stop());

const AT_RESERVATION = { pointer: '/data/relationships/reservation/data/id' };
const SOLD = { remaining: 98, reserved: 0, sold: 2 };
const BACK = { remaining: 100, reserved: 0, sold: 0 };

describe('while a charge is under way', () => {
  /** Begins a payment, does something else before the charge arrives, and waits for the end of the payment. */
  async function meanwhile(
    work: (reservation: ResourceObject) => Promise<unknown>,
    attributes: Record<string, unknown> = {},
  ) {
    const { option, reservation } = await reserved(client);
    let worked: Promise<unknown> | undefined;
    const beforeCharge = () => (worked = work(reservation));
    TroubledGateway.trouble = { ...TroubledGateway.trouble, beforeCharge };
    const answer = await pay(client, reservation, attributes);
    await worked;
    return { reservation, answer, counters: () => countersOf(app.database, option.id) };
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
      await endLeases(app);
      await until(async () => (await now(client, attempt))['status'] === 'refunded');
      expect(await now(client, attempt)).toMatchObject({ refunded_cents: 5_000 });
      expect(await counters()).toEqual(BACK);
      expect(await moneyOf(app)).toMatchObject([{ charged: 5_000, refunded: 5_000 }]);
    },
  );
});
