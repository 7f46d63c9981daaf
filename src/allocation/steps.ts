import type { PoolClient } from 'pg';
import { arrayOf, query, queryOne } from '../database/sql';
import type { Verdict } from './decide';
import { type Outcome, type PurchaseOrder, type Situation, type Stock, userCountKey } from './orders';
import { findMade, lockStock, readClockAndCounts, readStock, type StockRow, writeSales } from './statements';

/* The steps that a turn of a lane is made of; each is one statement (a look without a lock may take two). Orders are of one event, at least one. */

/** What was decided did not come out of the statement that wrote it; nothing was written, and it is tried again. */
export class GuardError extends Error {}

/** Locks the options of these orders and reads their stock. */
export async function lockStockOf(
  client: PoolClient,
  orders: readonly PurchaseOrder[],
): Promise<Map<string, Stock>> {
  return stockOf(await query(client, lockStock, [eventOf(orders), optionsOf(orders)]));
}

/** Reads what can be known of these orders without a lock: good to refuse on, not to sell on. */
export async function lookWithoutLock(
  client: PoolClient,
  orders: readonly PurchaseOrder[],
): Promise<Situation> {
  const rows = await query(client, readStock, [eventOf(orders), optionsOf(orders)]);
  const stock = stockOf(rows);
  const [first] = rows;
  const isUnlimited = rows.every((row) => row.max_per_user === null);
  if (first !== undefined && isUnlimited) return { now: first.now, stock, userCounts: new Map() };
  return look(client, orders, stock);
}

/** Reads the clock and what the users have of the options that limit them. */
export async function look(
  client: PoolClient,
  orders: readonly PurchaseOrder[],
  stock: ReadonlyMap<string, Stock>,
): Promise<Situation> {
  const limited = orders.filter((order) => (stock.get(order.ticketOptionId)?.maxPerUser ?? null) !== null);
  const pairs = new Map(limited.map((order) => [userCountKey(order.userId, order.ticketOptionId), order]));
  const rows = await query(client, readClockAndCounts, [
    eventOf(orders),
    arrayOf([...pairs.values()].map((order) => order.userId)),
    arrayOf([...pairs.values()].map((order) => order.ticketOptionId)),
  ]);
  const userCounts = new Map<string, number>();
  for (const { user_id, ticket_option_id, tickets } of rows) {
    if (user_id !== null && ticket_option_id !== null && tickets !== null) {
      userCounts.set(userCountKey(user_id, ticket_option_id), tickets);
    }
  }
  return { now: rows[0]?.now ?? new Date(0), stock, userCounts };
}

/** @returns the orders that are purchases already, by id. Only right under the locks. */
export async function recogniseMade(
  client: PoolClient,
  orders: readonly PurchaseOrder[],
): Promise<Map<string, Outcome>> {
  const rows = await query(client, findMade, [eventOf(orders), arrayOf(orders.map((order) => order.id))]);
  return new Map(
    rows.map((row) => [
      row.id,
      { made: { createdAt: row.created_at, unitPriceCents: row.unit_price_cents } },
    ]),
  );
}

/**
 * Writes the sales of the orders that were not refused.
 *
 * @returns whether there were any
 * @throws GuardError when not all of them could be written
 */
export async function write(
  client: PoolClient,
  orders: readonly PurchaseOrder[],
  verdicts: readonly Verdict[],
  { now, stock }: Situation,
): Promise<boolean> {
  const sold = orders.filter((_, index) => verdicts[index] === null);
  if (sold.length === 0) return false;
  const take = new Map<string, number>();
  const counts = new Map<string, { order: PurchaseOrder; tickets: number }>();
  for (const order of sold) {
    take.set(order.ticketOptionId, (take.get(order.ticketOptionId) ?? 0) + order.quantity);
    if ((stock.get(order.ticketOptionId)?.maxPerUser ?? null) === null) continue;
    const key = userCountKey(order.userId, order.ticketOptionId);
    counts.set(key, { order, tickets: (counts.get(key)?.tickets ?? 0) + order.quantity });
  }
  const counted = [...counts.values()];
  const row = await queryOne(client, writeSales, [
    eventOf(orders),
    arrayOf([...take.keys()]),
    arrayOf([...take.values()]),
    arrayOf(counted.map(({ order }) => order.userId)),
    arrayOf(counted.map(({ order }) => order.ticketOptionId)),
    arrayOf(counted.map(({ tickets }) => tickets)),
    arrayOf(sold.map((order) => order.id)),
    arrayOf(sold.map((order) => order.ticketOptionId)),
    arrayOf(sold.map((order) => order.userId)),
    arrayOf(sold.map((order) => order.quantity)),
    arrayOf(sold.map((order) => stock.get(order.ticketOptionId)?.priceCents ?? 0)),
    now,
  ]);
  if (
    row?.options_moved !== take.size ||
    row.counts_moved !== counted.length ||
    row.purchases_written !== sold.length
  ) {
    throw new GuardError('the database did not take the decision');
  }
  return true;
}

/** @returns the stock by ticket option id. */
export function stockOf(rows: readonly StockRow[]): Map<string, Stock> {
  return new Map(
    rows.map((row) => [
      row.id,
      {
        remaining: row.remaining,
        priceCents: row.price_cents,
        maxPerUser: row.max_per_user,
        maxPerOrder: row.max_per_order,
        salesStartAt: row.sales_start_at,
        salesEndAt: row.sales_end_at,
      },
    ]),
  );
}

function eventOf(orders: readonly PurchaseOrder[]): string {
  return orders[0]?.eventId ?? '';
}

function optionsOf(orders: readonly PurchaseOrder[]): string {
  return arrayOf([...new Set(orders.map((order) => order.ticketOptionId))]);
}
