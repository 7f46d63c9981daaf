import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { FOLD_LOCK } from '../../src/allocation/write-totals';
import { DatabaseService } from '../../src/database/database.service';
import { FoldRepository, tryFoldLock } from '../../src/statistics/fold.repository';
import { FoldService } from '../../src/statistics/fold.service';
import { rangeOf } from '../../src/statistics/sales-range';
import { SalesRepository } from '../../src/statistics/sales.repository';
import { listen, startApp, type TestApp } from '../support/app';
import { sellEach, stopFolding, sumsOf } from '../support/folding';
import { until } from '../support/paying';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let app: TestApp;
let repository: FoldRepository;
let service: FoldService;
beforeAll(async () => {
  app = await startApp();
  stopFolding(app);
  repository = app.nest.get(FoldRepository);
  service = app.nest.get(FoldService);
});
afterAll(() => app.stop());
beforeEach(async () => {
  await app.database.query('TRUNCATE sales, sales_totals, sales_folds');
});

/** @returns how far a length is folded, and how many rows of totals it has. */
async function folded(minutes: number): Promise<[Date | undefined, number]> {
  const folds = await app.database.query<{ until: Date }>(
    'SELECT until FROM sales_folds WHERE minutes = $1',
    [minutes],
  );
  const totals = await app.database.query('SELECT FROM sales_totals WHERE minutes = $1', [minutes]);
  return [folds.rows[0]?.until, totals.rows.length];
}

/** @returns the instants of the totals that are not what the events' rows add up to. */
async function wrong(minutes: number): Promise<number[]> {
  const { rows } = await app.database.query<{ starts_at: Date; sold: string; revenue_cents: string }>(
    'SELECT starts_at, sold, revenue_cents FROM sales_totals WHERE minutes = $1',
    [minutes],
  );
  const sums = await sumsOf(app.database, minutes);
  return rows
    .map(({ starts_at, sold, revenue_cents }) => [starts_at.getTime(), `${sold},${revenue_cents}`] as const)
    .filter(([at, told]) => told !== String(sums.get(at)))
    .map(([at]) => at);
}

test('catches up in chunks, and leaves what was over for less than five minutes', async () => {
  const events = [randomUUID(), randomUUID()];
  const now = new Date();
  for (const event of events) await sellEach(app.database, event, 1, 1_000, now);
  const steps: [string, number][] = [];
  for (let result = 'more'; result === 'more';) {
    result = await repository.fold(1);
    const [, count] = await folded(1);
    steps.push([result, count]);
  }
  const [end, count] = await folded(1);
  expect(steps).toEqual([
    ['more', 360],
    ['more', 720],
    ['done', count],
  ]);
  // The first of the intervals that are left ended four to five minutes ago, or is about to have ended five ago.
  const age = Date.now() - Number(end);
  expect(age).toBeGreaterThanOrEqual(5 * MINUTE_MS);
  expect(age).toBeLessThan(6 * MINUTE_MS + 5_000);
  expect(count).toBe(
    1_000 - 1 - (Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS - Number(end)) / MINUTE_MS,
  );
  expect(await wrong(1)).toEqual([]);
});

test('goes over times in which nothing was sold, and begins with the first row', async () => {
  const now = Date.now();
  for (const years of [30, 20, 10, 1])
    await sellEach(app.database, randomUUID(), 60, 1, new Date(now - years * 365 * DAY_MS));
  for (let step = 1; step <= 3; step += 1) expect([await repository.fold(60), step]).toEqual(['more', step]);
  await service.fold();
  expect((await folded(60))[1]).toBe(4);
  expect(await wrong(60)).toEqual([]);
});

test('takes nothing that is not over, of any length, nor what is to come', async () => {
  const now = Date.now();
  for (const minutes of [1, 60, 1440])
    await sellEach(app.database, randomUUID(), minutes, 30, new Date(now + 10 * minutes * MINUTE_MS));
  await service.fold();
  for (const minutes of [1, 60, 1440]) {
    const lengthMs = minutes * MINUTE_MS;
    const [end, count] = await folded(minutes);
    const mayBe = [5 * MINUTE_MS, 5 * MINUTE_MS - 5_000].map(
      (ago) => Math.floor((now - ago) / lengthMs) * lengthMs,
    );
    expect(mayBe).toContain(Number(end));
    expect(count).toBe(19 - (Math.floor(now / lengthMs) * lengthMs - Number(end)) / lengthMs);
    expect(await wrong(minutes)).toEqual([]);
  }
});

