import type { Client } from 'pg';
import { countFigures } from './count-figures';
import { withClient } from './databases';
import { DISTINCT_ID } from './load/distinct-ids';

/** Events that have sold tickets: their ids are those of `KnownIds`. */
export const SELLING_EVENTS = 1_000;

/** The tail of an event's id. */
const TAIL = DISTINCT_ID.slice(8);

const EVENTS = `
  INSERT INTO events (id, name, created_at, updated_at)
  SELECT (lpad(to_hex(n), 8, '0') || $2::text)::uuid, 'Event ' || n, now(), now()
    FROM generate_series(0, $1::int - 1) AS n`;

/** Three kinds of each event; how many there are is said when it is known how many were sold. */
const OPTIONS = `
  INSERT INTO ticket_options (id, event_id, name, kind, kind_key, allocation, remaining, price_cents, created_at, updated_at)
  SELECT gen_random_uuid(), e.id, k.kind, k.kind, lower(k.kind), 0, 0, k.price_cents, now(), now()
    FROM events AS e, (VALUES ('Regular', 2500), ('Premium', 5000), ('VIP', 12000)) AS k (kind, price_cents)`;

/**
 * Purchases of one to four tickets. Some events are wanted more than others; each begins to sell on some day of the
 * last three months, sells for three hours to three days, and most of it at the beginning.
 * Parameter: how many.
 */
const PURCHASES = `
  WITH clock AS MATERIALIZED (
    SELECT date_trunc('milliseconds', now()) AS now
  ), options AS MATERIALIZED (
    SELECT e.number, array_agg(o.id ORDER BY o.price_cents) AS ids, o.event_id,
           array_agg(o.price_cents ORDER BY o.price_cents) AS prices,
           now - (1 + e.number * 7919 % 890 / 10.0) * interval '1 day' AS begins_at,
           least((3 + e.number * 104729 % 70) * interval '1 hour', (1 + e.number * 7919 % 890 / 10.0) * interval '1 day') AS lasts
      FROM clock, (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM events) AS e
      JOIN ticket_options AS o ON o.event_id = e.id
     GROUP BY e.number, o.event_id, now
  ), drawn AS (
    SELECT n, floor($2::int * power(random(), 1.5))::int AS number, 1 + floor(3 * power(random(), 2))::int AS kind,
           1 + floor(4 * power(random(), 2))::int AS quantity, power(random(), 3) AS progress
      FROM generate_series(1, $1::int) AS n
  ), sold AS (
    SELECT d.n, o.event_id, o.ids[d.kind] AS option_id, o.prices[d.kind] AS price_cents, d.quantity,
           date_trunc('milliseconds', o.begins_at + d.progress * o.lasts) AS at
      FROM drawn AS d JOIN options AS o ON o.number = d.number)
  INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
         event_id, option_id, gen_random_uuid(), quantity, price_cents, at
    FROM sold`;

/** A tenth to all of what was sold is left. */
const STOCK = `
  UPDATE ticket_options AS o
     SET sold = p.tickets, remaining = p.tickets * (1 + p.tickets % 10) / 10,
         allocation = p.tickets + p.tickets * (1 + p.tickets % 10) / 10, ever_taken = true
    FROM (SELECT ticket_option_id, event_id, sum(quantity)::int AS tickets FROM purchases GROUP BY 1, 2) AS p
   WHERE o.id = p.ticket_option_id AND o.event_id = p.event_id`;

/** Fills empty tables with sales of the last months, and with the statistics that follow from them. */
export function fillWithPurchases(databaseUrl: string, purchases: number): Promise<void> {
  return withClient(databaseUrl, async (client) => {
    await client.query("SET work_mem = '256MB'");
    await client.query(EVENTS, [SELLING_EVENTS, TAIL]);
    await client.query(OPTIONS);
    await withoutIndexes(client, () => client.query(PURCHASES, [purchases, SELLING_EVENTS]));
    await client.query(STOCK);
    await countFigures(client);
    await client.query('VACUUM ANALYZE');
  });
}

/** Millions of rows are written several times faster where no index has to follow; afterwards all of them are there again. */
async function withoutIndexes(client: Client, write: () => Promise<unknown>): Promise<void> {
  const { rows: constraints } = await client.query<{ name: string; definition: string }>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
      WHERE conrelid = 'purchases'::regclass AND contype IN ('p', 'f')`,
  );
  for (const { name } of constraints) await client.query(`ALTER TABLE purchases DROP CONSTRAINT ${name}`);
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
      WHERE schemaname = current_schema AND tablename = 'purchases'`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  await write();
  for (const { definition } of indexes) await client.query(definition);
  for (const { name, definition } of constraints) {
    await client.query(`ALTER TABLE purchases ADD CONSTRAINT ${name} ${definition}`);
  }
}

/** The event that sold most on one day, and that day: what there is to read most of. */
export async function busiestDay(databaseUrl: string): Promise<{ eventId: string; from: Date; to: Date }> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ eventId: string; from: Date; to: Date }>(
      `SELECT event_id AS "eventId", day.starts_at AS "from", day.starts_at + interval '1 day' AS "to"
         FROM (SELECT starts_at FROM sales WHERE minutes = 1440
                GROUP BY starts_at ORDER BY sum(sold) DESC LIMIT 1) AS day
         JOIN sales ON sales.minutes = 1440 AND sales.starts_at = day.starts_at
        ORDER BY sold DESC LIMIT 1`,
    ),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('nothing was sold');
  return row;
}
