import { Client } from 'pg';
import { lockEvent, lockOptions } from '../../src/allocation/change-event';
import { moveAllocation, readOption, updateOption } from '../../src/allocation/change-option';
import { releaseHolds } from '../../src/allocation/release';
import { deleteOld } from '../../src/idempotency/keys.repository';
import { findKeys, insertRefused } from '../../src/allocation/request-keys';
import * as statements from '../../src/allocation/statements';
import { readPayments, readPurchases, readRefunds } from '../../src/allocation/look-at-taken';
import { takeAll } from '../../src/allocation/take-all';
import { lockTogether, takeTogether } from '../../src/allocation/take-together';
import { writeChanges } from '../../src/allocation/write-changes';
import { writeFiguresOf } from '../../src/allocation/write-figures';
import * as payments from '../../src/allocation/write-payments';
import { writeTakes } from '../../src/allocation/write-takes';
import { takeFromTotalsOf } from '../../src/allocation/write-totals';
import { prepareSession } from '../../src/database/session';
import { newId } from '../../src/ids';
import { findOver } from '../../src/reservations/sweep.repository';
import { foldChunk } from '../../src/statistics/fold.repository';
import { createTestDatabase } from '../support/database';
import { newUser } from '../support/shop';

const EVENT = newId();
const OPTION = newId();
const USER = newUser();
const ids = `{${newId()},${newId()},${newId()}}`;
const users = `{${newUser()},${newUser()},${USER}}`;
const options = `{${OPTION},${OPTION},${OPTION}}`;
const now = new Date().toISOString();
const times = `{${now},${now},${now}}`;
const one = `{${OPTION}}`;

interface Hot {
  readonly name: string;
  readonly text: string;
}

const BUYS = [ids, users, '{1,1,1}', '{1,1,1}'];
const RESERVES = [
  ...[ids, users, '{"{}","{}","{}"}', '{"{}","{}","{}"}', '{"{}","{}","{}"}'],
  ...['{1,2,3}', '{1,1,1}', '{1,1,1}', '{1,1,1}', 900_000],
];
const TAKEN = [EVENT, one, '{3}', '{0}', '{1}', '{0}'];
const EVENTS = `{${EVENT}}`;
const RESERVES_SINGLY = [
  ...[ids, users, '{"{}","{}","{}"}', '{"{}","{}","{}"}', '{"{}","{}","{}"}'],
  ...['{1,1,1}', '{1,1,1}', 900_000, '{3}'],
];
const TAKES = [
  ...[EVENT, one, '{3}', '{3}', users, options, '{1,1,1}', one, '{4}'],
  ...[ids, options, users, '{1,1,1}', '{0,0,0}'],
  ...[ids, users, '{"{}","{}","{}"}', '{"{}","{}","{}"}', '{"{}","{}","{}"}'],
  ...[options, ids, now, now, users, '{1,1,1}', '{1,1,1}'],
];
const CHANGES = [
  ...[EVENT, ids, '{active,active,paying}', times, '{paying,paying,paid}', times, ids, '{"{}","{}","{}"}'],
  ...[options, times, ids, options, times, ids, users, '{1,1,1}', '{1,1,1}'],
  ...[one, '{1}', '{1}', '{1}', '{1}', users, options, '{1,1,1}'],
];
const STATES = '{pending,pending,pending}';

/** Either index has all of the key in its condition, so either will do. */
const BY_OPTION = /pk_ticket_options|ix_ticket_options_event/;
const BY_RESERVATION = /pk_reservations|ix_reservations_event/;
const BY_INTERVAL = /pk_sales|ix_sales_event/;
/** An index by which the rows of a whole event are read. */
const ALL_OF_EVENT = /using (?!pk_event_counts)\S+ on .*\n\s*Index Cond: \(event_id = \S+\)$/m;

const UPDATE = [EVENT, OPTION, 'name', '', '', '', 1, 0, 1, 1, now, now, 'true', now];
/** What is meant to read all options of an event. */
const WHOLE_EVENT = new Set<Hot>([statements.lockWidely, lockOptions]);

const BY_KEYS = [BY_OPTION, 'pk_event_counts'];