test('adds up to more than one row can hold', async () => {
  const most = '9223372036854775807';
  for (let event = 0; event < 2; event += 1)
    await app.database.query(
      `INSERT INTO sales (minutes, starts_at, event_id, sold, revenue_cents) VALUES (60, '2020-01-01Z', $1, 1, $2)`,
      [randomUUID(), most],
    );
  await service.fold();
  expect(await wrong(60)).toEqual([]);
  const range = rangeOf({ from: new Date('2020-01-01'), to: new Date('2020-01-02') });
  const { items } = await app.nest.get(SalesRepository).list(range, { size: 10 });
  expect(items.map(({ revenueCents }) => revenueCents)).toEqual([2n * BigInt(most)]);
});

test('waits for no refund: it is busy, and stays away in the end', async () => {
  await sellEach(app.database, randomUUID(), 60, 10, new Date(Date.now() - DAY_MS));
  await app.database.query('BEGIN');
  await app.database.query(`SELECT pg_advisory_xact_lock_shared(${FOLD_LOCK})`);
  expect(await repository.fold(60)).toBe('busy');
  await service.fold();
  await app.database.query('COMMIT');
  expect(await folded(60)).toEqual([undefined, 0]);
  await service.fold();
  expect((await folded(60))[1]).toBe(10);
});

test('takes nothing that is younger than a transaction which has written and is not at its end', async () => {
  const writer = new Client({ connectionString: app.databaseUrl });
  await writer.connect();
  /** How long ago the last interval may have ended, in milliseconds, if nothing is required. */
  const ageOf = async (): Promise<number> => {
    const { rows } = await app.database.query<{ age: number }>(
      `SELECT extract(epoch FROM clock_timestamp() - over_until)::float8 * 1000 AS age
         FROM (${tryFoldLock.text}) AS tried`,
      [0],
    );
    return rows[0]?.age ?? NaN;
  };
  await writer.query('BEGIN');
  await writer.query('SELECT FROM sales');
  await pause(200);
  expect(await ageOf()).toBeLessThan(200);
  await sellEach(writer, randomUUID(), 1, 1, new Date());
  expect(await ageOf()).toBeGreaterThanOrEqual(200);
  await writer.query('ROLLBACK');
  expect(await ageOf()).toBeLessThan(200);
  await writer.end();
});

test('tells of a trouble once, and goes on when it is over', async () => {
  const error = jest.spyOn(app.logger, 'error').mockReturnValue(undefined);
  await sellEach(app.database, randomUUID(), 1440, 10, new Date(Date.now() - 9 * DAY_MS));
  await app.database.query('ALTER TABLE sales_folds RENAME TO elsewhere');
  await service.fold();
  await service.fold();
  expect(error).toHaveBeenCalledTimes(1);
  await app.database.query('ALTER TABLE elsewhere RENAME TO sales_folds');
  await service.fold();
  expect((await folded(1440))[1]).toBe(10);
  expect(error).toHaveBeenCalledTimes(1);
  error.mockRestore();
});

test('begins soon after the start, without being asked', async () => {
  const another = await startApp({
    prepare: (database) => sellEach(database, randomUUID(), 1440, 800, new Date()),
  });
  const count = async () => (await another.database.query('SELECT FROM sales_totals')).rows.length;
  await until(async () => (await count()) >= 798, 'everything is folded');
  await another.stop();
});

test('several instances at once add up each interval once', async () => {
  const other = await listen(app.databaseUrl, {});
  try {
    for (let event = 0; event < 5; event += 1)
      await sellEach(app.database, randomUUID(), 1, 3_000, new Date(Date.now() - HOUR_MS));
    const foldAll = async (each: FoldRepository) => {
      const results: string[] = [];
      while (results.at(-1) !== 'done') results.push(await each.fold(1));
      return results;
    };
    await other.nest.get(FoldService).fold(); // its database is not open yet, which is no error
    expect(await folded(1)).toEqual([undefined, 0]);
    await other.nest.get(DatabaseService).start();
    const results = await Promise.all([repository, repository, other.nest.get(FoldRepository)].map(foldAll));
    expect(results.flat().filter((result) => result === 'more').length).toBeGreaterThanOrEqual(8);
    expect((await folded(1))[1]).toBe(3_000);
    expect(await wrong(1)).toEqual([]);
  } finally {
    await other.nest.close();
  }
});
