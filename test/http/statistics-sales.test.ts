import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from '../support/app';
import { purchase, toOne } from '../support/builders';
import { stopFolding } from '../support/folding';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { expectWalks, insertEvent, insertSales } from './statistics-steps';
import { dataOf, errorOf, idIn, itemsOf } from './wire';

let app: TestApp;
let client: Client;
let one: string;
let two: string;
beforeAll(async () => {
  app = await startApp();
  stopFolding(app);
  client = new Client(app);
  one = await insertEvent(app);
  two = await insertEvent(app);
});
afterAll(() => app.stop());
const forgetSales = () => app.database.query('TRUNCATE sales, sales_totals, sales_folds');
beforeEach(forgetSales);

const at = (day: string, time = '00:00') => `2030-05-${day}T${time}:00.000Z`;
const MAY = `filter[from]=${at('01')}&filter[to]=${at('31')}`;
const sales = (query: string) => client.get(`/statistics/sales?${query}`);
const point = ({ attributes }: ResourceObject) => Object.values(attributes ?? {});
const points = async (query: string) => itemsOf(await sales(query)).map(point);
const busiest = async (query: string) => (await sales(query)).document.meta?.['busiest'];

describe('what was sold when', () => {
  test('is added up over all events, or told of one', async () => {
    await insertSales(app, [
      { event: one, minutes: 60, at: at('01', '10:00'), sold: 3, cents: 300 },
      { event: two, minutes: 60, at: at('01', '10:00'), sold: 4, cents: 500 },
      { event: two, minutes: 60, at: at('02', '11:00'), sold: 1 },
    ]);
    const answer = await sales(MAY);
    const [first, ...rest] = itemsOf(answer);
    expect({ ...first, meta: undefined }).toEqual({
      type: 'sales_points',
      id: `hour:${at('01', '10:00')}`,
      attributes: { starts_at: at('01', '10:00'), sold: 7, revenue_cents: 800 },
      relationships: { event: { data: null } },
    });
    expect(rest.map(point)).toEqual([[at('02', '11:00'), 1, 0]]);
    expect(answer.document.meta).toEqual({
      busiest: { starts_at: at('01', '10:00'), sold: 7, revenue_cents: 800 },
    });

    const ofOne = await sales(`${MAY}&filter[event]=${one.toUpperCase()}`);
    expect(itemsOf(ofOne)).toMatchObject([
      {
        id: `${one}:hour:${at('01', '10:00')}`,
        attributes: { starts_at: at('01', '10:00'), sold: 3, revenue_cents: 300 },
        relationships: { event: { data: { type: 'events', id: one } } },
      },
    ]);
    expect(ofOne.document.meta).toMatchObject({ busiest: { sold: 3 } });
    expect(await points(`${MAY}&filter[event]=${randomUUID()}`)).toEqual([]);
  });

  test('is told by minutes, hours or days', async () => {
    await insertSales(app, [
      { event: one, minutes: 1, at: at('01', '10:07'), sold: 1 },
      { event: one, minutes: 60, at: at('01', '10:00'), sold: 2 },
      { event: one, minutes: 1440, at: at('01'), sold: 3 },
    ]);
    const day = `filter[from]=${at('01')}&filter[to]=${at('02')}`;
    expect(await points(day)).toEqual([[at('01', '10:00'), 2, 0]]);
    expect(await points(`${day}&filter[interval]=minute`)).toEqual([[at('01', '10:07'), 1, 0]]);
    expect(await points(`${day}&filter[interval]=hour`)).toEqual([[at('01', '10:00'), 2, 0]]);
    expect(await points(`${day}&filter[interval]=day`)).toEqual([[at('01'), 3, 0]]);
    for (const interval of ['minute', 'hour', 'day'])
      for (const event of ['', `${one}:`]) {
        const filter = event === '' ? '' : `&filter[event]=${one}`;
        const [item] = itemsOf(await sales(`${day}&filter[interval]=${interval}${filter}`));
        expect(item?.id).toBe(`${event}${interval}:${String(item?.attributes?.['starts_at'])}`);
      }
  });

  test('leaves out intervals of which everything was refunded', async () => {
    await insertSales(app, [
      { event: one, minutes: 60, at: at('01'), sold: 0 },
      { event: two, minutes: 60, at: at('02'), sold: 0 },
      { event: one, minutes: 60, at: at('02'), sold: 1 },
    ]);
    expect(await points(MAY)).toEqual([[at('02'), 1, 0]]);
    expect(await points(`${MAY}&filter[event]=${two}`)).toEqual([]);
    expect(await busiest(`${MAY}&filter[event]=${two}`)).toBeNull();
  });

  test('is exact beyond what JavaScript counts to', async () => {
    await insertSales(app, [
      { event: one, minutes: 60, at: at('01'), sold: 1, cents: 9_223_372_036_854_775_807n },
      { event: two, minutes: 60, at: at('01'), sold: 1, cents: 9_223_372_036_854_775_807n },
    ]);
    const { text } = await sales(MAY);
    expect(text.split('"revenue_cents":18446744073709551614')).toHaveLength(3);
  });
});

