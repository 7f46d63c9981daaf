import { Client } from 'pg';
import { migrate } from '../../src/database/migrate';
import { createTestDatabase } from '../support/database';

/** How `pg` tells that a connection took longer than the two seconds that a migrator waits for it. */
const NOT_CONNECTED =
  /^(timeout expired|timeout exceeded when trying to connect|.*due to connection timeout)$/;

/** Comes again while the server is too busy to take a connection, as whoever starts the service does. */
async function migrateOnceConnected(url: string): Promise<string[]> {
  for (const end = performance.now() + 20_000; ;) {
    try {
      return await migrate(url);
    } catch (error) {
      if (!NOT_CONNECTED.test((error as Error).message) || performance.now() > end) throw error;
    }
  }
}

test('20 migrators that start together apply each migration once', async () => {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  const applied = await Promise.all(Array.from({ length: 20 }, () => migrateOnceConnected(database.url)));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(await migrate(database.url)).toEqual([]);
  const { rows } = await client.query('SELECT name FROM schema_migrations');
  expect(rows).toHaveLength(1);
  await client.end();
  await database.drop();
}, 60_000);
