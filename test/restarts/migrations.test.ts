import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options';
import { migrate } from '../../src/database/migrate';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { Instance } from '../support/instance';
import { until } from '../support/paying';
import { Shop } from '../support/shop';
import { undisturbed } from '../support/undisturbed';

/** What later versions do to tables that are in use: new columns and a new table, which change no row that is there. */
class Later9999999999999 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE purchases ADD COLUMN note text');
    await runner.query('ALTER TABLE reservations ADD COLUMN channel text NOT NULL DEFAULT $$web$$');
    await runner.query('ALTER TABLE ticket_options ADD COLUMN colour text');
    await runner.query('CREATE TABLE later (id integer PRIMARY KEY)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE later');
  }
}

/** The same, but waits for its tables for as long as it takes. */
class Patient9999999999999 extends Later9999999999999 {
  override async up(runner: QueryRunner): Promise<void> {
    await runner.query('SET LOCAL lock_timeout = 0');
    await super.up(runner);
  }
}

const COMMAND = join(__dirname, '..', '..', 'dist', 'src', 'commands', 'migrate.js');

let database: TestDatabase;
let client: Client;
beforeEach(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

function migrateFurther(later = Later9999999999999): Promise<string[]> {
  const options = dataSourceOptions(database.url);
  return migrate(database.url, undefined, {
    ...options,
    migrations: [...known(options), later],
  });
}

function known({ migrations }: ReturnType<typeof dataSourceOptions>) {
  return Array.isArray(migrations) ? migrations : [];
}

/** Buys and reserves until it is told to stop. @returns the statuses that came, and the longest wait */
function traffic(url: string) {
  const shop = new Shop(url);
  const load = { isOver: false, answers: 0, slowestMs: 0 };
  const statuses = new Set<number>();
  const client = async (option: string, index: number): Promise<void> => {
    while (!load.isOver) {
      const { status, sentMs, answeredMs } =
        index % 2 === 0 ? await shop.buy(option, 1) : await shop.reserve(option, 1);
      statuses.add(status);
      load.answers += 1;
      load.slowestMs = Math.max(load.slowestMs, answeredMs - sentMs);
    }
  };
  const running = shop
    .offer({ allocation: 1_000_000 })
    .then((option) => Promise.all(Array.from({ length: 16 }, (_, index) => client(option, index))));
  const more = async (): Promise<void> => {
    const until = load.answers + 200;
    while (load.answers < until) await sleep(10);
  };
  const isRefused = (): boolean => statuses.has(503);
  const stop = async () => {
    load.isOver = true;
    await running;
    shop.close();
    return { statuses: [...statuses], slowestMs: load.slowestMs };
  };
  return { more, isRefused, stop };
}

/** Tries again for as long as a table is in use, as who deploys a version does. */
async function migrateInTheEnd(): Promise<string[]> {
  for (const end = performance.now() + 20_000; ;) {
    try {
      return await migrateFurther();
    } catch (error) {
      if ((error as { code?: unknown }).code !== '55P03' || performance.now() > end) throw error;
    }
  }
}

test('a migration goes through while an instance of the version before it sells', async () => {
  const instance = await Instance.start({ DATABASE_URL: database.url });
  const { more, stop } = traffic(instance.url);
  await more();
  expect(await migrateInTheEnd()).toEqual(['Later9999999999999']);
  await more();
  expect((await stop()).statuses).toEqual([201]);
  expect(await instance.end('SIGINT')).toBe(0);
}, 60_000);

test('a migration that finds a table in use gives up soon, changes nothing, and holds up the sale no longer', async () => {
  const instance = await Instance.start({ DATABASE_URL: database.url });
  // The sale stands still for half of the time that a sale may take.
  await undisturbed(300, async () => {
    const { more, stop } = traffic(instance.url);
    await more();
    // A report that somebody has left open; with it, ALTER TABLE waits, and everyone behind ALTER TABLE.
    await client.query('BEGIN');
    await client.query('SELECT count(*) FROM purchases');
    const code = await migrateFurther().then(
      () => 'done',
      (error: unknown) => (error as { code?: unknown }).code,
    );
    await more();
    const { statuses, slowestMs } = await stop();
    await client.query('COMMIT');
    expect(code).toBe('55P03');
    expect(statuses).toEqual([201]);
    expect(slowestMs).toBeLessThan(5_000);
  });
  const { rows } = await client.query("SELECT name FROM schema_migrations WHERE name LIKE 'Later%'");
  expect(rows).toEqual([]);
  expect(await migrateFurther()).toEqual(['Later9999999999999']);
  await instance.end();
}, 60_000);

test('negative control: a migration that waits for its table keeps everyone from buying', async () => {
  const instance = await Instance.start({ DATABASE_URL: database.url });
  const { more, isRefused, stop } = traffic(instance.url);
  await more();
  await client.query('BEGIN');
  await client.query('SELECT count(*) FROM purchases');
  const migrating = migrateFurther(Patient9999999999999);
  await until(isRefused, 'the sale is held up');
  await client.query('COMMIT');
  expect(await migrating).toEqual(['Patient9999999999999']);
  expect((await stop()).statuses).toContain(503);
  await instance.end();
});

test.each(['true', 'false'])(
  'a database of a newer version is refused at the start, and stays as it is (MIGRATE_ON_START=%s)',
  async (MIGRATE_ON_START) => {
    await migrateFurther();
    // Even if something of this version is missing, nothing is done to it.
    await client.query("DELETE FROM schema_migrations WHERE name = 'Initial1763600000000'");
    const { code, told } = await Instance.fail({ DATABASE_URL: database.url, MIGRATE_ON_START });
    expect(code).toBe(78);
    expect(told).toBe(
      'The database has migrations that this version does not know (Later9999999999999): it belongs to a newer version of the service.',
    );
    const { rows } = await client.query('SELECT name FROM schema_migrations');
    expect(rows).toEqual([{ name: 'Later9999999999999' }]);
  },
);

test('`npm run migrate` refuses it too, in the same words', async () => {
  await migrateFurther();
  const { status, stderr } = spawnSync(process.execPath, [COMMAND], {
    env: { PATH: process.env['PATH'], DATABASE_URL: database.url },
    encoding: 'utf8',
  });
  expect(status).toBe(78);
  expect(stderr).toContain('migrations that this version does not know (Later9999999999999)');
});