const HOUR_MS = 3_600_000;

/** Plays a scene of the current hour, whose beginning it is given; and once more when that is over before its end. */
async function withinAnHour(scene: (beginMs: number) => Promise<void>): Promise<void> {
  const begin = (): number => Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const beginMs = begin();
  try {
    await scene(beginMs);
  } catch (error) {
    if (begin() === beginMs) throw error;
    await scene(begin());
  }
}

describe('the range', () => {
  const found = async (query: string) => (await points(query)).map(([start]) => start);

  test('begins with the interval that `from` is in, and ends before the one that begins at `to`', async () => {
    await insertSales(app, [
      { event: one, minutes: 60, at: at('01', '09:00'), sold: 1 },
      { event: one, minutes: 60, at: at('01', '10:00'), sold: 1 },
      { event: one, minutes: 60, at: at('01', '11:00'), sold: 1 },
    ]);
    const [nine, ten, eleven] = [at('01', '09:00'), at('01', '10:00'), at('01', '11:00')];
    const between = (from: string, to: string) => found(`filter[from]=${from}&filter[to]=${to}`);
    expect(await between(nine, eleven)).toEqual([nine, ten]);
    expect(await between(at('01', '09:59'), eleven)).toEqual([nine, ten]);
    expect(await between(at('01', '10:59'), at('01', '11:01'))).toEqual([ten, eleven]);
    expect(await between('2030-05-01T12:30:00%2B02:30', eleven)).toEqual([ten]);
    expect(await between(at('01', '11:59'), at('01', '12:00'))).toEqual([eleven]);
    expect(await between(at('01', '12:00'), at('01', '13:00'))).toEqual([]);
  });

  test('is the longest one up to now by default', async () => {
    await withinAnHour(async (beginMs) => {
      await forgetSales();
      const ago = (ms: number) => new Date(beginMs - ms);
      const day = 24 * HOUR_MS;
      const starts = [ago(0), ago(30 * day), ago(31 * day - HOUR_MS), ago(32 * day)];
      await insertSales(
        app,
        starts.map((start) => ({ event: one, minutes: 60, at: start, sold: 1 })),
      );
      const iso = (...dates: readonly (Date | undefined)[]) => dates.map((date) => date?.toISOString());
      const [current, , early, old] = starts;
      expect(await found('')).toEqual(iso(...starts.slice(0, 3).toReversed()));
      expect(await found(`filter[to]=${ago(31 * day).toISOString()}`)).toEqual(iso(old));
      expect(await found(`filter[from]=${ago(30 * day).toISOString()}`)).toEqual(iso(starts[1], current));
      expect(await found(`filter[from]=${early?.toISOString()}`)).toHaveLength(3);
    });
  });

  test.each([
    ['minute', at('01', '12:00'), at('02', '12:00')],
    ['hour', '2030-05-01T00:00:00Z', '2030-06-01T00:00:00Z'],
    ['day', '2028-01-01T00:00:00Z', '2029-01-01T00:00:00Z'],
  ])('is as long as it can be with the interval %s, and no longer', async (interval, from, to) => {
    const range = `filter[interval]=${interval}&filter[to]=${to}&filter[from]=`;
    expect(await points(range + from)).toEqual([]);
    const earlier = new Date(Date.parse(from) - 1).toISOString();
    const error = errorOf(await sales(range + earlier));
    expect(error).toMatchObject({
      code: 'invalid_parameter',
      source: { parameter: 'filter[from]' },
      detail: expect.stringMatching(/no longer than (one|31|366) days?\./) as unknown,
    });
  });

  test.each([
    ['filter[from]', `filter[from]=${at('02')}&filter[to]=${at('01')}`],
    ['filter[from]', `filter[from]=${at('02')}&filter[to]=${at('02')}`],
    ['filter[from]', 'filter[from]=9999-12-31T23:59:59.999Z'],
    ['filter[from]', 'filter[from]=0001-01-01T00:00:00Z'],
    ['filter[from]', `filter[from]=${at('01').slice(0, 10)}`],
    ['filter[from]', 'filter[from]=yesterday'],
    ['filter[from]', 'filter[from]='],
    ['filter[from]', `filter[from]=${at('32')}`],
    ['filter[from]', `filter[from]=${at('01')}&filter[from]=${at('01')}`],
    ['filter[to]', 'filter[to]=now'],
    ['filter[to]', `filter[to]=${at('01')}&filter%5Bto%5D=${at('01')}`],
    ['filter[interval]', 'filter[interval]=week'],
    ['filter[interval]', 'filter[interval]=Hour'],
    ['filter[interval]', 'filter[interval]='],
    ['filter[interval]', 'filter[interval]=60'],
    ['filter[event]', 'filter[event]=gala'],
    ['filter[events]', 'filter[events]=x'],
    ['interval', 'interval=hour'],
    ['sort', 'sort=starts_at'],
    ['sort', 'sort=-sold'],
    ['include', 'include=event'],
    ['page[size]', 'page[size]=101'],
    ['page[after]', 'page[after]=abc'],
  ])('E1 names %s as wrong in ?%s', async (parameter, query) => {
    const error = errorOf(await sales(query));
    expect(error).toMatchObject({ status: '400', code: 'invalid_parameter', source: { parameter } });
  });

  test('can be at either end of all times', async () => {
    expect(await points('filter[to]=0001-01-01T00:00:00Z')).toEqual([]);
    expect(await points('filter[to]=9999-12-31T23:59:59.999Z&filter[interval]=day')).toEqual([]);
    expect(await points('filter[to]=0001-01-02T00:00:00Z&filter[from]=0001-01-01T00:00:00Z')).toEqual([]);
  });
});

