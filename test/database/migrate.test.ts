import { Client } from 'pg';
import { migrate } from '../../src/database/migrate';
import { createTestDatabase } from '../support/database';

test('20 migrators that start together apply each migration once', async () => {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  const applied = await Promise.all(Array.from({ length: 20 }, () => migrate(database.url)));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(await migrate(database.url)).toEqual([]);
  const { rows } = await client.query('SELECT name FROM schema_migrations');
  expect(rows).toHaveLength(1);
  await client.end();
  await database.drop();
});
