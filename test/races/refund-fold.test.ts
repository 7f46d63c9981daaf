import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { audit } from '../../src/allocation/audit';
import { shareFoldLock, takeFromTotalsOf } from '../../src/allocation/write-totals';
import { foldChunk, FoldRepository, tryFoldLock } from '../../src/statistics/fold.repository';
import { startApp, type TestApp } from '../support/app';
import { antedate, buyMany, purchasesOf, sellEach, stopFolding, sumsOf } from '../support/folding';
import { notHeldUp } from '../support/held-up';
import { Shop } from '../support/shop';

/** What is refunded and what is added up over all events, at the same time. */
const ROUNDS = 60;
const INTERVAL = new Date('2026-01-01T10:00:00Z');
const EVENT = randomUUID();

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startApp();
  stopFolding(app);
  shop = new Shop(app.url);
});
afterAll(async () => {
  shop.close();
  await app.stop();
});
beforeEach(async () => {
  await app.database.query('TRUNCATE sales, sales_totals, sales_folds');
});

/** A moment in which the other may come first. */
const moment = () => pause(Math.random() * 6);

async function refund(client: Client, locks: boolean): Promise<void> {
  await client.query('BEGIN');
  await moment();
  await client.query(
    'UPDATE sales SET sold = sold - 1, revenue_cents = revenue_cents - 100 WHERE minutes = 60',
  );
  if (locks) await client.query(shareFoldLock.text);
  await client.query(takeFromTotalsOf.text, [`{${INTERVAL.toISOString()}}`, '{1}', '{100}']);
  await moment();
  await client.query('COMMIT');
}

async function fold(client: Client, locks: boolean): Promise<void> {
  await moment();
  await client.query('BEGIN');
  const { rows } = await client.query<{ locked: boolean }>(tryFoldLock.text, [0]);
  if (rows[0]?.locked === true || !locks) {
    await client.query(foldChunk.text, [60, new Date(INTERVAL.getTime() + 3_600_000), 10]);
    await moment();
  }
  await client.query('COMMIT');
}

/** @returns in how many rounds the totals were wrong afterwards, and in how many they were there. */
async function race(locks: boolean): Promise<{ wrong: number; folded: number }> {
  const clients = [1, 2].map(() => new Client({ connectionString: app.databaseUrl }));
  await Promise.all(clients.map((client) => client.connect()));
  const [refunder = app.database, folder = app.database] = clients;
  const seen = { wrong: 0, folded: 0 };
  for (let round = 1; round <= ROUNDS; round += 1) {
    await app.database.query('TRUNCATE sales, sales_totals, sales_folds');
    await sellEach(app.database, EVENT, 60, 1, INTERVAL);
    await app.database.query('UPDATE sales SET sold = 7, revenue_cents = 700');
    await Promise.all([refund(refunder, locks), fold(folder, locks)]);
    const { rows } = await app.database.query<{ sold: string }>('SELECT sold FROM sales_totals');
    seen.folded += rows.length;
    if (rows.some(({ sold }) => sold !== '6')) seen.wrong += 1;
  }
  await Promise.all(clients.map((client) => client.end()));
  return seen;
}

test('a refund is taken from the totals, whichever of the two comes first', async () => {
  const { wrong, folded } = await race(true);
  expect(wrong).toBe(0);
  expect(folded).toBeGreaterThan(ROUNDS / 10);
  expect(folded).toBeLessThan(ROUNDS); // the other times it was busy
});

test('without the lock, refunds get lost', async () => {
  expect((await race(false)).wrong).toBeGreaterThan(0);
});

/** Refunds most of many purchases, and adds up meanwhile. */
async function refundAmidFolds() {
  const repository = app.nest.get(FoldRepository);
  await buyMany(shop, 120);
  const ids = await purchasesOf(app.database);
  await antedate(app.database);
  const progress = { refunds: true };
  const refunds = Promise.all(
    ids
      .filter((_, n) => n % 4 > 0)
      .map(async (id) => {
        await pause(Math.random() * 400);
        return shop.refund(id);
      }),
  ).finally(() => (progress.refunds = false));
  const results: string[] = [];
  while (progress.refunds) for (const minutes of [1, 60, 1440]) results.push(await repository.fold(minutes));
  return { answers: await refunds, results, differences: await audit(app.database) };
}

test('of many refunds of the service amid folds, none gets lost', async () => {
  for (let round = 1; round <= 5; round += 1) {
    const { answers, results, differences } = await notHeldUp(refundAmidFolds, (result) =>
      result.answers.filter(({ status }) => status !== 204),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect(results).toContain('more');
    expect(differences).toEqual([]);
    expect((await sumsOf(app.database, 1440)).size).toBeGreaterThan(10);
  }
}, 60_000);