/** Every hot statement, with parameters, and the indexes that it must find its rows by. */
const HOT: [Hot, (string | number)[], (string | RegExp)[]][] = [
  [takeAll({ buys: true, reserves: false, counts: false, keys: false }), [...TAKEN, ...BUYS], BY_KEYS],
  [takeAll({ buys: true, reserves: false, counts: true, keys: false }), [...TAKEN, ...BUYS], BY_KEYS],
  [takeAll({ buys: false, reserves: true, counts: false, keys: false }), [...TAKEN, ...RESERVES], BY_KEYS],
  [takeAll({ buys: false, reserves: true, counts: true, keys: false }), [...TAKEN, ...RESERVES], BY_KEYS],
  [
    takeAll({ buys: true, reserves: true, counts: true, keys: false }),
    [...TAKEN, ...BUYS, ...RESERVES],
    BY_KEYS,
  ],
  [
    takeAll({ buys: true, reserves: true, counts: true, keys: true }),
    [...TAKEN, ...BUYS, ...RESERVES, ids, ids, '{1}'],
    [...BY_KEYS, 'pk_idempotency_keys'],
  ],
  [lockTogether, [EVENTS, one], BY_KEYS],
  [
    takeTogether({ buys: true, reserves: false, counts: false, keys: false }),
    [EVENTS, ...TAKEN.slice(1), ...BUYS],
    BY_KEYS,
  ],
  [
    takeTogether({ buys: true, reserves: true, counts: true, keys: true }),
    [EVENTS, ...TAKEN.slice(1), ...BUYS, ...RESERVES_SINGLY, ids, ids, '{1}', '{1}'],
    [...BY_KEYS, 'pk_user_counts', 'pk_idempotency_keys'],
  ],
  [findKeys, [ids], ['pk_idempotency_keys']],
  [insertRefused, [EVENT, '[]'], ['pk_idempotency_keys']],
  [deleteOld, [100], ['ix_idempotency_keys_created_at', 'Tid Scan']],
  [statements.readStock, [EVENT, options, '{1,1,1}'], [BY_OPTION, 'pk_holds']],
  [statements.lockStock, [EVENT, options], [BY_OPTION]],
  [statements.lockWidely, [EVENT, options], []],
  [statements.readClockAndCounts, [EVENT, users, options], ['pk_user_counts']],
  [statements.readOver, [EVENT, options, '{1,1,1}', now], ['pk_holds']],
  [statements.readUsersOver, [EVENT, users, now], ['ix_holds_user']],
  [statements.readReservations, [EVENT, ids], [BY_RESERVATION]],
  [readPurchases, [EVENT, ids], ['pk_purchases']],
  [readPayments, [EVENT, ids], ['pk_payments']],
  [readRefunds, [EVENT, ids, ids], ['pk_refunds', 'uq_refunds_purchase']],
  [writeTakes, TAKES, [BY_OPTION]],
  [writeChanges, CHANGES, [BY_RESERVATION, 'pk_holds', 'Tid Scan', BY_OPTION]],
  [writeFiguresOf, [EVENT, 1, 1, 1, 1, 1, 1, times, '{1,1,1}', '{1,1,1}'], ['pk_event_counts', BY_INTERVAL]],
  [takeFromTotalsOf, [times, '{1,1,1}', '{1,1,1}'], ['pk_sales_totals']],
  [payments.insertPayments, [EVENT, ids, ids, STATES, '{1,1,1}', times, times], []],
  [payments.updatePayments, [EVENT, ids, 'pending', 0, 'failed', 0, 'voided', now], ['pk_payments']],
  [payments.insertPurchases, [EVENT, ids, options, users, '{1,1,1}', '{1,1,1}', ids, ids, now], []],
  [payments.refundPurchases, [EVENT, ids, now], ['pk_purchases']],
  [payments.insertRefunds, [EVENT, ids, ids, ids, '{1,1,1}', times, times, now], []],
  [payments.finishRefunds, [EVENT, ids, now], ['pk_refunds']],
  [moveAllocation, [EVENT, 1], ['pk_event_counts']],
  [
    releaseHolds,
    [EVENT, now, one, '{3}', users, 100],
    ['pk_holds', 'ix_holds_user', BY_RESERVATION, 'Tid Scan', BY_OPTION],
  ],
  [findOver, ['{}', 100], [/ix_holds_sweep.*\n.*Index Cond/]],
  [foldChunk, [1, now, 360], [/pk_sales on sales\n.*Index Cond: .*minutes.*starts_at/, 'pk_sales_folds']],
  [lockEvent, [EVENT], ['pk_events']],
  [lockOptions, [EVENT], []],
  [readOption, [EVENT, OPTION], [BY_OPTION]],
  [updateOption, UPDATE, [BY_OPTION]],
];

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await prepareSession(client);
  // The tables are filled in this session too, which takes its time; plans do not depend on that.
  await client.query('SET statement_timeout = 0');
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
      for (const index of indexes) expect(told).toMatch(index);
      if (!WHOLE_EVENT.has(statement)) expect(told).not.toMatch(ALL_OF_EVENT);
      expect(told).not.toMatch(
        /Seq Scan on (ticket_options|purchases|reservations|holds|user_counts|events|payments|refunds|event_counts|sales|idempotency_keys)/,
      );
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
      "INSERT INTO events (id, name, created_at, updated_at) SELECT gen_random_uuid(), 'Other', now(), now() FROM generate_series(1, 3000)",
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
      `INSERT INTO user_counts (user_id, scope_id, event_id, tickets)
       SELECT gen_random_uuid(), $1, $2, 1 FROM generate_series(1, 30000)`,
      [OPTION, EVENT],
    );
    await client.query(
      `WITH made AS (
         INSERT INTO reservations (id, event_id, user_id, ticket_option_ids, quantities, unit_prices_cents, expires_at, created_at)
         SELECT gen_random_uuid(), $2, gen_random_uuid(), ARRAY[$1::uuid], '{1}', '{0}', now() - n * interval '1 ms', 'epoch'
           FROM generate_series(1, 30000) AS n
         RETURNING *)
       INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity)
       SELECT $1, expires_at, id, event_id, user_id, 1 FROM made`,
      [OPTION, EVENT],
    );
    await client.query(
      `INSERT INTO payments (id, event_id, reservation_id, status, amount_cents, created_at)
       SELECT gen_random_uuid(), $1, gen_random_uuid(), 'succeeded', 100, now() FROM generate_series(1, 30000)`,
      [EVENT],
    );
    await client.query(
      `INSERT INTO refunds (id, event_id, payment_id, purchase_id, amount_cents, created_at, done_at)
       SELECT gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), 100, now(), now() FROM generate_series(1, 30000)`,
      [EVENT],
    );
    await client.query(
      `INSERT INTO sales (minutes, starts_at, event_id, sold, revenue_cents)
       SELECT 1, date_trunc('minute', now()) - n * interval '1 minute', $1, 1, 1 FROM generate_series(1, 30000) AS n`,
      [EVENT],
    );
    await client.query(
      'INSERT INTO sales_totals (minutes, starts_at, sold, revenue_cents) SELECT minutes, starts_at, 1, 1 FROM sales',
    );
    await client.query('INSERT INTO event_counts (event_id) SELECT id FROM events');
    await expectIndexes();
    await client.query('ANALYZE');
    await expectIndexes();
  });
});
