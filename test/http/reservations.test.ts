import { randomUUID } from 'node:crypto';
import { allRows, startApp, type TestApp } from '../support/app';
import { change, purchase, reservation, reservationOfSeveral, toOne } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client, runOut } from './client';
import { ask, dataOf, errorOf, errorsOf, idIn, json } from './wire';

const LIST = '/data/relationships/ticket_options/data';
const AT_EXPIRY = { pointer: '/data/attributes/expires_at' };
const FUTURE = '9999-01-01T00:00:00.000Z';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '0' } });
  client = new Client(app);
});
afterAll(() => app.stop());

const reserve = (document: unknown) => client.post('/reservations', document);

async function reserved(option: ResourceObject): Promise<unknown> {
  return (await client.read(option.links.self)).attributes?.['reserved'];
}

/** An instant, so many minutes after another. */
const later = (instant: unknown, minutes: number): string =>
  new Date(Date.parse(String(instant)) + minutes * 60_000).toISOString();

describe('reserving one kind', () => {
  test('D5 D6 D7 answers 201 with what is held, whose address is in Location', async () => {
    const option = await client.option({ price_cents: 250 });
    const user = randomUUID();
    const answer = await reserve(reservation({ ticketOption: option.id, quantity: 3, user }));
    expect(answer.status).toBe(201);
    const made = dataOf(answer);
    const created = made.attributes?.['created_at'];
    expect(made.attributes).toEqual({
      quantity: 3,
      status: 'active',
      total_cents: 750,
      currency: 'EUR',
      expires_at: later(created, 15),
      created_at: created,
    });
    expect(made.relationships).toEqual({
      user: toOne('users', user),
      event: { data: { type: 'events', id: idIn(option, 'event') } },
      ticket_options: {
        data: [{ type: 'ticket_options', id: option.id, meta: { quantity: 3, unit_price_cents: 250 } }],
      },
    });
    expect(await client.read(answer.headers.location ?? '')).toEqual(made);
    expect(await reserved(option)).toBe(3);
  });

  test('keeps the price of the moment', async () => {
    const option = await client.option({ price_cents: 250 });
    const made = await client.reserve(option.id, 2);
    await client.change(option, { price_cents: 300 });
    expect(await client.read(made.links.self)).toEqual(made);
  });

  test('takes ids in upper case for the same ids', async () => {
    const [one, other] = await client.twoOptions();
    const upper = await client.reserve(one.id.toUpperCase());
    expect(upper.relationships?.['ticket_options']?.data).toMatchObject([{ id: one.id }]);
    const several = await client.reserveSeveral([
      [one.id.toUpperCase(), 1],
      [other.id, 1],
    ]);
    expect(several.relationships?.['ticket_options']?.data).toMatchObject([{ id: one.id }, { id: other.id }]);
  });
});

describe('reserving several kinds', () => {
  test('holds all of them, in the order of the request', async () => {
    const [one, other] = await client.twoOptions({ price_cents: 100 });
    const made = await client.reserveSeveral([
      [other.id, 2],
      [one.id, 5],
    ]);
    expect(made.attributes).toMatchObject({ quantity: 7, total_cents: 700, status: 'active' });
    expect(made.relationships?.['ticket_options']?.data).toEqual([
      { type: 'ticket_options', id: other.id, meta: { quantity: 2, unit_price_cents: 100 } },
      { type: 'ticket_options', id: one.id, meta: { quantity: 5, unit_price_cents: 100 } },
    ]);
    expect(await client.read(made.links.self)).toEqual(made);
    expect([await reserved(one), await reserved(other)]).toEqual([5, 2]);
  });

  test('tells a total beyond 2^53 exactly', async () => {
    const attributes = { allocation: 2_147_483_647, price_cents: 99_999_999 };
    const [one, other] = await client.twoOptions(attributes);
    const document = reservationOfSeveral({
      ticketOptions: [
        [one.id, 2_147_483_647],
        [other.id, 2_147_483_646],
      ],
    });
    const { text, headers } = await reserve(document);
    const total = String(4_294_967_293n * 99_999_999n);
    expect(text).toContain(`"total_cents":${total},`);
    expect(text).toContain('"quantity":4294967293,');
    const read = await client.get(headers.location ?? '');
    expect(read.text).toContain(`"total_cents":${total},`);
  });

  test('D9 holds nothing when one of them cannot be had', async () => {
    const [one, other] = await client.twoOptions({ allocation: 5 });
    const before = await allRows(app.database);
    const document = reservationOfSeveral({
      ticketOptions: [
        [one.id, 5],
        [other.id, 6],
      ],
    });
    expect(errorsOf(await reserve(document))).toMatchObject([
      {
        status: '409',
        code: 'insufficient_tickets',
        source: { pointer: `${LIST}/1/meta/quantity` },
        meta: { remaining: 5 },
      },
    ]);
    expect(await allRows(app.database)).toBe(before);
  });
});

