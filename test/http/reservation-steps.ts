import { setTimeout as sleep } from 'node:timers/promises';
import { type Client } from 'pg';
import { type TestApp } from '../support/app';
import { toOne } from '../support/builders';
import { ask, json } from './wire';

/** What tests say twice: nobody tidies up, or somebody does every second. */
export const SWEEPS = [
  ['off', { SWEEP_INTERVAL_SECONDS: '0' }],
  ['on', { SWEEP_INTERVAL_SECONDS: '1' }],
] as const;

/** Lets a day pass for a reservation and what it holds; something that is being paid is held without end. */
export async function letADayPass(database: Client, id: string): Promise<void> {
  await letPass(database, id, 86_400_000);
}

/** Lets some time pass for a reservation and what it holds. */
export async function letPass(database: Client, id: string, ms: number): Promise<void> {
  const time = `interval '${ms} ms'`;
  await inOneTransaction(database, id, [
    `UPDATE reservations SET created_at = created_at - ${time}, expires_at = expires_at - ${time} WHERE id = $1`,
    `UPDATE holds SET expires_at = expires_at - ${time} WHERE reservation_id = $1`,
  ]);
}

/** Begins a payment that nobody ends. */
export async function startPaying(database: Client, id: string): Promise<void> {
  await inOneTransaction(database, id, [
    `INSERT INTO payments (id, event_id, reservation_id, amount_cents, created_at, check_at)
     SELECT overlay(gen_random_uuid()::text PLACING '7' FROM 15)::uuid, event_id, id,
            (SELECT sum(quantity::bigint * cents) FROM unnest(quantities, unit_prices_cents) AS item (quantity, cents)),
            now(), now() + interval '1 day'
       FROM reservations WHERE id = $1`,
    `UPDATE reservations AS r SET status = 'paying', payment_id = p.id
       FROM payments AS p WHERE r.id = $1 AND p.reservation_id = r.id`,
    `UPDATE holds SET expires_at = 'infinity' WHERE reservation_id = $1`,
  ]);
}

/** Pays a reservation. */
export async function pay(app: Pick<TestApp, 'port'>, id: string): Promise<void> {
  const relationships = { reservation: toOne('reservations', id) };
  const body = json({ data: { type: 'payments', attributes: { token: 'tok_visa' }, relationships } });
  const { status, text } = await ask(app, { method: 'POST', path: '/payments', body });
  if (status !== 201) throw new Error(`not paid: ${text}`);
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
