import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { createApp } from '../src/app';
import { loadConfig } from '../src/config';
import { DatabaseService } from '../src/database/database.service';
import { startScratchServer } from '../src/database/embedded';
import { migrate } from '../src/database/migrate';
import { newId } from '../src/ids';
import { createTestDatabase } from './support/database';
import { DatabaseProxy } from './support/database-proxy';
import { Instance } from './support/instance';
import { lockWaits } from './support/lock-waits';
import { makeTestFolder, removeTestFolder, withDatabase } from './support/server';
import { newUser, Shop } from './support/shop';
import { undisturbed } from './support/undisturbed';

describe('a service that cannot start says why in one sentence', () => {
  test('when a variable is wrong', async () => {
    expect(await Instance.fail({ PORT: 'http' })).toEqual({
      code: 78,
      told: 'PORT must be a whole number from 0 to 65535; it is "http".',
    });
  });

  test('when nothing says who may use it in production', async () => {
    const { code, told } = await Instance.fail({ NODE_ENV: 'production' });
    expect(code).toBe(78);
    expect(told).toMatch(/^AUTH must be set .*$/);
  });

  test('when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const database = await createTestDatabase();
    const { code, told } = await Instance.fail({ PORT: String(port), DATABASE_URL: database.url });
    expect(code).toBe(78);
    expect(told).toBe(
      `Something else is listening on 127.0.0.1:${port} already; stop it, or set PORT to a free port.`,
    );
    other.close();
    await database.drop();
  });

  test('when the data folder is a file', async () => {
    const folder = makeTestFolder();
    const file = join(folder, 'data');
    writeFileSync(file, '');
    const { code, told } = await Instance.fail({ DATA_DIR: file });
    expect(code).toBe(78);
    expect(told.split('\n')).toHaveLength(1);
    expect(told).toContain(file);
    removeTestFolder(folder);
  });

  test('when the database does not make commits durable', async () => {
    const database = await createTestDatabase();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database());
    END $$`);
    await client.end();
    const { code, told } = await Instance.fail({ DATABASE_URL: database.url });
    expect(code).toBe(78);
    expect(told).toBe(
      'synchronous_commit is "off" in the database, so a sale could be lost after it was confirmed; set it to on.',
    );
    await database.drop();
  });

  test.each(['fsync', 'full_page_writes'])('when %s is off in the server', async (setting) => {
    // It can only be set for a whole server, so not on the one that the tests share.
    const server = await startScratchServer();
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(`ALTER SYSTEM SET ${setting} = off`);
    await client.query('SELECT pg_reload_conf()');
    const isOff = async (): Promise<boolean> => {
      const { rows } = await client.query<{ value: string }>('SELECT current_setting($1) AS value', [
        setting,
      ]);
      return rows[0]?.value === 'off';
    };
    while (!(await isOff())) await sleep(20);
    await client.end();
    const { code, told } = await Instance.fail({ DATABASE_URL: server.url });
    expect(code).toBe(78);
    expect(told).toBe(
      `${setting} is "off" in the database, so a sale could be lost after it was confirmed; set it to on.`,
    );
    await server.end();
  });

  test('when the server is older than PostgreSQL 15', async () => {
    const database = await createTestDatabase();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ number: string }>(
      "SELECT current_setting('server_version_num') AS number",
    );
    await client.end();
    // A real server, whose answers pass through hands that make it older.
    const proxy = await DatabaseProxy.open(database.url);
    proxy.forge(rows[0]?.number ?? '', '140022');
    const { code, told } = await Instance.fail({ DATABASE_URL: proxy.url });
    expect(code).toBe(78);
    expect(told).toMatch(/^PostgreSQL 15 or newer is needed; the server at DATABASE_URL is .*$/);
    await proxy.close();
    await database.drop();
  });

  test('when the database cannot keep every text', async () => {
    const database = await createTestDatabase();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const name = `latin_${newId().replaceAll('-', '')}`;
    await client.query(
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'`,
    );
    const { code, told } = await Instance.fail({ DATABASE_URL: withDatabase(database.url, name) });
    expect(code).toBe(78);
    expect(told).toMatch(/^The database at DATABASE_URL keeps text as LATIN1.*$/);
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.end();
    await database.drop();
  });

  test('when the database belongs to a newer version', async () => {
    const database = await createTestDatabase();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query("INSERT INTO schema_migrations (timestamp, name) VALUES (9999999999999, 'Tomorrow')");
    await client.end();
    const { code, told } = await Instance.fail({ DATABASE_URL: database.url });
    expect(code).toBe(78);
    expect(told).toContain('Tomorrow');
    await database.drop();
  });
});

