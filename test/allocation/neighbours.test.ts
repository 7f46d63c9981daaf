import { Client } from 'pg';
import { newId } from '../../src/ids';
import { startApp, type TestApp } from '../support/app';
import { Shop } from '../support/shop';
import { insertEvent } from '../support/stock';
import { undisturbed } from '../support/undisturbed';

// A test may be played again.
jest.setTimeout(60_000);

let app: TestApp;
let shop: Shop;

beforeAll(async () => {
  app = await startApp();
  shop = new Shop(app.url);
});
afterAll(async () => {
  shop.close();
  await app.stop();
});

/**
 * Somebody holds locks; whoever does not need those rows must not notice. Locks are waited for for two seconds, in which others
 * have to be served.
 */
function besideHolder(scene: (holder: Client, offers: readonly string[]) => Promise<void>): Promise<void> {
  return undisturbed(500, async () => {
    const offers: string[] = [];
    for (let n = 0; n < 12; n += 1) offers.push(await shop.offer({ allocation: 1_000_000 }));
    // What is for sale is known by the first who has bought it.
    for (const option of offers) expect((await shop.buy(option, 1)).status).toBe(201);
    const holder = new Client({ connectionString: app.databaseUrl });
    await holder.connect();
    try {
      await holder.query('BEGIN');
      await scene(holder, offers);
    } finally {
      await holder.end();
    }
  });
}

/** Buys one after the other while something waits, which is for two seconds. @returns what came back by then */
async function salesDuring(wait: Promise<unknown>, option: string) {
  const statuses: number[] = [];
  const over = wait.then(() => 'over' as const);
  for (;;) {
    const next = await Promise.race([over, shop.buy(option, 1)]);
    if (next === 'over') return { statuses: new Set(statuses), sold: statuses.length };
    statuses.push(next.status);
  }
}

test('a locked option does not stop the sales of other events', () =>
  besideHolder(async (holder, offers) => {
    const [locked = '', ...others] = offers;
    await holder.query('SELECT 1 FROM ticket_options WHERE id = $1 FOR UPDATE', [locked]);
    const stuck = Array.from({ length: 8 }, () => shop.buy(locked, 1));
    const first = Promise.race(stuck);
    const results = await Promise.all(others.map((option) => salesDuring(first, option)));
    for (const { statuses, sold } of results) {
      expect(statuses).toEqual(new Set([201]));
      // Behind the lock it would be none.
      expect(sold).toBeGreaterThan(2);
    }
    expect(new Set((await Promise.all(stuck)).map(({ status }) => status))).toEqual(new Set([503]));
  }));

test('creating options for a locked event does not stop sales, and readiness stays true', () =>
  besideHolder(async (holder, offers) => {
    const event = await insertEvent(app.database);
    await holder.query('SELECT 1 FROM events WHERE id = $1 FOR UPDATE', [event]);
    const stuck = Promise.all(
      Array.from({ length: 40 }, () => shop.offer({ allocation: 1 }, event).catch(String)),
    );
    const ready = shop.get('/health/ready');
    const { statuses, sold } = await salesDuring(stuck, offers[0] ?? '');
    expect(statuses).toEqual(new Set([201]));
    expect(sold).toBeGreaterThan(10);
    expect((await ready).status).toBe(200);
  }));

test('reads of a locked table are refused in time, all of them', () =>
  besideHolder(async (holder, offers) => {
    await holder.query('LOCK TABLE ticket_options IN ACCESS EXCLUSIVE MODE');
    const began = performance.now();
    const reads = offers.flatMap((id) => Array.from({ length: 10 }, () => shop.get(`/ticket_options/${id}`)));
    const unknown = Array.from({ length: 30 }, () => shop.buy(newId(), 1));
    const answers = await Promise.all([...reads, ...unknown]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(performance.now() - began).toBeLessThan(8_000);
    await holder.query('ROLLBACK');
    expect((await shop.get(`/ticket_options/${offers[0] ?? ''}`)).status).toBe(200);
  }));
