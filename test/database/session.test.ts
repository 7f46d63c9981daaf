import { Client } from 'pg';
import { backendOf, prepareSession } from '../../src/database/session';
import { newId } from '../../src/ids';
import { purchase, ticketOption } from '../support/builders';
import { startApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';

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

test('a session says for itself what it needs, whatever the server says to all', async () => {
  await prepareSession(client);
  const { rows } = await client.query(
    `SELECT name, setting, source FROM pg_settings
      WHERE name IN ('synchronous_commit', 'DateStyle', 'lock_timeout', 'statement_timeout',
                     'default_transaction_isolation', 'idle_in_transaction_session_timeout')
      ORDER BY lower(name)`,
  );
  expect(rows).toMatchObject([
    { name: 'DateStyle', setting: expect.stringMatching(/^ISO/) as string, source: 'session' },
    { name: 'default_transaction_isolation', setting: 'read committed', source: 'session' },
    { name: 'idle_in_transaction_session_timeout', setting: '5000', source: 'session' },
    { name: 'lock_timeout', setting: '2000', source: 'session' },
    { name: 'statement_timeout', setting: '5000', source: 'session' },
    { name: 'synchronous_commit', setting: 'on', source: 'session' },
  ]);
});

test('a session knows its own server process', async () => {
  await prepareSession(client);
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  expect(backendOf(client)).toMatchObject({ pid: rows[0]?.pid });
});

test.each([
  ['datestyle', "'SQL, DMY'"],
  ['datestyle', "'German'"],
  ['default_transaction_isolation', "'serializable'"],
  ['timezone', "'Asia/Kolkata'"],
  ['intervalstyle', "'iso_8601'"],
  ['bytea_output', "'escape'"],
])('sales and answers do not depend on the database’s %s = %s', async (setting, value) => {
  const app = await startApp({
    prepare: async (its) => {
      await its.query(`DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET ${setting} = ${value.replaceAll("'", "''")}', current_database());
      END $$`);
    },
  });
  const post = async (path: string, document: object) => {
    const answer = await fetch(app.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.api+json' },
      body: JSON.stringify(document),
    });
    const { data } = (await answer.json()) as { data?: { id: string; attributes: { created_at: string } } };
    return { status: answer.status, id: data?.id ?? '', createdAt: data?.attributes.created_at ?? '' };
  };
  const option = await post(
    '/ticket_options',
    ticketOption({ allocation: 3, sales_end_at: '2999-01-01T00:00:00Z' }),
  );
  const answers = await Promise.all(
    [1, 1, 1, 1].map((quantity) =>
      post('/purchases', purchase({ ticketOption: option.id, user: newId(), quantity })),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 400]);
  for (const { createdAt } of answers.filter(({ status }) => status === 201)) {
    expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(10_000);
  }
  await app.stop();
});
