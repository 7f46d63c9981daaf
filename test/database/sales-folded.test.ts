import { audit } from '../../src/allocation/audit';
import { type Folded, FoldRepository } from '../../src/statistics/fold.repository';
import { type Interval, rangeOf } from '../../src/statistics/sales-range';
import { SalesRepository } from '../../src/statistics/sales.repository';
import { startApp, type TestApp } from '../support/app';
import { antedate, buyMany, purchasesOf, stopFolding, type Sums, sumsOf } from '../support/folding';
import { Shop } from '../support/shop';

/** What readers are told is the same before, while and after it is folded. */
const LENGTHS: readonly (readonly [Interval, number, number])[] = [
  ['minute', 1, 1],
  ['hour', 60, 31],
  ['day', 1440, 366],
];
const DAY_MS = 86_400_000;

let app: TestApp;
let shop: Shop;
let folds: FoldRepository;
let sales: SalesRepository;
let purchases: string[];

beforeAll(async () => {
  app = await startApp();
  stopFolding(app);
  folds = app.nest.get(FoldRepository);
  sales = app.nest.get(SalesRepository);
  shop = new Shop(app.url);
  await buyMany(shop, 400);
  purchases = await purchasesOf(app.database);
  expect(purchases).toHaveLength(400);
  await antedate(app.database);
}, 180_000);
afterAll(async () => {
  shop.close();
  await app.stop();
});

/** Expects that readers are told what the events' rows add up to, in ranges that begin and end somewhere. */
async function expectSums(interval: Interval, sums: Sums, longestDays: number): Promise<void> {
  for (const back of [0, 0.3, 7, 40]) {
    const to = new Date(Date.now() - back * DAY_MS + 60_000);
    const from = new Date(to.getTime() - longestDays * DAY_MS * Math.random() - 1);
    const range = rangeOf({ interval, from, to });
    const inRange = [...sums].filter(([at]) => at >= range.from.getTime() && at < to.getTime());
    const [busiest] = inRange.toSorted(([, [a]], [, [b]]) => Number(b) - Number(a));
    for (const size of [2_000, 3]) {
      const page = await sales.list(range, { size });
      const points = page.items.map(({ startsAt, sold, revenueCents }) => [
        startsAt.getTime(),
        [String(sold), String(revenueCents)],
      ]);
      expect(points).toEqual(inRange.slice(0, size));
      expect(page.hasMore).toBe(inRange.length > size);
      expect(page.busiest?.startsAt.getTime()).toBe(busiest?.[0]);
    }
  }
}

test('before, while and after it is folded, and amid refunds', async () => {
  for (const [interval, minutes, days] of LENGTHS) {
    for (let folded: Folded = 'more'; folded !== 'done';) {
      const sums = await sumsOf(app.database, minutes);
      expect(sums.size).toBeGreaterThan(20);
      // What is read at the same time is that of before or after, which is the same.
      const reading = expectSums(interval, sums, days);
      folded = await folds.fold(minutes);
      await reading;
      const back = purchases.splice(0, 1).map((id) => shop.refund(id));
      for (const { status } of await Promise.all(back)) expect(status).toBe(204);
    }
    expect(await audit(app.database)).toEqual([]);
    await expectSums(interval, await sumsOf(app.database, minutes), days);
  }
  const { rows } = await app.database.query('SELECT FROM sales_totals WHERE minutes = 1');
  expect(rows.length).toBeGreaterThan(200);
}, 180_000);

test('the audit finds totals that are wrong, missing, or of what is not folded', async () => {
  const sentences = async () => (await audit(app.database)).map(({ sentence }) => sentence);
  for (const [text, wrongs] of [
    [
      'UPDATE sales_totals SET sold = sold + 1 WHERE minutes = 1440 AND starts_at < now()',
      /1440 minutes from/,
    ],
    ['DELETE FROM sales_totals WHERE minutes = 60', /in 60 minutes from .* added up are 0 for 0/],
    [`INSERT INTO sales_totals VALUES (60, '2031-01-01T00:00Z', 0, 0)`, /60 minutes from 2031-01-01/],
    [
      `INSERT INTO sales_totals VALUES (1, '2001-01-01T00:00Z', 2, 0)`,
      /1 minutes from 2001-01-01.*, 0 were sold for 0 cents, but added up are 2 for 0/,
    ],
  ] as const) {
    await app.database.query(text);
    const told = await sentences();
    expect(told.length).toBeGreaterThan(0);
    expect(told.join()).toMatch(wrongs);
    await app.database.query('TRUNCATE sales_totals, sales_folds');
    for (const [, minutes] of LENGTHS) while ((await folds.fold(minutes)) !== 'done');
    expect(await sentences()).toEqual([]);
  }
});
