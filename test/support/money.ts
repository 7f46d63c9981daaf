import type { Pool } from 'pg';
import { audit } from '../../src/allocation/audit';
import type { Told } from './till';

/** What somebody still has to see to. Parameter: the event, or null for all. */
const UNDER_WAY = `
  SELECT (SELECT count(*) FROM payments
           WHERE status IN ('pending', 'refunding') AND event_id = coalesce($1, event_id))
       + (SELECT count(*) FROM reservations WHERE status = 'paying' AND event_id = coalesce($1, event_id))
       + (SELECT count(*) FROM refunds WHERE done_at IS NULL AND event_id = coalesce($1, event_id)) AS count`;

/**
 * Each payment and each charge on its own: what the gateway has kept is what is owned and was paid with it. So a charge
 * has bought something or has gone back; and nothing is owned that was not charged, or whose money has gone back.
 */
const CHARGES = `
  WITH owned AS (
    SELECT payment_id, sum(quantity::bigint * unit_price_cents) AS cents
      FROM purchases WHERE payment_id IS NOT NULL AND refunded_at IS NULL GROUP BY 1)
  SELECT format('payment %s is %s (%s) with %s cents, %s of them refunded, and %s cents are owned; but the gateway has charged %s and given back %s',
                coalesce(p.id, g.key), coalesce(p.status, 'unknown'), p.failure_code, p.amount_cents, p.refunded_cents,
                coalesce(owned.cents, 0), coalesce(g.amount_cents, 0), coalesce(g.refunded_cents, 0)) AS sentence
    FROM (SELECT * FROM gateway_charges WHERE NOT voided) AS g
    FULL JOIN (SELECT * FROM payments WHERE amount_cents > 0) AS p ON p.id = g.key
    LEFT JOIN owned ON owned.payment_id = p.id
   WHERE p.id IS NULL
      OR (p.status = 'failed') <> (g.key IS NULL)
      OR g.amount_cents <> p.amount_cents
      OR g.refunded_cents <> p.refunded_cents
      OR coalesce(g.amount_cents - g.refunded_cents, 0) <> coalesce(owned.cents, 0)`;

/** Each refund on its own, and what the gateway has given back: each once. */
const REFUNDS = `
  SELECT format('refund %s of %s cents was done at %s, but the gateway has given back %s of charge %s',
                coalesce(r.id, g.key), r.amount_cents, r.done_at, g.amount_cents, g.charge_key) AS sentence
    FROM gateway_refunds AS g
    FULL JOIN (SELECT * FROM refunds WHERE amount_cents > 0) AS r ON r.id = g.key
   WHERE r.id IS NULL OR g.key IS NULL OR r.done_at IS NULL
      OR r.amount_cents <> g.amount_cents OR r.payment_id <> g.charge_key
   UNION ALL
  SELECT format('charge %s is counted with %s cents given back, but those are %s', c.key, c.refunded_cents, sum(g.amount_cents))
    FROM gateway_charges AS c LEFT JOIN gateway_refunds AS g ON g.charge_key = c.key
   GROUP BY c.key, c.refunded_cents
  HAVING c.refunded_cents <> coalesce(sum(g.amount_cents), 0)`;

/** No reservation is paid twice. */
const TWICE = `
  SELECT format('reservation %s was paid %s times', reservation_id, count(*)) AS sentence
    FROM payments WHERE status IN ('succeeded', 'partially_refunded') GROUP BY reservation_id HAVING count(*) > 1
   UNION ALL
  SELECT format('reservation %s became %s purchases of one kind', reservation_id, count(*))
    FROM purchases WHERE reservation_id IS NOT NULL GROUP BY reservation_id, ticket_option_id HAVING count(*) > 1`;

/** @returns how much is still under way, of one event or of all */
export async function underWay(pool: Pool, event: string | null = null): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(UNDER_WAY, [event]);
  return Number(rows[0]?.count);
}

/** @returns everything that is wrong with the books and the money, once nothing is under way; nothing, when the promises hold */
export async function wrongsWithMoney(pool: Pool, told: readonly Told[] = []): Promise<string[]> {
  const client = await pool.connect();
  try {
    const open = await underWay(pool);
    const found = open === 0 ? [] : [`${open} payments, reservations and refunds are still under way`];
    for (const text of [CHARGES, REFUNDS, TWICE]) {
      const { rows } = await client.query<{ sentence: string }>(text);
      found.push(...rows.map(({ sentence }) => sentence));
    }
    found.push(...(await audit(client)).map(({ sentence }) => sentence));
    return [...found, ...(await brokenWords(pool, told))];
  } finally {
    client.release();
  }
}

/** Whatever was told to a client has to be so afterwards. */
async function brokenWords(pool: Pool, told: readonly Told[]): Promise<string[]> {
  const payments = await pool.query<{ id: string; failure_code: string | null; bought: string[] | null }>(
    `SELECT p.id, p.failure_code, array_agg(u.id::text ORDER BY u.id::text) FILTER (WHERE u.id IS NOT NULL) AS bought
       FROM payments AS p LEFT JOIN purchases AS u ON u.payment_id = p.id GROUP BY p.id, p.failure_code`,
  );
  const known = new Map(payments.rows.map((row) => [row.id, row]));
  const refunded = await pool.query<{ id: string }>('SELECT id FROM purchases WHERE refunded_at IS NOT NULL');
  const isRefunded = new Set(refunded.rows.map(({ id }) => id));
  return told.flatMap(({ status, code, payment, bought, purchase }) => {
    if (purchase !== undefined)
      return status !== 204 || isRefunded.has(purchase) ? [] : [`purchase ${purchase} was not refunded`];
    if (payment === undefined) return status === 201 ? ['a payment was made that has no id'] : [];
    const found = known.get(payment);
    if (found === undefined) return [`payment ${payment} was told of (${code}) and is lost`];
    const owned = (found.bought ?? []).join();
    if (status === 201 && owned !== [...bought].sort().join())
      return [`payment ${payment} was told to have bought ${bought.join()}, but has bought ${owned}`];
    if (status === 402 && owned !== '') return [`payment ${payment} was refused, but has bought ${owned}`];
    if (code === 'card_error' && found.failure_code !== code)
      return [`payment ${payment} failed for ${String(found.failure_code)}, but ${code} was told`];
    return [];
  });
}

/**
 * @returns every row of every table as text; but not when somebody looks at a payment again, which changes while
 * nothing else does
 */
export async function allButChecks(pool: Pool): Promise<string[]> {
  const tables = await pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_stat_user_tables WHERE relname <> 'schema_migrations' ORDER BY relname`,
  );
  const lines: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await pool.query<{ line: string }>(
      `SELECT (to_jsonb(t) - 'check_at')::text AS line FROM ${name} AS t ORDER BY 1`,
    );
    lines.push(...rows.map(({ line }) => `${name}: ${line}`));
  }
  return lines;
}
