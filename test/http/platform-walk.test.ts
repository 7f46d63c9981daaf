import { randomUUID } from 'node:crypto';
import { DatabaseService } from '../../src/database/database.service';
import { listen, startApp, type TestApp } from '../support/app';
import { reservation, reservationOfSeveral, ticketOption } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { until } from './reservation-steps';
import { dataOf, errorOf, errorsOf, idsIn } from './wire';

/* A shop, from its events to its figures, over HTTP alone. Each step goes on where the one before has ended. */

const PRICES = { regular: 2_500, premium: 5_000, VIP: 12_000, vip: 3_000 };
const MINUTES_MS = 60_000;

let app: TestApp;
let shop: Client;
/** Another instance on the same database. What is reserved there lasts for a second. */
let hasty: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  app = await startApp();
  shop = new Client(app);
  hasty = await listen(app.databaseUrl, { HOLD_SECONDS: '1' });
  await hasty.nest.get(DatabaseService).start();
});
afterAll(async () => {
  await hasty.nest.close();
  await app.stop();
});

let concert: Announced;
let reading: Announced;
let ann: ResourceObject;
let ben: ResourceObject;
let cleo: ResourceObject;
let dora: ResourceObject;

/** An event and the ids of its ticket options, by their kinds. */
interface Announced {
  readonly id: string;
  readonly options: Readonly<Record<string, string>>;
}

async function announce(name: string, allocations: Partial<Record<keyof typeof PRICES, number>>) {
  const { id } = await shop.event({ name, starts_at: '2027-06-01T20:00:00+02:00' });
  const options: Record<string, string> = {};
  for (const [kind, allocation] of Object.entries(allocations)) {
    const price = PRICES[kind as keyof typeof PRICES];
    options[kind] = (
      await shop.option({ name: `${kind} seats`, kind, price_cents: price, allocation }, id)
    ).id;
  }
  return { id, options };
}

/** Expects what is for sale of an event: how many tickets of each kind. */
async function expectForSale({ id }: Announced, remaining: Record<string, number>): Promise<void> {
  const options = await shop.list(`/events/${id}/ticket_options?filter[on_sale]=true`);
  const shown = options.map(({ attributes }) => [attributes?.['kind'], attributes?.['remaining']] as const);
  expect(Object.fromEntries(shown)).toEqual(remaining);
}

/** Reserves a quantity of each kind for somebody. */
async function reserve(
  { options }: Announced,
  wishes: Partial<Record<keyof typeof PRICES, number>>,
  user = randomUUID(),
): Promise<ResourceObject> {
  const ticketOptions = Object.entries(wishes).map(([kind, n]) => [options[kind] ?? '', n] as const);
  return dataOf(await shop.post('/reservations', reservationOfSeveral({ ticketOptions, user })));
}

/** Sends a payment of a reservation. */
function pay({ id }: ResourceObject, token: string) {
  const relationships = { reservation: { data: { type: 'reservations', id } } };
  return shop.post('/payments', { data: { type: 'payments', attributes: { token }, relationships } });
}

/** Expects where a reservation stands, by itself and among those of its user. */
async function expectState(
  made: ResourceObject,
  status: string,
  totalCents: number,
): Promise<ResourceObject> {
  const shown = await shop.read(`/reservations/${made.id}`);
  expect(shown.attributes).toMatchObject({ status, total_cents: totalCents, currency: 'EUR' });
  const user = idsIn(made, 'user').join();
  expect(await shop.ids(`/reservations?filter[user]=${user}&filter[status]=${status}`)).toEqual([made.id]);
  return shown;
}

/** Expects the figures of a kind, in whatever case it is written. */
async function expectKind(kind: string, figures: Record<string, number>): Promise<void> {
  for (const spelling of [kind, kind.toLowerCase(), kind.toUpperCase()])
    expect((await shop.read(`/statistics/kinds/${spelling}`)).attributes).toMatchObject(figures);
}