test('a service that must not migrate waits until somebody has, and refuses until then', async () => {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  const { nest } = await createApp(
    loadConfig({ LOG_LEVEL: 'silent', MIGRATE_ON_START: 'false' }),
    database.url,
  );
  await nest.listen(0, '127.0.0.1');
  const shop = new Shop(await nest.getUrl());
  const started = nest.get(DatabaseService).start();

  const pending = async (): Promise<unknown> => (await shop.get('/health/ready')).body;
  const expected = { checks: { database: 'ok', migrations: 'pending' } };
  while (!matches(await pending(), expected)) await sleep(20);
  expect((await shop.get(`/purchases/${newUser()}`)).status).toBe(503);
  expect((await shop.buy(newUser(), 1)).body.errors?.[0]?.code).toBe('database_unavailable');

  await migrate(database.url);
  await started;
  while ((await shop.get('/health/ready')).status !== 200) await sleep(20);
  expect((await shop.get(`/purchases/${newUser()}`)).status).toBe(404);
  shop.close();
  await nest.close();
  await client.end();
  await database.drop();
});

test('a database that takes connections and does not answer is waited for, like one that is not there', async () => {
  const database = await createTestDatabase();
  const proxy = await DatabaseProxy.open(database.url);
  proxy.silence(true);
  const { nest } = await createApp(loadConfig({ LOG_LEVEL: 'silent' }), proxy.url);
  const started = nest.get(DatabaseService).start();
  while (proxy.connections < 2) await sleep(50);
  proxy.silence(false);
  await started;
  expect(nest.get(DatabaseService).state).toBe('ready');
  await nest.close();
  await proxy.close();
  await database.drop();
});

describe('a service that is told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'while it waits for its database ends with 0 (%s)',
    async (signal) => {
      const instance = await Instance.start(
        { DATABASE_URL: 'postgres://127.0.0.1:1/none' },
        undefined,
        'Waiting',
      );
      expect(await instance.end(signal)).toBe(0);
    },
  );

  test('answers what is waiting, takes nothing new, and ends with 0', async () => {
    const database = await createTestDatabase();
    // A purchase waits for two seconds, most of which are for the signal.
    await undisturbed(500, async () => {
      const instance = await Instance.start({ DATABASE_URL: database.url });
      const shop = new Shop(instance.url);
      const option = await shop.offer({ allocation: 1_000 });

      // Connections that are open already, and then held back by a lock: so the purchases are surely under way when
      // the signal comes.
      await Promise.all(Array.from({ length: 50 }, () => shop.get('/health/live')));
      const holder = new Client({ connectionString: database.url });
      await holder.connect();
      await holder.query('BEGIN');
      await holder.query('SELECT 1 FROM ticket_options FOR UPDATE');
      const purchases = Array.from({ length: 50 }, () => shop.buy(option, 1));
      while ((await lockWaits(holder)) === 0) await sleep(10);
      await shop.get('/health/live');
      const ended = instance.end('SIGTERM');
      while (instance.log.every(({ msg }) => msg !== 'stopping')) await sleep(10);
      await holder.query('ROLLBACK');

      const answers = await Promise.all(purchases);
      const code = await ended;
      const { status } = await shop.get('/health/live');
      shop.close();
      const { rows } = await holder.query('SELECT sold FROM ticket_options WHERE id = $1', [option]);
      await holder.end();
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
      expect(code).toBe(0);
      expect(status).toBe(0);
      expect(rows).toEqual([{ sold: 50 }]);
    });
    await database.drop();
  }, 60_000);

  test('fails no request of a proxy that heeds readiness and Connection: close', async () => {
    const database = await createTestDatabase();
    // For two seconds the service says that it will stop, and this process is client and proxy.
    await undisturbed(1_000, async () => {
      const instance = await Instance.start({ DATABASE_URL: database.url });
      const shop = new Shop(instance.url);
      const option = await shop.offer({ allocation: 1_000_000 });
      let isReady = true;
      const statuses = new Set<number>();
      const client = async (): Promise<void> => {
        while (isReady) statuses.add((await shop.buy(option, 1)).status);
      };
      const clients = Promise.all(Array.from({ length: 16 }, client));
      await sleep(200);
      const ended = instance.end('SIGTERM');
      while (isReady) {
        isReady = (await shop.get('/health/ready')).status === 200;
        await sleep(50);
      }
      await clients;
      const code = await ended;
      shop.close();
      expect(statuses).toEqual(new Set([201]));
      expect(code).toBe(0);
    });
    await database.drop();
  }, 60_000);

  test('ends although a client keeps its connection open', async () => {
    const database = await createTestDatabase();
    const instance = await Instance.start({ DATABASE_URL: database.url });
    const shop = new Shop(instance.url);
    expect((await shop.get('/health/live')).status).toBe(200);
    expect(await instance.end('SIGINT')).toBe(0);
    shop.close();
    await database.drop();
  });
});

function matches(value: unknown, expected: object): boolean {
  try {
    expect(value).toMatchObject(expected);
    return true;
  } catch {
    return false;
  }
}
