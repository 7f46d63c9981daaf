import { randomUUID } from 'node:crypto';
import { audit } from '../../src/allocation/audit';
import { startApp, type TestApp } from '../support/app';
import { purchase, reservation, reservationOfSeveral } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { type Answer, ask, dataOf, errorOf, idIn, json, send } from './wire';

const MOST = 2_147_483_647;

let app: TestApp;
let client: Client;
let event = '';
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(() => app.stop());
beforeEach(async () => {
  event = (await client.event()).id;
});
afterEach(async () => {
  expect(await audit(app.database)).toEqual([]);
});

const option = async (attributes: Record<string, unknown> = {}): Promise<string> =>
  (await client.option(attributes, event)).id;
const post = (document: unknown, query = ''): Promise<Answer> =>
  client.post(`/reservations${query}`, document);
const counters = async (id: string) => {
  const { attributes } = await client.read(`/ticket_options/${id}`);
  return [attributes?.['remaining'], attributes?.['reserved'], attributes?.['sold']];
};
/** What a reservation says of its kinds. */
const kindsOf = ({ relationships }: ResourceObject): unknown => relationships?.['ticket_options']?.data;
const kind = (id: string, quantity: number, unitPriceCents: number) => ({
  type: 'ticket_options',
  id,
  meta: { quantity, unit_price_cents: unitPriceCents },
});