describe('pages', () => {
  beforeEach(async () => {
    const days = Array.from({ length: 28 }, (_, n) => String(n + 1).padStart(2, '0'));
    await insertSales(
      app,
      days.flatMap((day, n) => [
        { event: one, minutes: 60 as const, at: at(day, '10:00'), sold: n % 9 },
        { event: two, minutes: 60 as const, at: at(day, '10:00'), sold: 1 },
        { event: two, minutes: 1 as const, at: at('07', `10:${day}`), sold: 2 },
      ]),
    );
  });

  test('C11 I1 I5 have each point once, there and back, in the order of time', async () => {
    const day = `filter[from]=${at('07')}&filter[to]=${at('08')}`;
    for (const [query, count] of [
      [MAY, 28],
      [`${MAY}&filter[event]=${one}`, 24],
      [`${MAY}&filter[event]=${two}`, 28],
      [`${day}&filter[interval]=minute`, 28],
      [`${day}&filter[interval]=minute&filter[event]=${two}`, 28],
    ] as const) {
      const listed = await expectWalks(client, `/statistics/sales?${query}`);
      expect(listed).toHaveLength(count);
      const starts = listed.map(({ attributes }) => String(attributes?.['starts_at']));
      expect(starts).toEqual([...new Set(starts)].toSorted());
    }
  });

  test('all tell the busiest of the whole range, the earliest of equals', async () => {
    const most = { starts_at: at('09', '10:00'), sold: 9, revenue_cents: 0 };
    const [first] = itemsOf(await sales(`${MAY}&page[size]=1`));
    const last = itemsOf(await sales(MAY)).at(-1)?.meta?.page.cursor ?? '';
    for (const page of [
      '',
      '&page[size]=3',
      `&page[after]=${first?.meta?.page.cursor}`,
      `&page[before]=${last}`,
    ])
      expect(await busiest(MAY + page)).toEqual(most);
    const end =
      (await client.list(`/statistics/sales?${MAY}&page[size]=100`)).at(-1)?.meta?.page.cursor ?? '';
    const beyond = await sales(`${MAY}&page[after]=${end}`);
    expect(beyond.document).toMatchObject({ data: [], meta: { busiest: most }, links: { next: null } });
    expect(await busiest(`filter[from]=${at('10')}&filter[to]=${at('31')}`)).toMatchObject({ sold: 9 });
    expect(await busiest(`${MAY}&filter[event]=${two}`)).toMatchObject({
      starts_at: at('01', '10:00'),
      sold: 1,
    });
  });
});

test('a sale, a payment and a refund are seen in the points, the totals and the ranking', async () => {
  const option = await client.option({ allocation: 10, price_cents: 1_250, kind: 'VIP' });
  const event = idIn(option, 'event');
  const reservation = await client.reserve(option.id, 4);
  const payment = {
    data: {
      type: 'payments',
      attributes: { token: 'tok_good' },
      relationships: { reservation: toOne('reservations', reservation.id) },
    },
  };
  const paid = dataOf(await client.post('/payments', payment));
  const free = await client.option({ allocation: 10, kind: 'vip' }, event);
  const bought = dataOf(await client.post('/purchases', purchase({ ticketOption: free.id, quantity: 5 })));
  const figures = async () => (await client.read(`/statistics/events/${event}`)).attributes;
  const soldAt = async (interval: string) => {
    const all = await points(`filter[event]=${event}&filter[interval]=${interval}`);
    const sum = (index: number) => all.reduce((before, values) => before + Number(values[index]), 0);
    return [sum(1), sum(2)];
  };
  expect(await figures()).toMatchObject({ sold: 9, revenue_cents: 5_000, sell_through: 0.45, conversion: 1 });
  for (const interval of ['minute', 'hour', 'day']) expect(await soldAt(interval)).toEqual([9, 5_000]);

  await client.remove(bought.links.self);
  const [purchased] = (paid.relationships?.['purchases']?.data ?? []) as { id: string }[];
  await client.remove(`/purchases/${purchased?.id}`);
  expect(await figures()).toMatchObject({ sold: 0, remaining: 20, revenue_cents: 0, reservations_paid: 1 });
  expect((await client.read(`/statistics/kinds/${event}:vip`)).attributes).toMatchObject({ sold: 0 });
  for (const interval of ['minute', 'hour', 'day']) expect(await soldAt(interval)).toEqual([0, 0]);
});
