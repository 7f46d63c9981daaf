import { randomUUID } from 'node:crypto';
import { newId } from '../../src/ids';
import { startApp, type TestApp } from '../support/app';
import { purchase } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { errorOf, idIn, itemsOf } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(() => app.stop());

type Direction = 'next' | 'prev';

/** Follows the links of a list until there is none. @param between done after each page */
async function walk(first: string, direction: Direction, between?: () => Promise<void>) {
  const pages: ResourceObject[][] = [];
  for (let path: string | null | undefined = first; typeof path === 'string';) {
    const answer = await client.get(path);
    pages.push(itemsOf(answer));
    path = answer.document.links?.[direction];
    if (pages.length > 200) throw new Error('the walk does not end');
    await between?.();
  }
  return pages;
}

const idsOf = (pages: readonly ResourceObject[][]) => pages.flat().map(({ id }) => id);

/** @returns the address of the page that ends before the last item of a list. */
function toTheLast(list: string, last: ResourceObject | undefined): string {
  return `${list}${list.includes('?') ? '&' : '?'}page[before]=${last?.meta?.page.cursor ?? ''}`;
}

/** Inserts events straight into the table, many of which are equal in what lists are sorted by. */
async function insertEvents(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const [name, year, minute] = [Math.random() * 3, Math.random() * 4, Math.random() * 3].map(Math.floor);
    await app.database.query(
      `INSERT INTO events (id, name, starts_at, status, created_at, updated_at)
       VALUES ($1, $2, CASE WHEN $3 = 0 THEN NULL ELSE make_date(2030 + $3, 1, 1) END,
               CASE WHEN random() < 0.5 THEN 'scheduled' ELSE 'cancelled' END, make_timestamptz(2026, 1, 1, 0, $4, 0), now())`,
      [newId(), `name ${name}`, year, minute],
    );
  }
}

describe('walking through events', () => {
  beforeAll(() => insertEvents(60));

  const SORTS = [
    'sort=name',
    'sort=-name',
    'sort=starts_at',
    'sort=-starts_at',
    'sort=created_at',
    'sort=-starts_at,name',
    'sort=starts_at,-name',
    'sort=name,-created_at,starts_at',
    'sort=-name,-starts_at,-created_at',
    'filter[status]=cancelled&sort=-starts_at',
    'filter[starts_before]=2032-06-01T00:00:00Z&sort=name',
    '',
  ];

  test.each(SORTS)('C11 I1 I5 by ?%s finds each once, in the same order there and back', async (query) => {
    const whole = await client.list(`/events?page[size]=100&${query}`);
    expect(whole.length).toBeGreaterThan(10);
    const list = `/events?page[size]=7&${query}`;
    const forwards = await walk(list, 'next');
    expect(idsOf(forwards)).toEqual(whole.map(({ id }) => id));
    for (const page of forwards.slice(0, -1)) expect(page).toHaveLength(7);

    const backwards = await walk(toTheLast(list, whole.at(-1)), 'prev');
    expect(idsOf(backwards.toReversed())).toEqual(whole.slice(0, -1).map(({ id }) => id));
    for (const page of backwards.slice(0, -1)) expect(page).toHaveLength(7);
  });

  test.each(SORTS)('I5 by ?%s misses and repeats none of them while others come and go', async (query) => {
    const before = await client.list(`/events?page[size]=100&${query}`);
    const ids = new Set(before.map(({ id }) => id));
    const added = async (): Promise<void> => {
      await insertEvents(2);
      const { rows } = await app.database.query<{ id: string }>('SELECT id FROM events');
      const [extra] = rows.filter(({ id }) => !ids.has(id));
      await app.database.query('DELETE FROM events WHERE id = $1', [extra?.id]);
    };
    for (const direction of ['next', 'prev'] as const) {
      const list = `/events?page[size]=7&${query}`;
      const start = direction === 'next' ? list : toTheLast(list, before.at(-1));
      const pages = await walk(start, direction, added);
      const seen = idsOf(direction === 'next' ? pages : pages.toReversed());
      expect(new Set(seen).size).toBe(seen.length);
      const expected = direction === 'next' ? before : before.slice(0, -1);
      expect(seen.filter((id) => ids.has(id))).toEqual(expected.map(({ id }) => id));
    }
    await app.database.query('DELETE FROM events WHERE id <> ALL ($1::uuid[])', [[...ids]]);
  });

  test('I5 goes on behind an event that has gone', async () => {
    const [first, second, third] = await client.list('/events?sort=name');
    const path = `/events?sort=name&page[size]=1&page[after]=${second?.meta?.page.cursor ?? ''}`;
    await app.database.query('DELETE FROM events WHERE id = $1', [second?.id]);
    expect(await client.ids(path)).toEqual([third?.id]);
    expect(await client.ids(path.replace('after', 'before'))).toEqual([first?.id]);
  });

  test('I6 the cursor of one order is none of another', async () => {
    const [item] = await client.list('/events?sort=name&page[size]=1');
    const cursor = item?.meta?.page.cursor ?? '';
    for (const path of [
      `/events?sort=-name&page[after]=${cursor}`,
      `/events?page[after]=${cursor}`,
      `/purchases?page[after]=${cursor}`,
    ])
      expect(errorOf(await client.get(path))).toMatchObject({ source: { parameter: 'page[after]' } });
  });
});

