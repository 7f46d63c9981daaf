import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from '../support/app';
import { purchase } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client, runOut } from './client';
import { errorOf, itemsOf } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  // Nothing tidies up here, so holds that are over stay until something needs their tickets.
  app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '0' } });
  client = new Client(app);
});
afterAll(() => app.stop());

const of = ({ id }: ResourceObject, query = '') => `/events/${id}/ticket_options${query}`;
const counters = ({ attributes }: ResourceObject) => ({
  remaining: attributes?.['remaining'],
  reserved: attributes?.['reserved'],
  sold: attributes?.['sold'],
  on_sale: attributes?.['on_sale'],
});

describe('the ticket options of an event', () => {
  test('are all of that event, in the order of creation, and no others', async () => {
    const [event, other] = [await client.event(), await client.event()];
    const options = [];
    for (const name of ['c', 'a', 'b']) {
      options.push(await client.option({ name }, event.id));
      await client.option({ name }, other.id);
    }
    const listed = await client.list(of(event));
    expect(listed.map(({ meta: _, ...option }) => option)).toEqual(options);
  });

  test('are none when the event has none', async () => {
    expect(await client.list(of(await client.event()))).toEqual([]);
  });

  test('B14 are what the event links to', async () => {
    const event = await client.event();
    const option = await client.option({}, event.id);
    const related = event.relationships?.['ticket_options']?.links?.related ?? '';
    expect(await client.ids(related)).toEqual([option.id]);
  });

  test.each([
    ['unknown', randomUUID()],
    ['malformed', 'abc'],
  ])('C2 are not found when the event is %s', async (_, id) => {
    expect(errorOf(await client.get(`/events/${id}/ticket_options`)).code).toBe('not_found');
  });

  test('are not found when the id is that of an option', async () => {
    expect((await client.get(of(await client.option()))).status).toBe(404);
  });

  test('are found by the id of the event in upper case', async () => {
    const event = await client.event();
    const { id } = await client.option({}, event.id);
    expect(await client.ids(`/events/${event.id.toUpperCase()}/ticket_options`)).toEqual([id]);
  });
});

describe('filter[kind]', () => {
  test('compares without regard to case, composition and encoding', async () => {
    const event = await client.event();
    const kinds = ['VIP', 'vip', 'Vip lounge', 'Loge ÉTÉ', 'Loge e\u0301te\u0301', 'Straße', null];
    const ids = new Map<string | null, string>();
    for (const kind of kinds) ids.set(kind, (await client.option({ kind }, event.id)).id);
    const found = (kind: string) => client.ids(of(event, `?filter[kind]=${encodeURIComponent(kind)}`));
    expect(await found('vIp')).toEqual([ids.get('VIP'), ids.get('vip')]);
    expect(await found('VIP LOUNGE')).toEqual([ids.get('Vip lounge')]);
    expect(await found('loge été')).toEqual([ids.get('Loge ÉTÉ'), ids.get('Loge e\u0301te\u0301')]);
    expect(await found('STRAßE')).toEqual([ids.get('Straße')]);
    expect(await found('premium')).toEqual([]);
  });

  test('follows when the kind is changed', async () => {
    const event = await client.event();
    const option = await client.option({ kind: 'Regular' }, event.id);
    await client.change(option, { kind: 'PREMIUM' });
    expect(await client.ids(of(event, '?filter[kind]=regular'))).toEqual([]);
    expect(await client.ids(of(event, '?filter[kind]=premium'))).toEqual([option.id]);
  });
});

describe('filter[on_sale]', () => {
  test('tells what can be had now from what cannot', async () => {
    const event = await client.event();
    const yes = await client.option({ price_cents: 5 }, event.id);
    const no = [
      await client.option({ allocation: 0 }, event.id),
      await client.option({ sales_start_at: '9999-01-01T00:00:00Z' }, event.id),
      await client.option({ sales_end_at: '2020-01-01T00:00:00Z' }, event.id),
    ];
    expect(await client.ids(of(event, '?filter[on_sale]=true'))).toEqual([yes.id]);
    expect(await client.ids(of(event, '?filter[on_sale]=false'))).toEqual(no.map(({ id }) => id));
    await client.change(event, { status: 'cancelled' });
    expect(await client.ids(of(event, '?filter[on_sale]=true'))).toEqual([]);
  });

  test('goes together with filter[kind]', async () => {
    const event = await client.event();
    const { id } = await client.option({ kind: 'VIP' }, event.id);
    await client.option({ kind: 'VIP', allocation: 0 }, event.id);
    await client.option({ kind: 'regular' }, event.id);
    expect(await client.ids(of(event, '?filter[on_sale]=true&filter[kind]=vip'))).toEqual([id]);
  });

  test.each(['', '1', 'TRUE', 'yes', 'true,false'])('refuses %p', async (value) => {
    const path = of(await client.event(), `?filter[on_sale]=${value}`);
    expect(errorOf(await client.get(path))).toMatchObject({
      code: 'invalid_parameter',
      source: { parameter: 'filter[on_sale]' },
    });
  });
});

