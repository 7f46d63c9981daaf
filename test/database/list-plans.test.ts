import { Client, type QueryConfig } from 'pg';
import { type Connections } from '../../src/database/connections';
import { EventsRepository } from '../../src/events/events.repository';
import { PurchasesRepository } from '../../src/purchases/purchases.repository';
import { ReservationsRepository } from '../../src/reservations/reservations.repository';
import { TicketOptionsRepository } from '../../src/ticket-options/ticket-options.repository';
import { createTestDatabase, type TestDatabase } from '../support/database';

const uuid = (kind: string, n: number): string =>
  `${kind}0000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
/** Has a fifth of everything, and all of it at the end of the tables. */
const USER = uuid('c', 0);
const EVENT = uuid('e', 0);
const OPTION = uuid('0', 0);
const ROWS = 50_000;
const MIDDLE = ROWS * 0.9;

type Sent = Required<Pick<QueryConfig, 'text' | 'values'>>;

/** @returns the statement that a repository sends. */
async function sent(ask: (connections: Connections) => Promise<unknown>): Promise<Sent> {
  let statement: Sent = { text: '', values: [] };
  const client = {
    query: (query: Sent) => {
      statement = query;
      return Promise.resolve({ rows: [] });
    },
  };
  const lend = { answer: (work: (lent: typeof client) => unknown) => Promise.resolve(work(client)) };
  await ask(lend as unknown as Connections);
  return statement;
}

const first = { size: 20 };
const later = (kind: string) => ({ size: 20, after: [uuid(kind, MIDDLE)] });
const reservations =
  (filters: object, slice: object = first) =>
  (connections: Connections) =>
    new ReservationsRepository(connections).list(filters, { ...first, ...slice });
const purchases =
  (filters: object, slice: object = first) =>
  (connections: Connections) =>
    new PurchasesRepository(connections).list(filters, { ...first, ...slice });
const events =
  (filters: object, ...by: ('name' | 'startsAt' | 'createdAt')[]) =>
  (connections: Connections) =>
    new EventsRepository(connections).list(
      filters,
      by.map((key) => ({ by: key, descending: true })),
      first,
    );
const options = (filters: object) => (connections: Connections) =>
  new TicketOptionsRepository(connections).list(filters, first);

/** What is asked for, and the index that it must be found by. */
const LISTS: [string, (connections: Connections) => Promise<unknown>, string][] = [
  ['reservations of a user', reservations({ user: USER }), 'ix_reservations_user'],
  ['those behind a position', reservations({ user: USER }, later('a')), 'ix_reservations_user'],
  [
    'those before a position',
    reservations({ user: USER }, { before: [uuid('a', MIDDLE)] }),
    'ix_reservations_user',
  ],
  ['paid reservations of a user', reservations({ user: USER, status: 'paid' }), 'ix_reservations_user'],
  ['active reservations of a user', reservations({ user: USER, status: 'active' }), 'ix_holds_user'],
  ['reservations of a user for an event', reservations({ user: USER, event: EVENT }), 'ix_reservations_user'],
  ['reservations for an event', reservations({ event: EVENT }), 'ix_reservations_event'],
  ['all reservations', reservations({}, later('a')), 'pk_reservations'],
  ['purchases of a user', purchases({ user: USER }), 'ix_purchases_user'],
  ['purchases of a user of an option', purchases({ user: USER, ticketOption: OPTION }), 'ix_purchases_user'],
  ['purchases of an option', purchases({ ticketOption: OPTION }, later('b')), 'ix_purchases_ticket_option'],
  ['purchases of an event', purchases({ event: EVENT }), 'ix_purchases_ticket_option'],
  ['all purchases', purchases({}, later('b')), 'pk_purchases'],
  ['events by name', events({}, 'name'), 'ix_events_name'],
  ['events by date', events({ startsAfter: new Date() }, 'startsAt'), 'ix_events_starts_at'],
  ['the newest events', events({}, 'createdAt'), 'ix_events_created_at'],
  ['options of an event', options({ event: EVENT, onSale: true, kind: 'vip' }), 'ix_ticket_options_event'],
  ['one option', (connections) => new TicketOptionsRepository(connections).find(OPTION, EVENT), 'pk_holds'],
];

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  // The ids of one kind, by number.
  await client.query(
    `CREATE FUNCTION uuid_of(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
     $$ SELECT (kind || '0000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$`,
  );
  await client.query('ALTER TABLE holds SET (autovacuum_enabled = false)');
  for (const table of ['events', 'ticket_options', 'purchases', 'reservations'])
    await client.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
  await client.query(
    `INSERT INTO events (id, name, starts_at, created_at, updated_at)
     SELECT uuid_of('e', n), 'e' || n, now() + n * interval '1 min', now(), now() FROM generate_series(0, 2000) AS n`,
  );
  await client.query(
    `INSERT INTO ticket_options (id, event_id, name, allocation, remaining, reserved, created_at, updated_at)
     SELECT uuid_of('0', n), uuid_of('e', n / 3), 'o', 9, 8, 1, now(), now() FROM generate_series(0, 6002) AS n`,
  );
  const where = `CASE WHEN n > ${ROWS} * 0.8 THEN uuid_of('c', 0) ELSE uuid_of('c', 1 + n % 9000) END AS user_id,
                 CASE WHEN n > ${ROWS} * 0.8 THEN uuid_of('e', 0) ELSE uuid_of('e', n % 2000) END AS event_id,
                 CASE WHEN n > ${ROWS} * 0.8 THEN uuid_of('0', 0) ELSE uuid_of('0', n % 2000 * 3) END AS option_id`;
  await client.query(
    `INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT uuid_of('b', n), event_id, option_id, user_id, 1, 0, now() FROM (SELECT n, ${where} FROM generate_series(1, ${ROWS}) AS n) AS p`,
  );
  await client.query(
    `INSERT INTO reservations (id, event_id, user_id, status, ticket_option_ids, quantities, unit_prices_cents, expires_at, created_at, payment_id, purchase_ids)
     SELECT uuid_of('a', n), event_id, user_id, CASE WHEN n % 100 = 0 THEN 'active' ELSE 'paid' END,
            ARRAY[option_id], '{1}', '{0}', now() + interval '1 day', now(),
            CASE WHEN n % 100 <> 0 THEN uuid_of('f', n) END, CASE WHEN n % 100 <> 0 THEN ARRAY[uuid_of('b', n)] END
       FROM (SELECT n, ${where} FROM generate_series(1, ${ROWS}) AS n) AS r`,
  );
  await client.query(
    `INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity)
     SELECT ticket_option_ids[1], expires_at, id, event_id, user_id, 1 FROM reservations WHERE status = 'active'`,
  );
}, 60_000);

afterAll(async () => {
  await client.end();
  await database.drop();
});

/** @returns the plan that the server keeps for the statement, or makes for its first runs. */
async function planOf({ text, values }: Sent, runs: number): Promise<string> {
  await client.query('DEALLOCATE ALL');
  await client.query(`PREPARE list AS ${text}`);
  const literals = values.map((value) =>
    client.escapeLiteral(value instanceof Date ? value.toISOString() : String(value)),
  );
  let plan = '';
  for (let run = 0; run < runs; run++) {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (COSTS OFF) EXECUTE list (${literals.join(', ')})`,
    );
    plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  }
  return plan;
}

async function expectIndexes(): Promise<void> {
  for (const [name, ask, index] of LISTS) {
    const statement = await sent(ask);
    for (const runs of [1, 8]) {
      const told = `${name}:\n${await planOf(statement, runs)}`;
      expect(told).toContain(index);
      expect(told).not.toMatch(/Seq Scan/);
    }
  }
}

describe('every list goes through the index that has it in its order', () => {
  test('on tables that nobody has analysed', async () => {
    await expectIndexes();
  });

  test('on tables whose statistics are there', async () => {
    await client.query('ANALYZE');
    await expectIndexes();
  });
});
