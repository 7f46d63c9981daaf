import { Client } from 'pg';
import { prepareSession } from '../../src/database/session';
import { newId } from '../../src/ids';
import { findPayable, findPayment, findRefundable } from '../../src/payments/payments.repository';
import * as recovery from '../../src/payments/recovery.repository';
import * as gateway from '../../src/payments/simulated-gateway.repository';
import { createTestDatabase, onServer, type TestDatabase } from '../support/database';

const id = newId();
const ids = `{${newId()},${newId()}}`;

/** Either index has all of the key in its condition, so either will do. */
const BY_RESERVATION = /pk_reservations|ix_reservations_event/;
/** An index by which the rows of a whole event are read. */
const ALL_OF_EVENT = /Index Cond: \(event_id = \S+\)$/m;

/** Every statement, with parameters, and the indexes that it must find its rows by. */
const STATEMENTS: [{ name: string; text: string }, (string | number)[], (string | RegExp)[]][] = [
  [findPayment, [id], ['pk_payments', BY_RESERVATION]],
  [findPayable, [ids], [BY_RESERVATION]],
  [findRefundable, [id], ['pk_purchases']],
  [recovery.findDuePayments, [500], ['ix_payments_check', BY_RESERVATION]],
  [recovery.findDueRefunds, [500], ['ix_refunds_check', 'pk_payments', BY_RESERVATION, 'pk_purchases']],
  [recovery.claimPayment, [id, id, 1_000], ['pk_payments']],
  [recovery.claimRefund, [id, id, 1_000], ['pk_refunds']],
  [recovery.putOffPayment, [id, id], ['pk_payments']],
  [gateway.findCharges, [ids], ['pk_gateway_charges']],
  [gateway.insertCharges, [ids, '{1,1}'], ['pk_gateway_charges']],
  [gateway.insertVoid, [id], ['pk_gateway_charges']],
  [gateway.insertRefund, [id, id, 1], ['pk_gateway_charges', 'pk_gateway_refunds']],
];

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await prepareSession(client);
  for (const [{ name, text }] of STATEMENTS) await client.query(`PREPARE ${name} AS ${text}`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function expectIndexes(): Promise<void> {
  for (const [{ name }, values, indexes] of STATEMENTS)
    for (const mode of ['force_generic_plan', 'force_custom_plan']) {
      await client.query(`SET plan_cache_mode = ${mode}`);
      const list = values.map((value) => `'${value}'`).join(', ');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN (COSTS OFF) EXECUTE ${name} (${list})`,
      );
      const told = `${name}, ${mode}:\n${rows.map((row) => row['QUERY PLAN']).join('\n')}`;
      for (const index of indexes) expect(told).toMatch(index);
      expect(told).not.toMatch(/Seq Scan/);
      expect(told).not.toMatch(ALL_OF_EVENT);
    }
}

async function fill(client: Client): Promise<void> {
  await client.query(
    "INSERT INTO events (id, name, created_at, updated_at) VALUES ($1, 'Large', now(), now())",
    [id],
  );
  await client.query(
    `INSERT INTO ticket_options (id, event_id, name, allocation, remaining, created_at, updated_at)
     VALUES ($1, $1, 'Large', 30000, 30000, now(), now())`,
    [id],
  );
  await client.query(
    `INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT gen_random_uuid(), $1, $1, gen_random_uuid(), 1, 100, now() FROM generate_series(1, 30000)`,
    [id],
  );
  await client.query(
    `WITH made AS (
       INSERT INTO payments (id, event_id, reservation_id, status, amount_cents, created_at, check_at)
       SELECT gen_random_uuid(), $1, gen_random_uuid(), 'failed', 100, now(), CASE WHEN n % 100 = 0 THEN now() END
         FROM generate_series(1, 30000) AS n
       RETURNING *), reserved AS (
       INSERT INTO reservations (id, event_id, user_id, ticket_option_ids, quantities, unit_prices_cents, expires_at, created_at, payment_id)
       SELECT reservation_id, event_id, id, ARRAY[$1], '{1}', '{100}', now(), 'epoch', id FROM made), charged AS (
       INSERT INTO gateway_charges (key, amount_cents, currency, voided) SELECT id, 100, 'EUR', false FROM made)
     INSERT INTO refunds (id, event_id, payment_id, purchase_id, amount_cents, created_at, check_at, done_at)
     SELECT gen_random_uuid(), $1, id, gen_random_uuid(), 100, now(), check_at, CASE WHEN check_at IS NULL THEN now() END
       FROM made`,
    [id],
  );
}

describe('every statement about payments finds its rows by the index meant', () => {
  test('on empty tables that nobody has analysed', async () => {
    await expectIndexes();
  });

  test('on large tables that nobody has analysed, and after ANALYZE', async () => {
    await onServer(database.url, fill);
    await expectIndexes();
    await onServer(database.url, (plain) => plain.query('ANALYZE'));
    await expectIndexes();
  }, 180_000);
});
