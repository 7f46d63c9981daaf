import { randomUUID } from 'node:crypto';
import { newId } from '../../src/ids';
import { startApp, type TestApp } from '../support/app';
import { purchase } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client, runOut } from './client';
import { expectWalks, insertEvent } from './statistics-steps';
import { errorOf, idIn, itemsOf } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '0' } });
  client = new Client(app);
});
afterAll(() => app.stop());

const NOTHING = {
  allocation: 0,
  remaining: 0,
  reserved: 0,
  sold: 0,
  sell_through: 0,
  revenue_cents: 0,
  reservations_created: 0,
  reservations_paid: 0,
  reservations_cancelled: 0,
  reservations_expired: 0,
  conversion: 0,
};

const totals = async () => (await client.read('/statistics/totals')).attributes;
const figuresOf = async (event: string) => (await client.read(`/statistics/events/${event}`)).attributes;
const buy = (option: ResourceObject, quantity: number) =>
  client.post('/purchases', purchase({ ticketOption: option.id, quantity }));

/** By the tables: everything from the start. */
async function clear(): Promise<void> {
  await app.database.query(
    'TRUNCATE holds, reservations, purchases, user_counts, ticket_options, event_counts, sales, sales_totals, sales_folds, events CASCADE',
  );
}

describe('where nothing was ever sold', () => {
  test('every figure is 0, and every list is empty', async () => {
    expect(await client.read('/statistics/totals')).toEqual({
      type: 'statistics_totals',
      id: 'totals',
      attributes: { ...NOTHING, events: 0 },
      links: { self: '/statistics/totals' },
    });
    expect(await client.list('/statistics/events?sort=-sell_through')).toEqual([]);
    expect(await client.list('/statistics/kinds')).toEqual([]);
    const { document } = await client.get('/statistics/sales');
    expect(document).toMatchObject({ data: [], meta: { busiest: null } });
    expect(document.links).toMatchObject({ prev: null, next: null });
  });

  test('an event without tickets has shares of 0', async () => {
    const { id } = await client.event();
    expect(await client.read(`/statistics/events/${id}`)).toEqual({
      type: 'event_statistics',
      id,
      attributes: NOTHING,
      relationships: { event: { data: { type: 'events', id } } },
      links: { self: `/statistics/events/${id}` },
    });
    expect(await totals()).toEqual({ ...NOTHING, events: 1 });
  });
});

