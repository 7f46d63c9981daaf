import { Client, type QueryConfig } from 'pg';
import { type Connections } from '../../src/database/connections';
import { prepareSession } from '../../src/database/session';
import {
  EventStatisticsRepository,
  type RankingSort,
} from '../../src/statistics/event-statistics.repository';
import { KindStatisticsRepository } from '../../src/statistics/kind-statistics.repository';
import { type Interval, rangeOf } from '../../src/statistics/sales-range';
import { SalesRepository } from '../../src/statistics/sales.repository';
import { createTestDatabase, onServer, type TestDatabase } from '../support/database';

const EVENTS = 1_000;
const OPTIONS = 3 * EVENTS;
const HOLDS = 20 * OPTIONS;

const uuid = (kind: string, n: number): string =>
  `${kind}0000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const EVENT = uuid('e', EVENTS - 1);

type Sent = Required<Pick<QueryConfig, 'text' | 'values'>>;
type Ask = (connections: Connections) => Promise<unknown>;

/** @returns the statement that a repository sends. */
async function sent(ask: Ask): Promise<Sent> {
  let statement: Sent = { text: '', values: [] };
  const client = {
    query: (query: Sent) => {
      statement = query;
      return Promise.resolve({ rows: [] });
    },
  };
  const lend = { answer: (work: (lent: typeof client) => unknown) => Promise.resolve(work(client)) };
  await ask(lend as unknown as Connections).catch(() => undefined); // nothing is found, not even a sum
  return statement;
}

const first = { size: 20 };
const ranking =
  (sort: readonly RankingSort[], slice: object = first): Ask =>
  (connections) =>
    new EventStatisticsRepository(connections).list(
      sort.map((by) => ({ by, descending: true })),
      { ...first, ...slice },
    );
const sales =
  (interval: Interval, event?: string): Ask =>
  (connections) =>
    new SalesRepository(connections).list(
      rangeOf({ interval, ...(event !== undefined && { event }) }),
      first,
    );
const kinds = (connections: Connections) => new KindStatisticsRepository(connections);

const OF_EACH_EVENT = ['pk_event_counts', 'ix_ticket_options_event', 'pk_holds'];
const OF_ALL_KINDS = ['pk_ticket_options', 'ix_holds_sweep'];
/** What is folded, how far that is, and the rest. */
const OF_ALL_SALES = ['pk_sales_totals', 'pk_sales_folds', 'pk_sales '];
const OF_AN_EVENTS_KINDS = ['ix_ticket_options_event', 'pk_holds'];

/** What is asked for, the indexes that it must be found by, and how many rows of holds and sales it may touch. */
const READS: [string, Ask, readonly string[]][] = [
  ['an event', (connections) => new EventStatisticsRepository(connections).find(EVENT), OF_EACH_EVENT],
  ['events in their own order', ranking([]), OF_EACH_EVENT],
  ['those behind a position', ranking([], { after: [uuid('e', 500)] }), OF_EACH_EVENT],
  ['events by their sell-through', ranking(['sellThrough', 'revenueCents', 'sold']), OF_EACH_EVENT],
  ['those behind a share', ranking(['sellThrough'], { after: [0.5, uuid('e', 500)] }), OF_EACH_EVENT],
  ['those before a revenue', ranking(['revenueCents'], { before: [5n, uuid('e', 500)] }), OF_EACH_EVENT],
  [
    'the totals',
    (connections) => new EventStatisticsRepository(connections).findTotals(),
    ['pk_event_counts', 'ix_holds_sweep'],
  ],
  ['all kinds', (connections) => kinds(connections).list(undefined, first), OF_ALL_KINDS],
  [
    'those behind a kind',
    (connections) => kinds(connections).list(undefined, { ...first, after: ['premium'] }),
    OF_ALL_KINDS,
  ],
  ['a kind', (connections) => kinds(connections).find({ key: 'vip', event: undefined }), OF_ALL_KINDS],
  ['kinds of an event', (connections) => kinds(connections).list(EVENT, first), OF_AN_EVENTS_KINDS],
  [
    'a kind of an event',
    (connections) => kinds(connections).find({ key: 'vip', event: EVENT }),
    OF_AN_EVENTS_KINDS,
  ],
  ['sales by the minute', sales('minute'), OF_ALL_SALES],
  ['sales by the hour', sales('hour'), OF_ALL_SALES],
  ['sales by the day', sales('day'), OF_ALL_SALES],
  ['sales of an event by the minute', sales('minute', EVENT), ['ix_sales_event']],
  ['sales of an event by the hour', sales('hour', EVENT), ['ix_sales_event']],
];

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await prepareSession(client);
  for (const table of ['ticket_options', 'holds', 'event_counts', 'sales', 'sales_totals', 'sales_folds'])
    await client.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

async function fill(client: Client): Promise<void> {
  // The ids of one kind, by number.
  await client.query(
    `CREATE FUNCTION uuid_of(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
     $$ SELECT (kind || '0000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$`,
  );
  await client.query(
    `INSERT INTO events (id, name, created_at, updated_at)
     SELECT uuid_of('e', n), 'e' || n, now(), now() FROM generate_series(0, ${EVENTS - 1}) AS n`,
  );
  await client.query(
    `INSERT INTO ticket_options (id, event_id, name, kind, kind_key, allocation, remaining, reserved, sold,
                                 created_at, updated_at)
     SELECT uuid_of('0', n), uuid_of('e', n / 3), 'o', 'VIP', (ARRAY['regular', 'premium', 'vip'])[1 + n % 3],
            1000, 960 - n % 900, 40, n % 900, now(), now() FROM generate_series(0, ${OPTIONS - 1}) AS n`,
  );
  await client.query(
    `INSERT INTO event_counts (event_id, allocation, reserved, sold)
     SELECT event_id, sum(allocation), sum(reserved), sum(sold) FROM ticket_options GROUP BY event_id`,
  );
  // One of twenty is over.
  await client.query(
    `INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity)
     SELECT uuid_of('0', n % ${OPTIONS}), now() + CASE WHEN n < ${OPTIONS} THEN -1 ELSE 1 END * interval '1 day',
            uuid_of('a', n), uuid_of('e', n % ${OPTIONS} / 3), uuid_of('c', n), 2
       FROM generate_series(0, ${HOLDS - 1}) AS n`,
  );
  await client.query(
    `INSERT INTO sales (minutes, starts_at, event_id, sold, revenue_cents)
     SELECT minutes, date_trunc('minute', now()) - n * apart * interval '1 hour', uuid_of('e', e), 1, 100
       FROM (VALUES (1, 100, 4), (60, 20, 48), (1440, 5, 24)) AS lengths (minutes, intervals, apart)
      CROSS JOIN LATERAL generate_series(0, intervals - 1) AS n
      CROSS JOIN generate_series(0, ${EVENTS - 1}) AS e
      ORDER BY 2`,
  );
  await client.query(
    `INSERT INTO sales_totals (minutes, starts_at, sold, revenue_cents)
     SELECT minutes, starts_at, sum(sold), sum(revenue_cents) FROM sales
      WHERE starts_at < now() - interval '1 day' GROUP BY 1, 2`,
  );
  await client.query(
    `INSERT INTO sales_folds (minutes, until)
     SELECT minutes, now() - interval '1 day' FROM (VALUES (1), (60), (1440)) AS lengths (minutes)`,
  );
}

/** @returns the plan that the server keeps for the statement, or makes for its first runs. */
async function planOf({ text, values }: Sent, mode: string): Promise<string> {
  await client.query(`SET plan_cache_mode = ${mode}`);
  await client.query('DEALLOCATE ALL');
  await client.query(`PREPARE reading AS ${text}`);
  const literals = values.map((value) =>
    client.escapeLiteral(value instanceof Date ? value.toISOString() : String(value)),
  );
  const given = literals.length === 0 ? '' : ` (${literals.join(', ')})`;
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE reading${given}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

async function expectIndexes(): Promise<void> {
  for (const [name, ask, indexes] of READS) {
    const statement = await sent(ask);
    for (const mode of ['force_generic_plan', 'force_custom_plan']) {
      const told = `${name}, ${mode}:\n${await planOf(statement, mode)}`;
      for (const index of indexes) expect(told).toContain(index);
      expect(told).not.toMatch(/Seq Scan|Disabled/);
      expect(told).not.toMatch(/ on (purchases|reservations)/);
    }
  }
}

describe('every statistic is read by the indexes meant, and from counters only', () => {
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
