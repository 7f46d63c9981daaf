import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from '../support/app';
import { purchase } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client, runOut } from './client';
import { dataOf, errorOf, idIn, itemsOf } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '0' } });
  client = new Client(app);
});
afterAll(() => app.stop());

const idsOf = (...resources: readonly ResourceObject[]) => resources.map(({ id }) => id);

async function expectAsListed(items: readonly ResourceObject[]): Promise<void> {
  for (const listed of items) {
    const { meta } = listed;
    expect({ ...(await client.read(listed.links.self)), meta }).toEqual(listed);
  }
}

describe('/reservations', () => {
  const [user, other] = [randomUUID(), randomUUID()];
  /** One in each state, of the user, and an active one of somebody else. */
  let all: Record<'active' | 'paying' | 'paid' | 'cancelled' | 'expired' | 'foreign', ResourceObject>;
  let event = '';
  let elsewhere: ResourceObject;
  beforeAll(async () => {
    const [one, two] = await client.twoOptions();
    event = idIn(one, 'event');
    const several = () =>
      client.reserveSeveral(
        [
          [one.id, 1],
          [two.id, 2],
        ],
        user,
      );
    all = {
      cancelled: await several(),
      expired: await several(),
      paid: await client.reserve(one.id, 1, user),
      active: await several(),
      paying: await client.reserve(two.id, 1, user),
      foreign: await client.reserve(one.id, 1, other),
    };
    elsewhere = await client.reserve((await client.option()).id, 1, user);
    await client.remove(all.cancelled.links.self);
    await runOut(app, all.expired);
    const write = (text: string, { id }: ResourceObject) => app.database.query(text, [id]);
    const attempt = 'payment_id = gen_random_uuid()';
    await write(`UPDATE reservations SET status = 'paying', ${attempt} WHERE id = $1`, all.paying);
    await write(`UPDATE holds SET expires_at = 'infinity' WHERE reservation_id = $1`, all.paying);
    const became = 'purchase_ids = ARRAY[gen_random_uuid()]';
    await write(`UPDATE reservations SET status = 'paid', ${attempt}, ${became} WHERE id = $1`, all.paid);
    await write('DELETE FROM holds WHERE reservation_id = $1', all.paid);
  });

  test('are all there, in the order in which they were made', async () => {
    const ids = await client.ids('/reservations');
    const { cancelled, expired, paid, active, paying, foreign } = all;
    expect(ids).toEqual(idsOf(cancelled, expired, paid, active, paying, foreign, elsewhere));
  });

  test.each(['active', 'paying', 'paid', 'cancelled', 'expired'] as const)(
    'filter[status]=%s finds those that show it, with every other filter',
    async (status) => {
      const states = async (query: string) => {
        const items = await client.list(`/reservations?filter[status]=${status}${query}`);
        expect(new Set(items.map(({ attributes }) => attributes?.['status']))).toEqual(new Set([status]));
        return items.map(({ id }) => id);
      };
      const active = status === 'active';
      const of = all[status];
      const foreign = active ? [all.foreign] : [];
      const far = active ? [elsewhere] : [];
      expect(await states('')).toEqual(idsOf(of, ...foreign, ...far));
      expect(await states(`&filter[user]=${user}`)).toEqual(idsOf(of, ...far));
      expect(await states(`&filter[event]=${event}`)).toEqual(idsOf(of, ...foreign));
      expect(await states(`&filter[event]=${event}&filter[user]=${user}`)).toEqual(idsOf(of));
    },
  );

  test('filter[user] and filter[event] find theirs, alone and together', async () => {
    const { foreign, ...own } = all;
    const { cancelled, expired, paid, active, paying } = own;
    const ofEvent = idsOf(cancelled, expired, paid, active, paying);
    expect(await client.ids(`/reservations?filter[user]=${user}`)).toEqual([...ofEvent, elsewhere.id]);
    expect(await client.ids(`/reservations?filter[user]=${user.toUpperCase()}`)).toHaveLength(6);
    expect(await client.ids(`/reservations?filter[event]=${event}`)).toEqual([...ofEvent, foreign.id]);
    expect(await client.ids(`/reservations?filter[event]=${event}&filter[user]=${user}`)).toEqual(ofEvent);
    expect(await client.ids(`/reservations?filter[user]=${randomUUID()}`)).toEqual([]);
    expect(await client.ids(`/reservations?filter[user]=${randomUUID()}&filter[status]=active`)).toEqual([]);
  });

  test('C7 B19 bring options and events along, each once', async () => {
    const { document } = await client.get(
      `/reservations?filter[user]=${user}&include=ticket_options,event&fields[events]=name`,
    );
    const types = document.included?.map(({ type }) => type);
    expect(types).toEqual(['ticket_options', 'ticket_options', 'ticket_options', 'events', 'events']);
  });

  test('are shown as they are one by one', async () => {
    await expectAsListed(await client.list('/reservations'));
  });
});