describe('what is left', () => {
  test('adds up after sales and reservations, wherever it is read', async () => {
    const event = await client.event();
    const option = await client.option({ allocation: 10 }, event.id);
    await client.post('/purchases', purchase({ ticketOption: option.id, quantity: 2 }));
    await client.reserve(option.id, 3);
    const expected = { remaining: 5, reserved: 3, sold: 2, on_sale: true };
    const { document } = await client.get(`/events/${event.id}?include=ticket_options`);
    const [listed] = await client.list(of(event));
    for (const shown of [await client.read(option.links.self), listed, document.included?.[0]])
      expect(shown && counters(shown)).toEqual(expected);
  });

  test('counts holds that are over back at once, though nothing has tidied up', async () => {
    const event = await client.event();
    const [one, other] = [
      await client.option({ allocation: 5 }, event.id),
      await client.option({ allocation: 4 }, event.id),
    ];
    const stays = await client.reserve(one.id, 1);
    const over = await client.reserveSeveral([
      [one.id, 4],
      [other.id, 4],
    ]);
    const sold = { remaining: 0, sold: 0, on_sale: false };
    expect((await client.list(of(event))).map(counters)).toEqual([
      { ...sold, reserved: 5 },
      { ...sold, reserved: 4 },
    ]);
    expect(await client.ids(of(event, '?filter[on_sale]=true'))).toEqual([]);

    await runOut(app, over);
    const expected = [
      { remaining: 4, reserved: 1, sold: 0, on_sale: true },
      { remaining: 4, reserved: 0, sold: 0, on_sale: true },
    ];
    expect((await client.list(of(event))).map(counters)).toEqual(expected);
    expect(counters(await client.read(one.links.self))).toEqual(expected[0]);
    expect(await client.ids(of(event, '?filter[on_sale]=true'))).toEqual([one.id, other.id]);
    const { rows } = await app.database.query<{ reserved: number }>(
      'SELECT reserved FROM ticket_options WHERE event_id = $1 ORDER BY id',
      [event.id],
    );
    expect(rows.map(({ reserved }) => reserved)).toEqual([5, 4]);
    expect((await client.read(stays.links.self)).attributes).toMatchObject({ status: 'active' });
  });

  test('can be sold as it is shown', async () => {
    const option = await client.option({ allocation: 3 });
    await runOut(app, await client.reserve(option.id, 3));
    const answer = await client.post('/purchases', purchase({ ticketOption: option.id, quantity: 3 }));
    expect(answer.status).toBe(201);
    expect(counters(await client.read(option.links.self))).toEqual({
      remaining: 0,
      reserved: 0,
      sold: 3,
      on_sale: false,
    });
  });
});

describe('changing a ticket option', () => {
  test('F3 sets what is sent and keeps the rest', async () => {
    const made = await client.option({ kind: 'VIP', max_per_order: 4 });
    const sent = { allocation: 50, price_cents: 1, kind: null, max_per_user: 2 };
    const answer = await client.change(made, sent);
    expect(answer.status).toBe(200);
    const changed = await client.read(made.links.self);
    expect(answer.document.data).toEqual(changed);
    expect(changed.attributes).toEqual({
      ...made.attributes,
      ...sent,
      remaining: 50,
      updated_at: changed.attributes?.['updated_at'],
    });
  });

  test('F7 refuses what is not the organiser’s, and another event', async () => {
    const made = await client.option();
    for (const name of ['number', 'remaining', 'sold', 'on_sale', 'created_at'])
      expect(errorOf(await client.change(made, { [name]: made.attributes?.[name] }))).toMatchObject({
        status: '403',
        source: { pointer: `/data/attributes/${name}` },
      });
    const document = { data: { type: made.type, id: made.id, relationships: made.relationships } };
    expect(errorOf(await client.patch(made.links.self, document))).toMatchObject({
      status: '403',
      source: { pointer: '/data/relationships/event' },
    });
  });

  test('refuses an allocation below what is reserved and sold', async () => {
    const made = await client.option({ allocation: 10 });
    await client.reserve(made.id, 3);
    await client.post('/purchases', purchase({ ticketOption: made.id, quantity: 2 }));
    expect(errorOf(await client.change(made, { allocation: 4 }))).toMatchObject({
      status: '409',
      code: 'allocation_below_committed',
      source: { pointer: '/data/attributes/allocation' },
      meta: { reserved: 3, sold: 2 },
    });
    expect((await client.change(made, { allocation: 5 })).status).toBe(200);
  });

  test('refuses a window that ends before it starts, told by what was sent', async () => {
    const made = await client.option({ sales_start_at: '2027-01-01T00:00:00Z' });
    expect(errorOf(await client.change(made, { sales_end_at: '2026-01-01T00:00:00Z' }))).toMatchObject({
      code: 'invalid_attribute',
      source: { pointer: '/data/attributes/sales_end_at' },
    });
  });

  test('is not found for an option that is not there', async () => {
    const made = await client.option();
    expect((await client.remove(made.links.self)).status).toBe(204);
    expect(errorOf(await client.change(made, { name: 'x' })).code).toBe('not_found');
    expect(errorOf(await client.remove(made.links.self)).code).toBe('not_found');
    expect(errorOf(await client.get(`${made.links.self}?include=event`)).code).toBe('not_found');
  });

  test('cannot be deleted once something was sold', async () => {
    const made = await client.option();
    await client.post('/purchases', purchase({ ticketOption: made.id }));
    expect(errorOf(await client.remove(made.links.self))).toMatchObject({
      status: '409',
      code: 'ticket_option_in_use',
    });
  });

  test('C7 brings its event along, alone and in a list', async () => {
    const event = await client.event();
    const made = await client.option({}, event.id);
    expect((await client.get(`${made.links.self}?include=event`)).document.included).toEqual([event]);
    const listed = await client.get('/ticket_options?include=event&page[size]=100');
    expect(listed.document.included).toContainEqual(event);
    expect(itemsOf(listed).map(({ id }) => id)).toContain(made.id);
  });
});
