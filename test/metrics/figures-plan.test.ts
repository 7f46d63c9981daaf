import { Client } from 'pg';
import { prepareSession } from '../../src/database/session';
import { findFigures } from '../../src/metrics/figures.repository';
import { createTestDatabase } from '../support/database';

test('the hold that has been over for longest is found by the index of the sweep, however many there are', async () => {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await prepareSession(client);
  // The table is filled in this session too, which takes its time; plans do not depend on that.
  await client.query('SET statement_timeout = 0');
  const plan = async (): Promise<string> => {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${findFigures.text}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };
  const meant = /Index Scan using ix_holds_sweep on holds\n.*Index Cond/;
  expect(await plan()).toMatch(meant);
  await client.query(
    `INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity)
     SELECT gen_random_uuid(), now() + (n - 10000) * interval '1 s', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1
       FROM generate_series(1, 20000) AS n`,
  );
  expect(await plan()).toMatch(meant);
  await client.query('ANALYZE');
  expect(await plan()).toMatch(meant);
  await client.end();
  await database.drop();
});