describe('/purchases', () => {
  const [user, other] = [randomUUID(), randomUUID()];
  const buy = async (option: ResourceObject, who: string) =>
    dataOf(await client.post('/purchases', purchase({ ticketOption: option.id, user: who, quantity: 1 })));

  test('filters by user, option and event, alone and together', async () => {
    const [one, two] = await client.twoOptions();
    const far = await client.option();
    const [a, b, c, d, e] = [
      await buy(two, user),
      await buy(one, other),
      await buy(far, user),
      await buy(one, user),
      await buy(two, other),
    ];
    const event = idIn(one, 'event');
    const found = (query: string) => client.ids(`/purchases?${query}`);
    expect(await found('')).toEqual(idsOf(a, b, c, d, e));
    expect(await found(`filter[user]=${user}`)).toEqual(idsOf(a, c, d));
    expect(await found(`filter[ticket_option]=${one.id}`)).toEqual(idsOf(b, d));
    expect(await found(`filter[event]=${event}`)).toEqual(idsOf(a, b, d, e));
    expect(await found(`filter[event]=${event}&filter[user]=${user}`)).toEqual(idsOf(a, d));
    expect(await found(`filter[ticket_option]=${one.id}&filter[user]=${user}`)).toEqual(idsOf(d));
    expect(await found(`filter[ticket_option]=${one.id}&filter[event]=${event}`)).toEqual(idsOf(b, d));
    expect(await found(`filter[ticket_option]=${far.id}&filter[event]=${event}`)).toEqual([]);
    const everything = `filter[ticket_option]=${two.id}&filter[event]=${event}&filter[user]=${other}`;
    expect(await found(everything)).toEqual(idsOf(e));
    expect(await found(`filter[event]=${randomUUID()}`)).toEqual([]);
  });

  test('keep what was refunded, where it was', async () => {
    const option = await client.option();
    const all = [await buy(option, user), await buy(option, user), await buy(option, user)];
    const text = 'UPDATE purchases SET refunded_at = now() WHERE id = $1';
    await app.database.query(text, [all[1]?.id]);
    for (const query of ['ticket_option', 'user'].map(
      (name) => `filter[${name}]=${idIn(all[0] ?? option, name)}`,
    )) {
      const listed = await client.list(`/purchases?page[size]=100&${query}`);
      const states = listed.slice(-3).map(({ id, attributes }) => [id, attributes?.['status']]);
      const expected = all.map(({ id }, index) => [id, index === 1 ? 'refunded' : 'completed']);
      expect(states).toEqual(expected);
    }
  });

  test('are shown as they are one by one', async () => {
    const items = await client.list('/purchases?page[size]=100');
    expect(items).not.toEqual([]);
    await expectAsListed(items);
  });
});