test('1. get info about an event: its name, date and time, and kinds of ticket', async () => {
  concert = await announce('Night of strings', { regular: 100, premium: 40, VIP: 10 });
  reading = await announce('Reading', { vip: 5 });
  const answer = await shop.get(`/events/${concert.id}?include=ticket_options`);
  expect(dataOf(answer).attributes).toMatchObject({
    name: 'Night of strings',
    starts_at: '2027-06-01T18:00:00.000Z',
    status: 'scheduled',
  });
  const kinds = answer.document.included?.map(({ attributes }) => [
    attributes?.['kind'],
    attributes?.['price_cents'],
    attributes?.['allocation'],
  ]);
  expect(kinds).toEqual([
    ['regular', 2_500, 100],
    ['premium', 5_000, 40],
    ['VIP', 12_000, 10],
  ]);
});

test('2. get available tickets: which are for sale, and how many', async () => {
  const notYet = {
    name: 'Standing',
    kind: 'standing',
    allocation: 20,
    sales_start_at: '2126-01-01T00:00:00Z',
  };
  await shop.post('/ticket_options', ticketOption(notYet, concert.id));
  await expectForSale(concert, { regular: 100, premium: 40, VIP: 10 });
  expect(await shop.list(`/events/${concert.id}/ticket_options`)).toHaveLength(4);
  await expectForSale(reading, { vip: 5 });
});

test('3. reserve tickets: for 15 minutes, all that are asked for or none', async () => {
  ann = await reserve(concert, { VIP: 2, regular: 3 });
  ben = await reserve(concert, { premium: 4 });
  cleo = await reserve(concert, { regular: 1 });
  const { created_at: from, expires_at: end } = ann.attributes ?? {};
  expect(Date.parse(String(end)) - Date.parse(String(from))).toBe(15 * MINUTES_MS);

  const tooMany = reservation({ ticketOption: concert.options['VIP'] ?? '', quantity: 9 });
  const refused = await shop.post('/reservations', tooMany);
  expect(refused.status).toBe(409);
  expect(errorsOf(refused)).toMatchObject([{ code: 'insufficient_tickets', meta: { remaining: 8 } }]);
  await expectForSale(concert, { regular: 96, premium: 36, VIP: 8 });
});

test('4. pay: a declined card changes nothing, a good one makes purchases', async () => {
  for (const [token, sentence] of [
    ['card_error', 'Your card has been declined'],
    ['payment_error', 'Something went wrong with your transaction'],
  ] as const) {
    const declined = await pay(ann, token);
    expect(declined.status).toBe(402);
    expect(errorOf(declined)).toMatchObject({ code: token, detail: sentence });
    const attempt = await shop.read(`/payments/${String(errorOf(declined).meta?.['payment_id'])}`);
    expect(attempt.attributes).toMatchObject({ status: 'failed', failure_code: token, amount_cents: 31_500 });
    await expectState(ann, 'active', 31_500);
  }
  const paid = await pay(ann, 'tok_visa');
  expect(paid.status).toBe(201);
  expect(dataOf(paid).attributes).toMatchObject({
    status: 'succeeded',
    amount_cents: 31_500,
    currency: 'EUR',
  });
  expect(paid.document.included?.map(({ attributes }) => attributes)).toMatchObject([
    { quantity: 2, total_cents: 24_000, status: 'completed' },
    { quantity: 3, total_cents: 7_500, status: 'completed' },
  ]);
  expect(errorOf(await pay(ann, 'tok_visa'))).toMatchObject({ status: '409', code: 'reservation_paid' });
  await expectForSale(concert, { regular: 96, premium: 36, VIP: 8 });
});