describe('extending', () => {
  test('F5 puts the end off, and answers with the reservation', async () => {
    const made = await client.reserve((await client.option()).id);
    const until = later(made.attributes?.['created_at'], 60);
    const answer = await client.change(made, { expires_at: until });
    expect(answer.status).toBe(200);
    expect(dataOf(answer)).toEqual({ ...made, attributes: { ...made.attributes, expires_at: until } });
    expect(await client.read(made.links.self)).toEqual(dataOf(answer));
  });

  test('an empty change answers with the reservation as it stands', async () => {
    const made = await client.reserve((await client.option()).id);
    expect(dataOf(await client.change(made, {}))).toEqual(made);
  });

  test.each<[string, number | null, string, number]>([
    ['beyond an hour after it was made', 60.001, 'extension_limit_reached', 409],
    ['to an earlier time', 14, 'invalid_attribute', 400],
    ['to null', null, 'invalid_attribute', 400],
  ])('%s is refused', async (_, minutes, code, status) => {
    const made = await client.reserve((await client.option()).id);
    const until = minutes === null ? null : later(made.attributes?.['created_at'], minutes);
    const answer = await client.change(made, { expires_at: until });
    expect(answer.status).toBe(status);
    expect(errorsOf(answer)).toMatchObject([{ code, source: AT_EXPIRY }]);
    expect(await client.read(made.links.self)).toEqual(made);
  });

  test('F8 a cancelled one is refused, and one whose time is over', async () => {
    const option = await client.option();
    const [cancelled, over] = [await client.reserve(option.id), await client.reserve(option.id)];
    await client.remove(cancelled.links.self);
    await runOut(app, over);
    const until = later(cancelled.attributes?.['created_at'], 30);
    for (const [made, code] of [
      [cancelled, 'reservation_cancelled'],
      [over, 'reservation_expired'],
    ] as const)
      expect(errorsOf(await client.change(made, { expires_at: until }))).toMatchObject([
        { status: '409', code, source: AT_EXPIRY },
      ]);
    expect((await client.read(over.links.self)).attributes).toMatchObject({ status: 'expired' });
    expect((await client.remove(over.links.self)).status).toBe(204);
  });

  test('F7 nothing else can be changed', async () => {
    const made = await client.reserve((await client.option()).id);
    for (const [name, value] of [
      ['quantity', 1],
      ['status', 'cancelled'],
      ['total_cents', 0],
    ] as const)
      expect(errorsOf(await client.change(made, { [name]: value }))).toMatchObject([
        { status: '403', code: 'read_only', source: { pointer: `/data/attributes/${name}` } },
      ]);
    const { type, id, relationships } = made;
    expect(errorOf(await client.patch(made.links.self, { data: { type, id, relationships } })).status).toBe(
      '403',
    );
  });

  test('F6 one that is not there is not found', async () => {
    const id = randomUUID();
    const document = change('reservations', id, { expires_at: FUTURE });
    expect(errorOf(await client.patch(`/reservations/${id}`, document))).toMatchObject({
      code: 'not_found',
      detail: 'There is no such reservation.',
    });
  });
});

describe('cancelling', () => {
  test('F9 gives the tickets back, once, and leaves it readable', async () => {
    const option = await client.option();
    const made = await client.reserve(option.id, 4);
    for (let time = 0; time < 2; time++) expect((await client.remove(made.links.self)).status).toBe(204);
    expect(await reserved(option)).toBe(0);
    expect(await client.read(made.links.self)).toEqual({
      ...made,
      attributes: { ...made.attributes, status: 'cancelled' },
    });
  });

  test('F9 one that is not there is not found', async () => {
    for (const path of [`/reservations/${randomUUID()}`, '/reservations/abc']) {
      expect((await client.remove(path)).status).toBe(404);
      expect((await client.get(path)).status).toBe(404);
      expect((await client.get(`${path}?include=event`)).status).toBe(404);
    }
  });
});

describe('including', () => {
  test('C7 B19 brings what is asked for along', async () => {
    const event = await client.event();
    const option = await client.option({}, event.id);
    const { links } = await client.reserve(option.id, 2);
    const included = async (query: string) => (await client.get(`${links.self}?${query}`)).document.included;
    const shown = await client.read(option.links.self);
    expect(await included('include=ticket_options')).toEqual([shown]);
    expect(await included('include=event')).toEqual([event]);
    expect(await included('include=event,ticket_options')).toEqual([shown, event]);
    expect(await included('include=')).toEqual([]);
    const [narrow] = (await included('include=event&fields[events]=name')) ?? [];
    expect(narrow?.attributes).toEqual({ name: 'Gala' });
  });

  test.each(['include=user', 'include=ticket_option', 'include=event.ticket_options', 'include=purchases'])(
    'C7 refuses %s',
    async (query) => {
      const { links } = await client.reserve((await client.option()).id);
      expect(errorOf(await client.get(`${links.self}?${query}`)).source).toEqual({ parameter: 'include' });
    },
  );
});

describe('methods that are not offered', () => {
  test.each([
    ['/reservations', 'GET, HEAD, POST', ['PUT', 'PATCH', 'DELETE']],
    ['/reservations/{id}', 'GET, HEAD, PATCH, DELETE', ['POST', 'PUT']],
  ])('at %s are answered 405, with Allow: %s', async (template, allow, methods) => {
    const path = template.replace('{id}', randomUUID());
    for (const method of methods) {
      const answer = await ask(app, { method, path, body: json(purchase({ ticketOption: 'x' })) });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
    }
  });
});