describe('reserving', () => {
  test('D5 D6 D7 answers 201 with the reservation, whose address is in Location', async () => {
    const answer = await post(reservation({ ticketOption: await option() }));
    expect(answer.status).toBe(201);
    const { location = '' } = answer.headers;
    expect(location).toBe(dataOf(answer).links.self);
    expect(await client.read(location)).toEqual(dataOf(answer));
  });

  test('of one kind takes the shape of a purchase, and answers with everything there is to say', async () => {
    const [id, user] = [await option({ price_cents: 1_250 }), randomUUID()];
    const { attributes, relationships } = dataOf(
      await post(reservation({ ticketOption: id, user, quantity: 3 })),
    );
    const createdMs = Date.parse(String(attributes?.['created_at']));
    expect(Math.abs(Date.now() - createdMs)).toBeLessThan(60_000);
    expect(attributes).toEqual({
      quantity: 3,
      status: 'active',
      total_cents: 3_750,
      currency: 'EUR',
      created_at: attributes?.['created_at'],
      expires_at: new Date(createdMs + 900_000).toISOString(),
    });
    expect(relationships).toEqual({
      user: { data: { type: 'users', id: user } },
      event: { data: { type: 'events', id: event } },
      ticket_options: { data: [kind(id, 3, 1_250)] },
      payment: { data: null },
      purchases: { data: [] },
    });
    expect(await counters(id)).toEqual([97, 3, 0]);
  });

  test('of several kinds keeps their order, quantities and prices, and adds them up', async () => {
    const ids = [
      await option({ price_cents: 5_000 }),
      await option(),
      await option({ price_cents: 1, allocation: 7 }),
    ];
    const [a = '', b = '', c = ''] = ids;
    const made = await client.reserveSeveral([
      [c, 7],
      [a, 2],
      [b, 1],
    ]);
    expect(made.attributes).toMatchObject({ quantity: 10, total_cents: 10_007, currency: 'EUR' });
    expect(kindsOf(made)).toEqual([kind(c, 7, 1), kind(a, 2, 5_000), kind(b, 1, 0)]);
    expect(await client.read(made.links.self)).toEqual(made);
    expect([await counters(a), await counters(b), await counters(c)]).toEqual([
      [98, 2, 0],
      [99, 1, 0],
      [0, 7, 0],
    ]);
  });

  test('of twenty kinds is the most there can be, also where the total is beyond 2^53', async () => {
    const ids = [];
    for (let n = 0; n < 20; n += 1) ids.push(await option({ allocation: MOST, price_cents: 100_000_000 }));
    const answer = await post(reservationOfSeveral({ ticketOptions: ids.map((id) => [id, MOST]) }));
    expect(answer.status).toBe(201);
    const { links } = dataOf(answer);
    for (const { text } of [answer, await client.get(links.self), await client.get('/reservations')]) {
      expect(text).toContain('"total_cents":4294967294000000000,');
      expect(text).toContain('"quantity":42949672940,');
    }
    expect(await counters(ids[19] ?? '')).toEqual([0, MOST, 0]);
    expect((await client.remove(links.self)).status).toBe(204);
    expect(await counters(ids[19] ?? '')).toEqual([MOST, 0, 0]);
  });

  test('a total that no double holds is told to the cent', async () => {
    const [dear, cheap] = [await option({ allocation: MOST, price_cents: 99_999_999 }), await option()];
    const wanted = [
      [dear, MOST],
      [cheap, 1],
    ] as const;
    const { text } = await post(reservationOfSeveral({ ticketOptions: wanted }));
    expect(text).toContain('"total_cents":214748362552516353,');
  });

  test('the price is that of the moment, whatever the option costs afterwards', async () => {
    const id = await option({ price_cents: 700 });
    const made = await client.reserve(id, 2);
    await client.change(await client.read(`/ticket_options/${id}`), { price_cents: 900 });
    expect(await client.read(made.links.self)).toEqual(made);
    const extended = await client.change(made, {
      expires_at: new Date(Date.now() + 1_800_000).toISOString(),
    });
    expect(kindsOf(dataOf(extended))).toEqual([kind(id, 2, 700)]);
    expect(dataOf(extended).attributes).toMatchObject({ total_cents: 1_400 });
    expect((await client.reserve(id, 2)).attributes).toMatchObject({ total_cents: 1_800 });
  });

  test('what has a price can be reserved, though not be bought', async () => {
    const id = await option({ price_cents: 1 });
    expect(errorOf(await client.post('/purchases', purchase({ ticketOption: id }))).code).toBe(
      'payment_required',
    );
    await client.reserve(id, 2);
    expect(await counters(id)).toEqual([98, 2, 0]);
  });

  test('reserves to the last ticket, and not one more', async () => {
    const id = await option({ allocation: 5 });
    await client.reserve(id, 3);
    expect((await post(reservation({ ticketOption: id, quantity: 3 }))).status).toBe(409);
    await client.reserve(id, 2);
    expect((await post(reservation({ ticketOption: id, quantity: 1 }))).status).toBe(409);
    expect(await counters(id)).toEqual([0, 5, 0]);
    expect((await client.read(`/ticket_options/${id}`)).attributes).toMatchObject({ on_sale: false });
  });

  test('what is reserved cannot be bought', async () => {
    const id = await option({ allocation: 3 });
    const held = await client.reserve(id, 2);
    const buy = () => client.post('/purchases', purchase({ ticketOption: id, quantity: 2 }));
    expect(errorOf(await buy()).code).toBe('invalid_purchase_quantity');
    await client.remove(held.links.self);
    expect((await buy()).status).toBe(201);
    expect(await counters(id)).toEqual([1, 0, 2]);
  });

  test('reads ids in upper case as the same ids, which it answers in lower case', async () => {
    const [id, user] = [await option({ max_per_user: 2 }), randomUUID()];
    const made = await client.reserveSeveral([[id.toUpperCase(), 2]], user.toUpperCase());
    expect([idIn(made, 'ticket_options'), idIn(made, 'user')]).toEqual([id, user]);
    const again = await post(reservation({ ticketOption: id, user, quantity: 1 }));
    expect(errorOf(again).code).toBe('user_limit_exceeded');
    expect(await client.read(`/reservations/${made.id.toUpperCase()}`)).toEqual(made);
    const until = new Date(Date.now() + 1_200_000).toISOString();
    const upper = { ...made, id: made.id.toUpperCase() };
    expect(dataOf(await client.change(upper, { expires_at: until })).id).toBe(made.id);
    expect((await client.remove(`/reservations/${made.id.toUpperCase()}`)).status).toBe(204);
  });

  test('may say null for the shape that is not meant, and leave out empty attributes', async () => {
    const id = await option();
    const one = reservation({ ticketOption: id }).data;
    const several = reservationOfSeveral({ ticketOptions: [[id, 1]] }).data;
    const relationships = { ...several.relationships, ticket_option: { data: null } };
    expect((await post({ data: one })).status).toBe(201);
    expect((await post({ data: { ...several, relationships } })).status).toBe(201);
    expect((await post({ data: { type: 'reservations', relationships } })).status).toBe(201);
  });

  test('the same request twice is two reservations', async () => {
    const document = reservation({ ticketOption: await option(), user: randomUUID() });
    const ids = [dataOf(await post(document)).id, dataOf(await post(document)).id];
    expect(new Set(ids).size).toBe(2);
  });
});

