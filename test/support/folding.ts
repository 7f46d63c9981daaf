import { SchedulerRegistry } from '@nestjs/schedule';
import type { Client } from 'pg';
import type { TestApp } from './app';
import { idOf } from './paying';
import type { Shop } from './shop';

/** What readers are told of a length of interval, by the beginning in milliseconds: tickets and cents. */
export type Sums = ReadonlyMap<number, readonly [string, string]>;

/** From now on the service folds when the test says so. */
export function stopFolding({ nest }: Pick<TestApp, 'nest'>): void {
  const scheduler = nest.get(SchedulerRegistry);
  scheduler.deleteTimeout('first fold');
  scheduler.deleteInterval('fold');
}

/** @returns what the events' own rows add up to, whatever is folded. */
export async function sumsOf(client: Client, minutes: number): Promise<Sums> {
  const { rows } = await client.query<{ starts_at: Date; sold: string; cents: string }>(
    `SELECT starts_at, sum(sold) AS sold, sum(revenue_cents) AS cents FROM sales
      WHERE minutes = $1 GROUP BY starts_at HAVING sum(sold) > 0 ORDER BY starts_at`,
    [minutes],
  );
  return new Map(rows.map(({ starts_at, sold, cents }) => [starts_at.getTime(), [sold, cents]]));
}

/** Writes one kind of interval of one event, one after the other up to an instant, a ticket for a euro in each. */
export async function sellEach(
  client: Client,
  event: string,
  minutes: number,
  count: number,
  last: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO sales (minutes, starts_at, event_id, sold, revenue_cents)
     SELECT $1::integer, date_bin($1 * interval '1 minute', $2, '2000-01-01Z') - n * $1 * interval '1 minute', $3, 1, 100
       FROM generate_series(0, $4::integer - 1) AS n`,
    [minutes, last, event, count],
  );
}

/** Lets purchases have been made at random times of the last months, and counts them there. */
export async function antedate(client: Client): Promise<void> {
  await client.query(
    `UPDATE purchases SET created_at = date_trunc('milliseconds', now() - random() ^ 3 * interval '100 days')`,
  );
  await client.query('TRUNCATE sales, sales_totals, sales_folds');
  await client.query(
    `INSERT INTO sales (minutes, starts_at, event_id, sold, revenue_cents)
     SELECT minutes, date_trunc(unit, created_at, 'UTC'), event_id, sum(quantity), sum(quantity * unit_price_cents)
       FROM purchases, (VALUES (1, 'minute'), (60, 'hour'), (1440, 'day')) AS span (minutes, unit)
      WHERE refunded_at IS NULL GROUP BY 1, 2, 3`,
  );
}

/** How many buy at the same time: few enough that nobody is refused because the others take long. */
const AT_ONCE = 32;

/** Buys what costs nothing, and reserves and pays what does. @throws when something is not sold */
export async function buyMany(shop: Shop, count: number): Promise<void> {
  const prices = [0, 250, 0, 999, 0, 1_500, 0];
  const offers = await Promise.all(
    prices.map((price_cents) => shop.offer({ allocation: 10_000, price_cents })),
  );
  const each = async (n: number): Promise<void> => {
    const [option = '', quantity] = [offers[n % prices.length], 1 + (n % 4)];
    if (prices[n % prices.length] === 0) idOf(await shop.buy(option, quantity));
    else idOf(await shop.pay(idOf(await shop.reserve(option, quantity))));
  };
  for (let from = 0; from < count; from += AT_ONCE) {
    const length = Math.min(AT_ONCE, count - from);
    await Promise.all(Array.from({ length }, (_, n) => each(from + n)));
  }
}

/** @returns the ids of what is not refunded, in no order. */
export async function purchasesOf(client: Client): Promise<string[]> {
  const text = 'SELECT id FROM purchases WHERE refunded_at IS NULL ORDER BY random()';
  const { rows } = await client.query<{ id: string }>(text);
  return rows.map(({ id }) => id);
}
