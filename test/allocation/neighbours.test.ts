import { Client } from 'pg';
import { newId } from '../../src/ids';
import { startApp, type TestApp } from '../support/app';
import { Shop } from '../support/shop';
import { insertEvent } from '../support/stock';

/** Somebody holds locks; whoever does not need those rows must not notice. */
let app: TestApp;
let shop: Shop;
let holder: Client;
const offers: string[] = [];

beforeAll(async () => {
  app = await startApp();
  shop = new Shop(app.url);
  for (let n = 0; n < 12; n += 1) offers.push(await shop.offer({ allocation: 1_000_000 }));
});
beforeEach(async () => {
  holder = new Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('BEGIN');
});
afterEach(async () => {
  await holder.end();
});
afterAll(async () => {
  shop.close();
  await app.stop();
});

/** Buys one after the other for a second. @returns what came back and the longest wait */
async function sales(option: string): Promise<{ statuses: Set<number>; sold: number; longestMs: number }> {
  const statuses = new Set<number>();
  let sold = 0;
  let longestMs = 0;
  for (const began = performance.now(); performance.now() - began < 1_000;) {
    const from = performance.now();
    const { status } = await shop.buy(option, 1);
    longestMs = Math.max(longestMs, performance.now() - from);
    statuses.add(status);
    if (status === 201) sold += 1;
  }
  return { statuses, sold, longestMs };
}

test('a locked option does not stop the sales of other events', async () => {
  const [locked = '', ...others] = offers;
  await holder.query('SELECT 1 FROM ticket_options WHERE id = $1 FOR UPDATE', [locked]);
  const stuck = Promise.all(Array.from({ length: 8 }, () => shop.buy(locked, 1)));
  const results = await Promise.all(others.map(sales));
  for (const { statuses, sold, longestMs } of results) {
    expect(statuses).toEqual(new Set([201]));
    // Behind the lock it would be none: whoever waits for it does so for two seconds.
    expect(sold).toBeGreaterThan(2);
    expect(longestMs).toBeLessThan(1_000);
  }
  expect(new Set((await stuck).map(({ status }) => status))).toEqual(new Set([503]));
});

test('creating options for a locked event does not stop sales, and readiness stays true', async () => {
  const event = await insertEvent(app.database);
  await holder.query('SELECT 1 FROM events WHERE id = $1 FOR UPDATE', [event]);
  const stuck = Array.from({ length: 40 }, () => shop.offer({ allocation: 1 }, event).catch(String));
  const { statuses, sold } = await sales(offers[0] ?? '');
  expect(statuses).toEqual(new Set([201]));
  expect(sold).toBeGreaterThan(10);
  expect((await shop.get('/health/ready')).status).toBe(200);
  await Promise.all(stuck);
});

test('reads of a locked table are refused in time, all of them', async () => {
  await holder.query('LOCK TABLE ticket_options IN ACCESS EXCLUSIVE MODE');
  const began = performance.now();
  const reads = offers.flatMap((id) => Array.from({ length: 10 }, () => shop.get(`/ticket_options/${id}`)));
  const unknown = Array.from({ length: 30 }, () => shop.buy(newId(), 1));
  const answers = await Promise.all([...reads, ...unknown]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  expect(performance.now() - began).toBeLessThan(8_000);
  await holder.query('ROLLBACK');
  expect((await shop.get(`/ticket_options/${offers[0] ?? ''}`)).status).toBe(200);
});