describe('reading', () => {
  test('C2 answers 404 for an id that nothing has', async () => {
    for (const query of ['', '?include=event', '?include=']) {
      const error = errorOf(await client.get(`/reservations/${randomUUID()}${query}`));
      expect(error).toMatchObject({ code: 'not_found', detail: 'There is no such reservation.' });
      expect(error.source).toBeUndefined();
    }
  });

  test('C2 answers 404 for the id of a resource of another type', async () => {
    const id = await option();
    for (const other of [id, event, (await client.list('/events'))[0]?.id ?? ''])
      expect((await client.get(`/reservations/${other}`)).status).toBe(404);
  });

  test('C7 B19 brings its kinds and its event along, as they are now', async () => {
    const ids = [await option(), await option()];
    const made = await client.reserveSeveral(ids.map((id) => [id, 1]));
    const { document } = await client.get(`${made.links.self}?include=event,ticket_options`);
    expect(document.data).toEqual(made);
    const now = [`/ticket_options/${ids[0] ?? ''}`, `/ticket_options/${ids[1] ?? ''}`, `/events/${event}`];
    for (const path of now) expect(document.included).toContainEqual(await client.read(path));
    expect(document.included).toHaveLength(3);
  });

  test('C8 leaves only the fields that are named, after POST, GET and PATCH', async () => {
    const query = '?fields[reservations]=status,ticket_options';
    const answer = await post(reservation({ ticketOption: await option() }), query);
    const made = dataOf(answer);
    expect(made.attributes).toEqual({ status: 'active' });
    expect(Object.keys(made.relationships ?? {})).toEqual(['ticket_options']);
    expect(await client.read(`${made.links.self}${query}`)).toEqual(made);
    const body = json({ data: { type: made.type, id: made.id } });
    const patched = await ask(app, { method: 'PATCH', path: `${made.links.self}${query}`, body });
    expect(dataOf(patched)).toEqual(made);
  });

  test('C13 answers HEAD like GET, without the body', async () => {
    const { links } = await client.reserve(await option());
    const head = await send(app, { method: 'HEAD', path: links.self });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(String((await client.get(links.self)).text.length));
  });
});

describe('cancelling', () => {
  test('F9 answers 404 for an id that nothing has', async () => {
    for (const id of [randomUUID(), 'abc', event])
      expect(errorOf(await client.remove(`/reservations/${id}`))).toMatchObject({ code: 'not_found' });
  });

  test('lets an option or event be used, not deleted: something was reserved', async () => {
    const id = await option();
    await client.remove((await client.reserve(id)).links.self);
    expect(errorOf(await client.remove(`/ticket_options/${id}`)).code).toBe('ticket_option_in_use');
    expect(errorOf(await client.remove(`/events/${event}`)).code).toBe('event_in_use');
  });
});

describe('methods that are not offered', () => {
  test.each([
    ['/reservations', 'GET, HEAD, POST', ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']],
    ['/reservations/{id}', 'GET, HEAD, PATCH, DELETE', ['POST', 'PUT', 'OPTIONS', 'TRACE']],
  ])('at %s are answered 405, with Allow: %s', async (template, allow, methods) => {
    const path = template.replace('{id}', randomUUID());
    for (const method of methods) {
      const answer = await ask(app, { method, path });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
    }
  });
});