test('5. get info about a reservation: active, paid, cancelled and expired', async () => {
  expect(idsIn(await expectState(ben, 'active', 20_000), 'purchases')).toEqual([]);
  const paid = await expectState(ann, 'paid', 31_500);
  const [vip = '', ...others] = idsIn(paid, 'purchases');
  expect(others).toHaveLength(1);
  expect(
    (await shop.list(`/purchases/${vip}/tickets`)).map(({ attributes }) => attributes?.['number']),
  ).toEqual([1, 2]);

  expect((await shop.remove(cleo.links.self)).status).toBe(204);
  await expectState(cleo, 'cancelled', 2_500);
  await expectForSale(concert, { regular: 97, premium: 36, VIP: 8 });

  dora = await new Client(hasty).reserve(reading.options['vip'] ?? '', 5);
  const isOver = async () => (await shop.read(dora.links.self)).attributes?.['status'] === 'expired';
  await until(isOver);
  await expectState(dora, 'expired', 15_000);
  await expectForSale(reading, { vip: 5 });
  expect(errorOf(await pay(dora, 'tok_visa'))).toMatchObject({ status: '409', code: 'reservation_expired' });
});

describe('6. get statistics', () => {
  const OF_CONCERT = {
    ...{
      allocation: 170,
      remaining: 161,
      reserved: 4,
      sold: 5,
      revenue_cents: 31_500,
      sell_through: 5 / 170,
    },
    ...{ reservations_created: 3, reservations_paid: 1, reservations_cancelled: 1, reservations_expired: 0 },
    conversion: 1 / 3,
  };
  const OF_READING = {
    ...{ allocation: 5, remaining: 4, reserved: 1, sold: 0, revenue_cents: 0, sell_through: 0 },
    ...{ reservations_created: 2, reservations_paid: 0, reservations_cancelled: 0, reservations_expired: 1 },
    conversion: 0,
  };
  beforeAll(() => reserve(reading, { vip: 1 }));

  test('what is reserved and sold of each event, and which is sold most', async () => {
    const ranked = await shop.list('/statistics/events?sort=-sell_through');
    expect(ranked.map(({ id, attributes }) => [id, attributes])).toEqual([
      [concert.id, OF_CONCERT],
      [reading.id, OF_READING],
    ]);
    expect((await shop.read(`/statistics/events/${reading.id}`)).attributes).toEqual(OF_READING);
  });

  test('what is reserved and sold of each kind, over all events and in whatever case', async () => {
    const none = { reserved: 0, sold: 0, revenue_cents: 0 };
    await expectKind('VIP', { allocation: 15, remaining: 12, reserved: 1, sold: 2, revenue_cents: 24_000 });
    await expectKind('premium', { ...none, allocation: 40, remaining: 36, reserved: 4 });
    await expectKind('regular', {
      allocation: 100,
      remaining: 97,
      reserved: 0,
      sold: 3,
      revenue_cents: 7_500,
    });
    await expectKind('standing', { ...none, allocation: 20, remaining: 20 });
    const kinds = await shop.list(`/statistics/kinds?filter[event]=${reading.id}`);
    expect(kinds.map(({ attributes }) => attributes)).toEqual([
      { ...none, kind: 'vip', allocation: 5, remaining: 4, reserved: 1 },
    ]);
  });

  test('all of it together, and when it was sold', async () => {
    expect((await shop.read('/statistics/totals')).attributes).toEqual({
      ...{ events: 2, allocation: 175, remaining: 165, reserved: 5, sold: 5, revenue_cents: 31_500 },
      ...{
        reservations_created: 5,
        reservations_paid: 1,
        reservations_cancelled: 1,
        reservations_expired: 1,
      },
      ...{ sell_through: 5 / 175, conversion: 1 / 5 },
    });
    const { document } = await shop.get('/statistics/sales?filter[interval]=minute');
    expect(document.meta?.['busiest']).toMatchObject({ sold: 5, revenue_cents: 31_500 });
  });

  test('what is given back is for sale again, and nobody has paid for it', async () => {
    const [vip = ''] = idsIn(await shop.read(ann.links.self), 'purchases');
    expect((await shop.remove(`/purchases/${vip}`)).status).toBe(204);
    await expectForSale(concert, { regular: 97, premium: 36, VIP: 10 });
    await expectKind('VIP', { allocation: 15, remaining: 14, reserved: 1, sold: 0, revenue_cents: 0 });
    const { attributes } = await shop.read('/statistics/totals');
    expect(attributes).toMatchObject({ remaining: 167, reserved: 5, sold: 3, revenue_cents: 7_500 });
  });
});