describe('the figures', () => {
  beforeEach(clear);

  test('follow what is bought, reserved and cancelled, of the event and over all', async () => {
    const [one, two] = await client.twoOptions({ allocation: 50 });
    const other = await client.option({ allocation: 100 });
    await buy(one, 20);
    await buy(other, 30);
    await client.reserve(one.id, 3);
    await client.reserveSeveral([
      [one.id, 1],
      [two.id, 2],
    ]);
    await client.remove((await client.reserve(two.id, 4)).links.self);
    const event = { ...NOTHING, reservations_created: 3, reservations_cancelled: 1 };
    const of = { allocation: 100, remaining: 74, reserved: 6, sold: 20, sell_through: 0.2 };
    expect(await figuresOf(idIn(one, 'event'))).toEqual({ ...event, ...of });
    expect(await totals()).toEqual({
      ...event,
      ...{ allocation: 200, remaining: 144, reserved: 6, sold: 50, sell_through: 0.25, events: 2 },
    });
  });

  test('count what is over as given back, before it is and after', async () => {
    const [one, two] = await client.twoOptions({ allocation: 10, kind: 'VIP' });
    const event = idIn(one, 'event');
    const both = [
      [one.id, 4],
      [two.id, 3],
    ] as const;
    await runOut(app, await client.reserveSeveral(both));
    await runOut(app, await client.reserve(one.id, 2));
    await client.reserve(two.id, 5);
    const figures = {
      ...NOTHING,
      ...{ allocation: 20, remaining: 15, reserved: 5, reservations_created: 3, reservations_expired: 2 },
    };
    const expectFigures = async (sold: number) => {
      const expected = { ...figures, sold, sell_through: sold / 20, remaining: 15 - sold };
      expect(await figuresOf(event)).toEqual(expected);
      expect(await totals()).toEqual({ ...expected, events: 1 });
      expect((await client.list('/statistics/events?sort=-sold'))[0]?.attributes).toEqual(expected);
      const { remaining, reserved, allocation } = expected;
      const ofKind = { kind: 'VIP', allocation, remaining, reserved, sold, revenue_cents: 0 };
      for (const path of ['/statistics/kinds', `/statistics/kinds?filter[event]=${event}`])
        expect((await client.list(path)).map(({ attributes }) => attributes)).toEqual([ofKind]);
      for (const path of ['vip', `${event}:vip`])
        expect((await client.read(`/statistics/kinds/${path}`)).attributes).toEqual(ofKind);
    };
    await expectFigures(0);
    await buy(one, 10); // for which everything that is over has to be given back
    const { rows } = await app.database.query('SELECT FROM holds WHERE expires_at <= now()');
    expect(rows).toEqual([]);
    await expectFigures(10);
  });

  test('do not count what is being paid as over', async () => {
    const option = await client.option({ allocation: 10 });
    const reservation = await client.reserve(option.id, 4);
    await app.database.query(`UPDATE holds SET expires_at = 'infinity' WHERE reservation_id = $1`, [
      reservation.id,
    ]);
    expect(await figuresOf(idIn(option, 'event'))).toMatchObject({ reserved: 4, reservations_expired: 0 });
    expect(await totals()).toMatchObject({ reserved: 4, reservations_expired: 0 });
  });

  test('are exact beyond what JavaScript counts to', async () => {
    const large = 9_007_199_254_740_993n;
    const id = await insertEvent(app, { allocation: large, sold: large, revenue_cents: large });
    await insertEvent(app, { revenue_cents: 9_223_372_036_854_775_807n });
    expect((await client.get(`/statistics/events/${id}`)).text).toContain(`"revenue_cents":${large}`);
    expect(await figuresOf(id)).toMatchObject({ sell_through: 1, remaining: 0 });
    const sum = (await client.get('/statistics/totals')).text;
    expect(sum).toContain(`"revenue_cents":${large + 9_223_372_036_854_775_807n}`);
    const [first] = await client.list('/statistics/events?sort=-revenue_cents&page[size]=1');
    const next = `/statistics/events?sort=-revenue_cents&page[after]=${first?.meta?.page.cursor}`;
    expect(await client.ids(next)).toEqual([id]);
  });

  test('say how many of the reservations were paid', async () => {
    const id = await insertEvent(app, { reservations_created: 3, reservations_paid: 1 });
    await insertEvent(app, { reservations_created: 5, reservations_paid: 5 });
    expect((await figuresOf(id))?.['conversion']).toBe(1 / 3);
    expect((await totals())?.['conversion']).toBe(0.75);
  });
});

