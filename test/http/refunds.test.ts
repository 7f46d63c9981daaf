import { randomUUID } from 'node:crypto';
import { audit } from '../../src/allocation/audit';
import { allRows, startApp, type TestApp } from '../support/app';
import { purchase, toOne } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { dataOf, errorOf, errorsOf, idIn, idsIn, json, ask } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(() => app.stop());
/** Whatever was refunded: what was counted and what there is are the same. */
afterEach(async () => {
  expect(await audit(app.database)).toEqual([]);
});

async function buy(option: ResourceObject, quantity: number, user: string = randomUUID()) {
  return dataOf(await client.post('/purchases', purchase({ ticketOption: option.id, quantity, user })));
}

/** Reserves and pays one ticket of the first option, two of the second and so on. @returns the payment */
async function pay(options: readonly ResourceObject[]): Promise<ResourceObject> {
  const { id } = await client.reserveSeveral(options.map((option, index) => [option.id, index + 1]));
  const document = {
    data: {
      type: 'payments',
      attributes: { token: 'tok_good' },
      relationships: { reservation: toOne('reservations', id) },
    },
  };
  return dataOf(await client.post('/payments', document));
}

const again = ({ links }: ResourceObject) => client.read(links.self);

async function counters(option: ResourceObject) {
  const { attributes } = await again(option);
  return [attributes?.['remaining'], attributes?.['reserved'], attributes?.['sold']];
}

/** @returns what the gateway has given back, in all. */
async function givenBack(): Promise<number> {
  const text = 'SELECT coalesce(sum(amount_cents), 0)::integer AS cents FROM gateway_refunds';
  const { rows } = await app.database.query<{ cents: number }>(text);
  return rows[0]?.cents ?? NaN;
}

describe('the refund of a direct purchase', () => {
  test('F9 is answered 204; the tickets are for sale again, and the purchase stays to be read', async () => {
    const option = await client.option({ allocation: 5 });
    const made = await buy(option, 5);
    const answer = await client.remove(made.links.self);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await counters(option)).toEqual([5, 0, 0]);
    const expected = { ...made, attributes: { ...made.attributes, status: 'refunded' } };
    expect(await again(made)).toEqual(expected);
    expect((await client.list(`/purchases?filter[ticket_option]=${option.id}`))[0]).toMatchObject(expected);
    expect((await buy(option, 5)).attributes).toMatchObject({ status: 'completed' });
  });

  test('takes its tickets away', async () => {
    const made = await buy(await client.option(), 2);
    expect(await client.list(`${made.links.self}/tickets`)).toHaveLength(2);
    await client.remove(made.links.self);
    expect(await client.list(`${made.links.self}/tickets`)).toEqual([]);
    expect(errorOf(await client.get(`${made.links.self}/tickets/1`)).code).toBe('not_found');
  });

  test('comes once: the second is refused, and changes nothing', async () => {
    const made = await buy(await client.option(), 2);
    await client.remove(made.links.self);
    const before = await allRows(app.database);
    const answer = await client.remove(made.links.self);
    expect(answer.status).toBe(409);
    const [error, ...others] = errorsOf(answer);
    expect([error?.code, error?.source, others]).toEqual(['purchase_refunded', undefined, []]);
    expect(await allRows(app.database)).toBe(before);
  });

  test('of eight that ask at once, one is answered 204', async () => {
    const option = await client.option({ allocation: 10 });
    const [made] = [await buy(option, 3), await buy(option, 4)];
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.remove(made.links.self)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(7).fill(409)]);
    for (const answer of answers.filter(({ status }) => status === 409))
      expect(errorOf(answer).code).toBe('purchase_refunded');
    expect(await counters(option)).toEqual([6, 0, 4]);
  });

  test('lets the user have as many again as the limits allow', async () => {
    const user = randomUUID();
    const { id } = await client.event({ max_tickets_per_user: 4 });
    const option = await client.option({ max_per_user: 3 }, id);
    const [first] = [await buy(option, 2, user), await buy(option, 1, user)];
    const document = purchase({ ticketOption: option.id, quantity: 1, user });
    expect(errorOf(await client.post('/purchases', document)).code).toBe('user_limit_exceeded');
    await client.remove(first.links.self);
    const refused = errorOf(
      await client.post('/purchases', purchase({ ticketOption: option.id, quantity: 3, user })),
    );
    expect(refused).toMatchObject({ code: 'user_limit_exceeded', meta: { limit: 3, has: 1 } });
    expect((await buy(option, 2, user)).attributes).toMatchObject({ quantity: 2 });
  });

  test('is possible when the event is cancelled', async () => {
    const event = await client.event();
    const made = await buy(await client.option({}, event.id), 2);
    await client.change(event, { status: 'cancelled' });
    expect((await client.remove(made.links.self)).status).toBe(204);
    expect((await again(made)).attributes).toMatchObject({ status: 'refunded' });
  });

  test('leaves an option and an event that cannot be deleted: something of them was sold', async () => {
    const option = await client.option();
    const made = await buy(option, 2);
    await client.remove(made.links.self);
    expect(errorOf(await client.remove(option.links.self)).code).toBe('ticket_option_in_use');
    expect(errorOf(await client.remove(`/events/${idIn(option, 'event')}`)).code).toBe('event_in_use');
  });
});

