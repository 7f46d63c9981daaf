import { setTimeout as sleep } from 'node:timers/promises';
import { type Client } from 'pg';

/** What tests say twice: nobody tidies up, or somebody does every second. */
export const SWEEPS = [
  ['off', { SWEEP_INTERVAL_SECONDS: '0' }],
  ['on', { SWEEP_INTERVAL_SECONDS: '1' }],
] as const;

/** Lets a day pass for a reservation and what it holds; something that is being paid is held without end. */
export async function letADayPass(database: Client, id: string): Promise<void> {
  await inOneTransaction(database, id, [
    `UPDATE reservations SET created_at = created_at - interval '1 day', expires_at = expires_at - interval '1 day'
      WHERE id = $1`,
    `UPDATE holds SET expires_at = expires_at - interval '1 day' WHERE reservation_id = $1`,
  ]);
}

/** Begins a payment, which no request can do yet. */
export async function startPaying(database: Client, id: string): Promise<void> {
  await inOneTransaction(database, id, [
    `UPDATE reservations SET status = 'paying' WHERE id = $1`,
    `UPDATE holds SET expires_at = 'infinity' WHERE reservation_id = $1`,
  ]);
}

/** Ends a payment that succeeded: what was held is owned. */
export async function pay(database: Client, id: string): Promise<void> {
  await inOneTransaction(database, id, [
    `UPDATE reservations SET status = 'paid' WHERE id = $1`,
    `WITH gone AS (
       DELETE FROM holds WHERE reservation_id = $1 RETURNING ticket_option_id, event_id, user_id, quantity
     ), moved AS (
       UPDATE ticket_options AS o SET reserved = reserved - gone.quantity, sold = sold + gone.quantity
         FROM gone WHERE o.id = gone.ticket_option_id
     )
     INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT overlay(gen_random_uuid()::text PLACING '7' FROM 15)::uuid,
            event_id, ticket_option_id, user_id, quantity, 0, now() FROM gone`,
  ]);
}

async function inOneTransaction(database: Client, id: string, texts: readonly string[]): Promise<void> {
  await database.query('BEGIN');
  for (const text of texts) await database.query(text, [id]);
  await database.query('COMMIT');
}

/** @returns how many holds a reservation has. */
export async function holdsOf(database: Client, id: string): Promise<number> {
  const text = 'SELECT count(*)::integer AS n FROM holds WHERE reservation_id = $1';
  const { rows } = await database.query<{ n: number }>(text, [id]);
  return rows[0]?.n ?? -1;
}

/** @returns what the row of an option says, which is not yet counted back what is over. */
export async function countersOf(database: Client, option: string): Promise<unknown> {
  const text = 'SELECT remaining, reserved, sold FROM ticket_options WHERE id = $1';
  const { rows } = await database.query<Record<string, number>>(text, [option]);
  return rows[0];
}

/** @returns the database's clock, in whole milliseconds. */
export async function clockMs(database: Client): Promise<number> {
  const { rows } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]?.now.getTime() ?? NaN;
}

/** Waits until something is so. @throws when it is not so in time */
export async function until(what: () => Promise<boolean>, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`not so within ${withinMs} ms`);
    await sleep(10);
  }
}