describe('walking through what belongs to somebody', () => {
  const user = randomUUID();
  const COUNT = 23;
  let event = '';
  let option = '';
  let add: () => Promise<void>;
  beforeAll(async () => {
    const [one, two] = await client.twoOptions({ allocation: 1_000_000 });
    [event, option] = [idIn(one, 'event'), one.id];
    add = async () => {
      for (const ticketOption of [one.id, two.id]) {
        await client.post('/purchases', purchase({ ticketOption, user, quantity: 1 }));
        await client.reserve(ticketOption, 1, user);
      }
      await client.reserveSeveral(
        [
          [one.id, 1],
          [two.id, 1],
        ],
        user,
      );
      await client.option({}, event);
    };
    for (let n = 0; n < COUNT; n++) await add();
  });

  test.each([
    ['/purchases', () => ''],
    ['/purchases', () => `filter[user]=${user}`],
    ['/purchases', () => `filter[ticket_option]=${option}`],
    ['/purchases', () => `filter[event]=${event}`],
    ['/purchases', () => `filter[event]=${event}&filter[user]=${user}`],
    ['/reservations', () => ''],
    ['/reservations', () => `filter[user]=${user}`],
    ['/reservations', () => `filter[event]=${event}`],
    ['/reservations', () => `filter[status]=active`],
    ['/reservations', () => `filter[user]=${user}&filter[status]=active`],
    ['/reservations', () => `filter[event]=${event}&filter[status]=active`],
    ['/reservations', () => `filter[event]=${event}&filter[user]=${user}&filter[status]=active`],
    ['/ticket_options', () => ''],
    ['/ticket_options', () => 'include=event'],
    ['/events/:id/ticket_options', () => ''],
    ['/events/:id/ticket_options', () => 'filter[on_sale]=true'],
  ])('C11 I5 %s: each once, there and back, while others come', async (path, query) => {
    const list = `${path.replace(':id', event)}?page[size]=5&${query()}`;
    const before = (await walk(list, 'next')).flat();
    expect(before.length).toBeGreaterThanOrEqual(COUNT);
    expect(new Set(before.map(({ id }) => id)).size).toBe(before.length);
    expect(before.map(({ id }) => id)).toEqual(before.map(({ id }) => id).sort());

    let rounds = 0;
    const few = async (): Promise<void> => {
      if (rounds++ < 3) await add();
    };
    const forwards = idsOf(await walk(list, 'next', few));
    expect(forwards.slice(0, before.length)).toEqual(before.map(({ id }) => id));
    expect(forwards.length).toBeGreaterThan(before.length);
    const backwards = await walk(toTheLast(list, before.at(-1)), 'prev', few);
    expect(idsOf(backwards.toReversed())).toEqual(before.slice(0, -1).map(({ id }) => id));
  });

  test('I4 I9 pages have 20 items unless another size is asked for', async () => {
    const { document } = await client.get(`/reservations?filter[user]=${user}`);
    expect(document.data).toHaveLength(20);
    expect(document.links).toMatchObject({ prev: null, next: expect.any(String) as unknown });
    const all = await client.get(`/reservations?filter[user]=${randomUUID()}`);
    expect(all.document.links).toMatchObject({ prev: null, next: null });
  });

  test('B17 every page leads to itself', async () => {
    for (const [path, count] of [
      [`/purchases?filter[user]=${user}&page[size]=3`, 3],
      [`/events/${event}/ticket_options?page[size]=2&fields[ticket_options]=name`, 2],
    ] as const) {
      const { document } = await client.get(path);
      const next = await client.get(document.links?.next ?? '');
      expect(itemsOf(next)).toHaveLength(count);
      expect((await client.get(next.document.links?.self ?? '')).text).toBe(next.text);
    }
  });
});
