import { Client } from 'pg';
import * as statements from '../../src/allocation/statements';
import { newId } from '../../src/ids';
import { createTestDatabase } from '../support/database';
import { newUser } from '../support/shop';

const EVENT = newId();
const OPTION = newId();
const USER = newUser();
const ids = `{${newId()},${newId()},${newId()}}`;
const users = `{${newUser()},${newUser()},${USER}}`;
const options = `{${OPTION},${OPTION},${OPTION}}`;
const now = new Date().toISOString();

interface Hot {
  readonly name: string;
  readonly text: string;
}

/** Every hot statement, with parameters, and the indexes that it must find its rows by. */
const HOT: [Hot, (string | number)[], string[]][] = [
  [statements.takeForAll, [OPTION, EVENT, 3, 1, ids, users, '{1,1,1}'], ['pk_ticket_options']],
  [statements.readStock, [EVENT, options], ['pk_ticket_options']],
  [statements.lockStock, [EVENT, options], ['pk_ticket_options']],
  [statements.readClockAndCounts, [EVENT, users, options], ['pk_user_counts']],
  [statements.findMade, [EVENT, ids], ['pk_purchases']],
  [
    statements.writeSales,
    [EVENT, `{${OPTION}}`, '{3}', users, options, '{1,1,1}', ids, options, users, '{1,1,1}', '{0,0,0}', now],
    ['pk_ticket_options'],
  ],
];

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  for (const [{ name, text }] of HOT) await client.query(`PREPARE ${name} AS ${text}`);
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

/** @returns the lines of the plan that a prepared statement runs by. */
async function planOf({ name }: Hot, values: (string | number)[], mode: string): Promise<string> {
  await client.query(`SET plan_cache_mode = ${mode}`);
  const list = values.map((value) => `'${value}'`).join(', ');
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN (COSTS OFF) EXECUTE ${name} (${list})`,
  );
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

async function expectIndexes(): Promise<void> {
  for (const [statement, values, indexes] of HOT) {
    for (const mode of ['force_generic_plan', 'force_custom_plan']) {
      const plan = await planOf(statement, values, mode);
      const told = `${statement.name}, ${mode}:\n${plan}`;
      for (const index of indexes) expect(told).toContain(index);
      expect(told).not.toMatch(/Seq Scan on (ticket_options|purchases|user_counts|events)/);
    }
  }
}

describe('every hot statement finds its rows by the index meant', () => {
  test('on empty tables that nobody has analysed', async () => {
    await expectIndexes();
  });

  test('on large tables of one event that nobody has analysed, and after ANALYZE', async () => {
    await client.query(
      "INSERT INTO events (id, name, created_at, updated_at) VALUES ($1, 'Large', now(), now())",
      [EVENT],
    );
    await client.query(
      `INSERT INTO ticket_options (id, event_id, name, allocation, remaining, created_at, updated_at)
       SELECT CASE n WHEN 1 THEN $1::uuid ELSE gen_random_uuid() END, $2, 'Large', 1000000, 1000000, now(), now()
         FROM generate_series(1, 3000) AS n`,
      [OPTION, EVENT],
    );
    await client.query(
      `INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
       SELECT gen_random_uuid(), $2, $1, gen_random_uuid(), 1, 0, now() FROM generate_series(1, 30000)`,
      [OPTION, EVENT],
    );
    await client.query(
      `INSERT INTO user_counts (user_id, ticket_option_id, event_id, tickets)
       SELECT gen_random_uuid(), $1, $2, 1 FROM generate_series(1, 30000)`,
      [OPTION, EVENT],
    );
    await expectIndexes();
    await client.query('ANALYZE');
    await expectIndexes();
  });
});