describe('the ranking', () => {
  type Figures = Record<'sell_through' | 'revenue_cents' | 'sold', number>;
  beforeAll(async () => {
    await clear();
    const few = (values: readonly number[]): number => values[Math.floor(Math.random() * values.length)] ?? 0;
    for (let n = 0; n < 40; n++) {
      const [allocation, share] = [few([0, 3, 30, 300]), few([0, 1 / 3, 1])];
      const sold = Math.round(allocation * share);
      await insertEvent(app, { allocation, sold, revenue_cents: few([0, 5, sold * 7]) });
    }
  });

  const SORTS = [
    ...['', 'sell_through', '-sell_through', 'revenue_cents', '-revenue_cents', 'sold', '-sold'],
    ...[
      '-sell_through,-revenue_cents,-sold',
      '-sell_through,sold',
      'sold,-revenue_cents',
      'revenue_cents,sold',
    ],
  ];

  test.each(SORTS)(
    'C11 I1 I5 by "%s" has each event once, in the same order there and back',
    async (sort) => {
      const ranked = await expectWalks(client, `/statistics/events${sort === '' ? '' : `?sort=${sort}`}`);
      expect(ranked).toHaveLength(40);
      const before = (a: ResourceObject, b: ResourceObject): number => {
        for (const key of sort.split(',').filter((name) => name !== '')) {
          const name = key.replace('-', '') as keyof Figures;
          const difference = (a.attributes as Figures)[name] - (b.attributes as Figures)[name];
          if (difference !== 0) return key.startsWith('-') ? -difference : difference;
        }
        return a.id < b.id ? -1 : 1;
      };
      expect(ranked.map(({ id }) => id)).toEqual(ranked.toSorted(before).map(({ id }) => id));
    },
  );

  test('shows each as it is shown by itself', async () => {
    for (const { meta, ...ranked } of await client.list('/statistics/events?sort=-sold&page[size]=5')) {
      expect(meta?.page.cursor).not.toBe('');
      expect(await client.read(ranked.links.self)).toEqual(ranked);
    }
  });

  test('C7 brings the events along, also for one', async () => {
    const answer = await client.get('/statistics/events?sort=-sold&include=event&page[size]=4');
    const ids = itemsOf(answer).map(({ id }) => id);
    const included = answer.document.included?.map(({ type, id }) => `${type} ${id}`);
    expect(included?.toSorted()).toEqual(ids.map((id) => `events ${id}`).toSorted());

    const path = `/statistics/events/${ids[0]}?include=event&fields[events]=name&fields[event_statistics]=sold,event`;
    const one = await client.get(path);
    expect(one.document.included).toMatchObject([{ id: ids[0], attributes: { name: 'Counted' } }]);
    expect(Object.keys((one.document.data as ResourceObject).attributes ?? {})).toEqual(['sold']);
  });

  test('I6 the cursor of one order is none of another', async () => {
    const [item] = await client.list('/statistics/events?sort=-sold&page[size]=1');
    const cursor = item?.meta?.page.cursor ?? '';
    for (const path of ['events?', 'events?sort=sold&', 'events?sort=-sell_through&', 'kinds?', 'sales?'])
      expect(errorOf(await client.get(`/statistics/${path}page[after]=${cursor}`))).toMatchObject({
        code: 'invalid_parameter',
        source: { parameter: 'page[after]' },
      });
  });
});

describe('what there is not', () => {
  test.each([
    ['an event', () => `/statistics/events/${newId()}`],
    ['an id of another form', () => '/statistics/events/totals'],
    ['an id with a NUL', () => '/statistics/events/%00'],
    ['another statistic', () => '/statistics/users'],
    ['the statistics as such', () => '/statistics'],
    ['something below the totals', () => '/statistics/totals/events'],
    ['a sales point', () => `/statistics/sales/hour:2027-06-01T18:00:00.000Z`],
    ['a kind', () => '/statistics/kinds/none'],
    ['a kind of an unknown event', () => `/statistics/kinds/${randomUUID()}:vip`],
  ])('%s is not found', async (_, path) => {
    expect(errorOf(await client.get(path()))).toMatchObject({ status: '404', code: 'not_found' });
  });

  test('nothing is written here', async () => {
    for (const path of ['totals', 'events', 'kinds', 'sales'])
      expect((await client.post(`/statistics/${path}`, {})).status).toBe(405);
    expect((await client.remove('/statistics/totals')).headers.allow).toMatch(/GET/);
  });

  test.each([
    ['totals', 'sort=sold', 'sort'],
    ['totals', 'include=event', 'include'],
    ['totals', 'filter[event]=x', 'filter[event]'],
    ['totals', 'fields[statistics_totals]=price', 'fields[statistics_totals]'],
    ['events', 'sort=conversion', 'sort'],
    ['events', 'sort=-sold,sold', 'sort'],
    ['events', 'sort=-', 'sort'],
    ['events', 'filter[event]=x', 'filter[event]'],
    ['events', 'include=events', 'include'],
    ['events', 'page[size]=0', 'page[size]'],
    ['events', 'sort=sold&sort=sold', 'sort'],
    ['kinds', 'filter[event]=x', 'filter[event]'],
    ['kinds', 'filter[kind]=vip', 'filter[kind]'],
    ['kinds', 'sort=sold', 'sort'],
    ['kinds/vip', 'filter[event]=x', 'filter[event]'],
    ['kinds', 'include=event', 'include'],
    ['kinds', 'page[after]=abc', 'page[after]'],
  ])('E1 /statistics/%s?%s is refused', async (path, query, parameter) => {
    const error = errorOf(await client.get(`/statistics/${path}?${query}`));
    expect(error).toMatchObject({ status: '400', code: 'invalid_parameter', source: { parameter } });
  });
});