describe('/events', () => {
  const at = (year: number) => `${year}-05-01T10:00:00.000Z`;
  let made: { early: ResourceObject; late: ResourceObject; last: ResourceObject };
  beforeAll(async () => {
    const late = await client.event({ name: 'b', starts_at: at(2101) });
    const early = await client.event({ name: 'c', starts_at: at(2100) });
    const last = await client.event({ name: 'a', starts_at: at(2102) });
    await client.change(late, { status: 'cancelled' });
    made = { early, late, last };
  });
  /** Only those of this century, unless the query says otherwise. */
  const found = (query: string) =>
    client.ids(`/events?page[size]=100&filter[starts_after]=${at(2099)}&${query}`);

  test('come in the order of creation, or in the one that is asked for', async () => {
    const { early, late, last } = made;
    expect(await found('')).toEqual(idsOf(late, early, last));
    expect(await found('sort=starts_at')).toEqual(idsOf(early, late, last));
    expect(await found('sort=-starts_at')).toEqual(idsOf(last, late, early));
    expect(await found('sort=name')).toEqual(idsOf(last, late, early));
    expect(await found('sort=-name')).toEqual(idsOf(early, late, last));
    expect(await found('sort=-created_at')).toEqual(idsOf(last, early, late));
  });

  test('those without a date come last, and are neither before nor after any', async () => {
    const undated = idIn(await client.option(), 'event');
    expect((await client.ids('/events?page[size]=100&sort=starts_at')).at(-1)).toBe(undated);
    expect(await client.ids('/events?page[size]=1&sort=-starts_at')).toEqual([undated]);
    expect(await client.ids('/events?page[size]=100')).toContain(undated);
    for (const filter of [`starts_after]=${at(1900)}`, 'starts_before]=9999-12-31T23:59:59.999Z'])
      expect(await client.ids(`/events?page[size]=100&filter[${filter}`)).not.toContain(undated);
  });

  test('filters leave out the very instants that they name', async () => {
    const { early, late } = made;
    const between = (from: number, to: number) =>
      client.ids(`/events?filter[starts_after]=${at(from)}&filter[starts_before]=${at(to)}`);
    expect(await between(2099, 2102)).toEqual(idsOf(late, early));
    expect(await between(2100, 2102)).toEqual(idsOf(late));
    expect(await between(2100, 2101)).toEqual([]);
    expect(await found('filter[status]=cancelled')).toEqual(idsOf(late));
    expect(await found('filter[status]=scheduled&sort=name')).toEqual(idsOf(made.last, early));
  });

  test('an offset in a filter is understood when its + is encoded, and explained when not', async () => {
    const path = '/events?filter[starts_after]=2100-05-01T12:00:00';
    expect(await client.ids(`${path}%2B02:00`)).not.toContain(made.early.id);
    expect(errorOf(await client.get(`${path}+02:00`)).detail).toContain('%2B');
  });

  test('C7 B19 bring their ticket options along', async () => {
    const option = await client.option({}, made.last.id);
    const answer = await client.get(`/events?filter[starts_after]=${at(2099)}&include=ticket_options`);
    expect(answer.document.included).toEqual([option]);
    const data = itemsOf(answer).map(({ relationships }) => relationships?.['ticket_options']?.data);
    expect(data).toEqual([[], [], [{ type: 'ticket_options', id: option.id }]]);
  });
});

describe('what a list does not know', () => {
  test.each([
    ['/events', 'filter[venue]=x', 'filter[venue]'],
    ['/events', 'filter[status]=paid', 'filter[status]'],
    ['/events', 'filter[starts_after]=tomorrow', 'filter[starts_after]'],
    ['/events', 'sort=venue', 'sort'],
    ['/events', 'sort=name,name', 'sort'],
    ['/events', 'include=event', 'include'],
    ['/ticket_options', 'filter[kind]=vip', 'filter[kind]'],
    ['/ticket_options', 'sort=name', 'sort'],
    ['/ticket_options', 'include=events', 'include'],
    ['/purchases', 'filter[user]=abc', 'filter[user]'],
    ['/purchases', 'filter[users]=x', 'filter[users]'],
    ['/purchases', 'sort=created_at', 'sort'],
    ['/purchases', 'include=user', 'include'],
    ['/purchases', 'include=reservation', 'include'],
    ['/purchases', 'include=tickets', 'include'],
    ['/purchases', 'filter[status]=refunded', 'filter[status]'],
    ['/purchases', 'include=', 'include'],
    ['/reservations', 'filter[status]=over', 'filter[status]'],
    ['/reservations', 'filter[event]=', 'filter[event]'],
    ['/reservations', 'sort=expires_at', 'sort'],
    ['/reservations', 'include=ticket_option', 'include'],
    ['/reservations', 'include=payment', 'include'],
    ['/reservations', 'include=purchases.payment', 'include'],
    ['/reservations', 'filter[payment]=x', 'filter[payment]'],
    ['/reservations', 'page[size]=101', 'page[size]'],
    ['/reservations', 'page[after]=abc', 'page[after]'],
    ['/reservations', 'page[number]=1', 'page[number]'],
  ])('E1 %s?%s is refused', async (path, query, parameter) => {
    const error = errorOf(await client.get(`${path}?${query}`));
    expect(error).toMatchObject({ status: '400', code: 'invalid_parameter', source: { parameter } });
  });
});
