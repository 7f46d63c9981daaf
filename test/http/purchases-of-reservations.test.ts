import { startApp, type TestApp } from '../support/app';
import { toOne } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { type Answer, dataOf, errorOf, idIn, idsIn } from './wire';

let app: TestApp;
let client: Client;
let event: ResourceObject;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
  event = await client.event();
});
afterAll(() => app.stop());

/** Reserves tickets of new kinds, by their prices: one of the first, two of the second and so on. */
async function reserve(...prices: readonly number[]): Promise<ResourceObject> {
  const kinds: [string, number][] = [];
  for (const [index, price_cents] of prices.entries())
    kinds.push([(await client.option({ price_cents }, event.id)).id, index + 1]);
  return client.reserveSeveral(kinds);
}

function pay({ id }: ResourceObject, token = 'tok_good'): Promise<Answer> {
  return client.post('/payments', {
    data: {
      type: 'payments',
      attributes: { token },
      relationships: { reservation: toOne('reservations', id) },
    },
  });
}

const again = ({ links }: ResourceObject) => client.read(links.self);

/** @returns the purchases of a reservation, one by one. */
async function purchasesOf(reservation: ResourceObject): Promise<ResourceObject[]> {
  const purchases: ResourceObject[] = [];
  for (const id of idsIn(reservation, 'purchases')) purchases.push(await client.read(`/purchases/${id}`));
  return purchases;
}

describe('a reservation', () => {
  test('that is new names no payment and no purchases', async () => {
    const made = await reserve(100, 0);
    expect(made.relationships).toMatchObject({ payment: { data: null }, purchases: { data: [] } });
    expect(await again(made)).toEqual(made);
    const answer = await client.get(`${made.links.self}?include=purchases`);
    expect(answer.document.included).toEqual([]);
  });

  test('that could not be paid names the latest attempt, and no purchases', async () => {
    const made = await reserve(100);
    const first = errorOf(await pay(made, 'card_error')).meta?.['payment_id'];
    expect(idIn(await again(made), 'payment')).toBe(first);
    const second = errorOf(await pay(made, 'payment_error')).meta?.['payment_id'];
    expect(second).not.toBe(first);
    const shown = await again(made);
    expect(shown).toMatchObject({
      attributes: { status: 'active' },
      relationships: { purchases: { data: [] } },
    });
    expect(idIn(shown, 'payment')).toBe(second);
    expect((await client.list(`/reservations?filter[user]=${idIn(made, 'user')}`))[0]).toMatchObject(shown);
  });

  test('that is extended after that names the attempt too', async () => {
    const made = await reserve(100);
    await pay(made, 'card_error');
    const later = new Date(Date.parse(String(made.attributes?.['expires_at'])) + 60_000);
    const extended = dataOf(await client.change(made, { expires_at: later.toISOString() }));
    expect(idIn(extended, 'payment')).not.toBe('');
    expect(await again(made)).toEqual(extended);
  });

  test('that is paid names its payment, and a purchase of each kind in their order', async () => {
    const made = await reserve(500, 0, 1_250);
    const payment = dataOf(await pay(made));
    const shown = await again(made);
    expect(idIn(shown, 'payment')).toBe(payment.id);
    expect(idsIn(shown, 'purchases')).toEqual(idsIn(payment, 'purchases'));
    const bought = (await purchasesOf(shown)).map((purchase) => [
      idIn(purchase, 'ticket_option'),
      purchase.attributes?.['quantity'],
      purchase.attributes?.['total_cents'],
    ]);
    const [a, b, c] = idsIn(made, 'ticket_options');
    expect(bought).toEqual([
      [a, 1, 500],
      [b, 2, 0],
      [c, 3, 3_750],
    ]);
  });

  test('that costs nothing has a payment and purchases as well', async () => {
    const made = await reserve(0);
    const payment = dataOf(await pay(made));
    const shown = await again(made);
    expect(idIn(shown, 'payment')).toBe(payment.id);
    expect(await purchasesOf(shown)).toMatchObject([{ attributes: { total_cents: 0, status: 'completed' } }]);
  });

  test('C7 B19 brings its purchases along, in its order, alone and in lists', async () => {
    const [one, two, unpaid] = [await reserve(100, 200), await reserve(0, 300), await reserve(400)];
    await pay(one);
    await pay(two);
    const purchases = [...(await purchasesOf(await again(one))), ...(await purchasesOf(await again(two)))];
    expect(purchases).toHaveLength(4);
    const single = await client.get(`${one.links.self}?include=purchases`);
    expect(single.document.included).toEqual(purchases.slice(0, 2));
    const list = await client.get(
      `/reservations?filter[event]=${event.id}&page[size]=100&include=purchases&fields[reservations]=purchases`,
    );
    const included = list.document.included?.map(({ id }) => id) ?? [];
    expect(included.slice(-4)).toEqual(purchases.map(({ id }) => id));
    expect((await client.get(`${unpaid.links.self}?include=purchases`)).document.included).toEqual([]);
    const everything = await client.get(`${two.links.self}?include=ticket_options,event,purchases`);
    const types = everything.document.included?.map(({ type }) => type);
    expect(types).toEqual(['ticket_options', 'ticket_options', 'events', 'purchases', 'purchases']);
  });
});

describe('a purchase that was paid', () => {
  test('names its reservation and its payment, alone and in lists', async () => {
    const made = await reserve(700, 700);
    const payment = dataOf(await pay(made));
    for (const purchase of await purchasesOf(await again(made))) {
      expect(idIn(purchase, 'reservation')).toBe(made.id);
      expect(idIn(purchase, 'payment')).toBe(payment.id);
      expect(idIn(purchase, 'user')).toBe(idIn(made, 'user'));
      const [listed] = await client.list(
        `/purchases?filter[ticket_option]=${idIn(purchase, 'ticket_option')}`,
      );
      expect(listed).toMatchObject(purchase);
    }
  });

  test('has its tickets like any other', async () => {
    const made = await reserve(1, 1, 1);
    await pay(made);
    const [, , last] = await purchasesOf(await again(made));
    expect(await client.list(`${last?.links.self}/tickets`)).toHaveLength(3);
  });
});