describe('the refund of a purchase that was paid', () => {
  test('gives back what it cost, a payment of several purchases in parts', async () => {
    const event = await client.event();
    const options = [
      await client.option({ price_cents: 1_000, allocation: 10 }, event.id),
      await client.option({ price_cents: 250, allocation: 10 }, event.id),
    ] as const;
    const payment = await pay(options);
    expect(payment.attributes).toMatchObject({ status: 'succeeded', amount_cents: 1_500, refunded_cents: 0 });
    const [one = '', two = ''] = idsIn(payment, 'purchases');
    const before = await givenBack();

    expect((await client.remove(`/purchases/${two}`)).status).toBe(204);
    expect((await again(payment)).attributes).toMatchObject({
      status: 'partially_refunded',
      refunded_cents: 500,
    });
    expect(await givenBack()).toBe(before + 500);
    expect([await counters(options[0]), await counters(options[1])]).toEqual([
      [9, 0, 1],
      [10, 0, 0],
    ]);
    expect((await client.read(`/purchases/${one}`)).attributes).toMatchObject({ status: 'completed' });
    expect((await client.read(`/purchases/${two}`)).attributes).toMatchObject({ status: 'refunded' });

    expect((await client.remove(`/purchases/${one}`)).status).toBe(204);
    expect((await again(payment)).attributes).toMatchObject({ status: 'refunded', refunded_cents: 1_500 });
    expect(await givenBack()).toBe(before + 1_500);
    expect(await counters(options[0])).toEqual([10, 0, 0]);
    for (const id of [one, two])
      expect(errorOf(await client.remove(`/purchases/${id}`)).code).toBe('purchase_refunded');
  });

  test('leaves its reservation paid, with the same purchases', async () => {
    const payment = await pay([await client.option({ price_cents: 100 })]);
    const reservation = await client.read(`/reservations/${idIn(payment, 'reservation')}`);
    await client.remove(`/purchases/${idIn(payment, 'purchases')}`);
    expect(await again(reservation)).toEqual(reservation);
  });

  test('is made once, however many ask at once', async () => {
    const option = await client.option({ price_cents: 300, allocation: 10 });
    const payment = await pay([option]);
    const before = await givenBack();
    const path = `/purchases/${idIn(payment, 'purchases')}`;
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.remove(path)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(7).fill(409)]);
    expect(await givenBack()).toBe(before + 300);
    expect(await counters(option)).toEqual([10, 0, 0]);
    expect((await again(payment)).attributes).toMatchObject({ status: 'refunded', refunded_cents: 300 });
  });

  test('asks the gateway for nothing where nothing was paid', async () => {
    const event = await client.event();
    const payment = await pay([
      await client.option({ price_cents: 0 }, event.id),
      await client.option({ price_cents: 10 }, event.id),
    ]);
    const [free = '', priced = ''] = idsIn(payment, 'purchases');
    const before = await givenBack();
    expect((await client.remove(`/purchases/${free}`)).status).toBe(204);
    expect(await givenBack()).toBe(before);
    expect((await again(payment)).attributes).toMatchObject({ status: 'succeeded', refunded_cents: 0 });
    expect((await client.remove(`/purchases/${priced}`)).status).toBe(204);
    expect((await again(payment)).attributes).toMatchObject({ status: 'refunded', refunded_cents: 20 });
  });
});

describe('the refund of nothing', () => {
  test.each(['abc', '0', `${randomUUID()}x`])('C2 with the id %s is answered 404', async (id) => {
    expect(errorOf(await client.remove(`/purchases/${id}`))).toMatchObject({
      status: '404',
      code: 'not_found',
    });
  });

  test('C2 with an id that nothing has, or a reservation has, is answered 404', async () => {
    const reservation = await client.reserve((await client.option()).id);
    for (const id of [randomUUID(), reservation.id]) {
      const [error, ...others] = errorsOf(await client.remove(`/purchases/${id}`));
      expect(error).toMatchObject({ status: '404', code: 'not_found', detail: 'There is no such purchase.' });
      expect(others).toEqual([]);
    }
  });

  test('a body or a query is refused, and nothing refunded', async () => {
    const { links } = await buy(await client.option(), 1);
    const body = json({ data: { type: 'purchases', id: randomUUID() } });
    expect((await ask(app, { method: 'DELETE', path: links.self, body })).status).toBe(409);
    expect((await client.remove(`${links.self}?include=payment`)).status).toBe(400);
    expect((await client.read(links.self)).attributes).toMatchObject({ status: 'completed' });
  });

  test('the id is read in upper case too', async () => {
    const { id, links } = await buy(await client.option(), 1);
    expect((await client.remove(`/purchases/${id.toUpperCase()}`)).status).toBe(204);
    expect((await client.read(links.self)).attributes).toMatchObject({ status: 'refunded' });
  });
});
