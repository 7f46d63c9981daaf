import type { PoolClient } from 'pg';
import { arrayOf, query, queryOne } from '../database/sql';
import { lookAtTaken, NOTHING_TAKEN } from './look-at-taken';
import { isTake, type Order, type TakeOrder } from './orders';
import { countKey, scopesOf, type Situation, type Stock } from './situation';
import { clock, readClockAndCounts, readOver, readStock, readUsersOver, type StockRow } from './statements';

/* What a turn looks at before it decides. Orders are of one event, at least one. */

/**
 * Reads in one statement what can be known of these orders without a lock: good to refuse on, not to sell on.
 *
 * @returns null when what users have matters too, which takes more than one
 */
export async function lookAtStock(
  client: PoolClient,
  orders: readonly TakeOrder[],
): Promise<Situation | null> {
  const rows = await readStockOf(client, orders);
  const [first] = rows;
  const isCounted = rows.some((row) => row.counts_users || row.event_counts_users);
  if (first === undefined || isCounted) return null;
  return { ...NOTHING, now: first.now, stock: new Map(rows.map((row) => [row.id, stockOf(row, row.over)])) };
}

/** The same with what users have. Only right in one snapshot: what is given back meanwhile would be counted nowhere. */
export async function lookWithoutLock(client: PoolClient, orders: readonly TakeOrder[]): Promise<Situation> {
  const rows = await readStockOf(client, orders);
  const stock = new Map(rows.map((row) => [row.id, stockOf(row)]));
  const users = await lookAtUsers(client, orders, stock);
  // The moment of the snapshot is that of its first statement.
  return look(client, orders, stock, { ...users, now: rows[0]?.now ?? users.now });
}

function readStockOf(client: PoolClient, orders: readonly TakeOrder[]) {
  const wanted = wantedOf(orders);
  return query(client, readStock, [
    eventOf(orders),
    arrayOf([...wanted.keys()]),
    arrayOf([...wanted.values()]),
  ]);
}

/**
 * Reads the clock and everything else that the orders are decided on, after their stock was locked and read.
 *
 * @param stock without what is over of it
 * @param users what was read of users after the locks, if that was enough
 * @param again whether the orders were sent before
 */
export async function look(
  client: PoolClient,
  orders: readonly Order[],
  stock: ReadonlyMap<string, Stock>,
  users?: UsersSeen,
  again = false,
): Promise<Situation> {
  const takes = orders.filter(isTake);
  const limited = limitedWants(takes, stock);
  const isEnough = users !== undefined && limited.every(({ key }) => users.keys.has(key));
  const { now, userCounts } = isEnough ? users : await lookAtUsers(client, orders, stock);
  return {
    now,
    userCounts,
    stock: await lookAtOver(client, takes, stock, now),
    userOver: await lookAtUsersOver(client, eventOf(orders), limited, userCounts, now),
    ...(await lookAtTaken(client, eventOf(orders), orders, again)),
  };
}

/** What was read of users at one moment. */
export interface UsersSeen {
  readonly now: Date;
  readonly userCounts: ReadonlyMap<string, number>;
  /** Whose, and within which scope, by `countKey`; also of those who have nothing. */
  readonly keys: ReadonlySet<string>;
}

/**
 * Reads the clock and what the users of these orders have, where there is a limit.
 *
 * @param stock tells the limits; it may be a guess, if the outcome is compared with the truth
 */
export async function lookAtUsers(
  client: PoolClient,
  orders: readonly Order[],
  stock: ReadonlyMap<string, Stock>,
): Promise<UsersSeen> {
  const limited = limitedWants(orders.filter(isTake), stock);
  if (limited.length === 0) return { now: await readClock(client), userCounts: new Map(), keys: new Set() };
  const rows = await query(client, readClockAndCounts, [
    eventOf(orders),
    arrayOf(limited.map(({ userId }) => userId)),
    arrayOf(limited.map(({ scopeId }) => scopeId)),
  ]);
  const userCounts = new Map<string, number>();
  for (const { user_id, scope_id, tickets } of rows) {
    if (user_id !== null && scope_id !== null && tickets !== null) {
      userCounts.set(countKey(user_id, scope_id), tickets);
    }
  }
  return { now: rows[0]?.now ?? new Date(0), userCounts, keys: new Set(limited.map(({ key }) => key)) };
}

/** What a group wants for one user within one scope. */
interface Want {
  /** By `countKey`. */
  readonly key: string;
  readonly userId: string;
  readonly scopeId: string;
  readonly limit: number;
  tickets: number;
}

const NOTHING = { userCounts: new Map(), userOver: new Map(), ...NOTHING_TAKEN } as const;

/** Where more is wanted than remains, it matters what is over. */
async function lookAtOver(
  client: PoolClient,
  takes: readonly TakeOrder[],
  stock: ReadonlyMap<string, Stock>,
  now: Date,
): Promise<ReadonlyMap<string, Stock>> {
  const short = [...wantedOf(takes)].filter(
    ([id, wanted]) => wanted > (stock.get(id)?.remaining ?? Infinity),
  );
  if (short.length === 0) return stock;
  const rows = await query(client, readOver, [
    eventOf(takes),
    arrayOf(short.map(([id]) => id)),
    arrayOf(short.map(([, wanted]) => wanted)),
    now,
  ]);
  const seen = new Map(stock);
  for (const { id, over } of rows) {
    const found = stock.get(id);
    if (found !== undefined) seen.set(id, { ...found, over });
  }
  return seen;
}

/** Where users would pass a limit, it matters what of theirs is over. */
async function lookAtUsersOver(
  client: PoolClient,
  eventId: string,
  wants: readonly Want[],
  userCounts: ReadonlyMap<string, number>,
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const passing = wants.filter(({ key, limit, tickets }) => {
    const has = userCounts.get(key) ?? 0;
    return has > 0 && has + tickets > limit;
  });
  if (passing.length === 0) return NOTHING.userOver;
  const users = new Set(passing.map(({ userId }) => userId));
  const rows = await query(client, readUsersOver, [eventId, arrayOf([...users]), now]);
  const over = new Map<string, number>();
  for (const { user_id, ticket_option_id, tickets } of rows) {
    over.set(countKey(user_id, ticket_option_id), tickets);
    const ofEvent = countKey(user_id, eventId);
    over.set(ofEvent, (over.get(ofEvent) ?? 0) + tickets);
  }
  return over;
}

/** Reads the database's clock: after the locks were taken, what it says is what counts. */
export async function readClock(client: PoolClient): Promise<Date> {
  const row = await queryOne(client, clock, []);
  return row?.now ?? new Date(0);
}

/** @returns tickets that a group wants of each option. */
function wantedOf(takes: readonly TakeOrder[]): Map<string, number> {
  const wanted = new Map<string, number>();
  for (const { items } of takes) {
    for (const { ticketOptionId, quantity } of items) {
      wanted.set(ticketOptionId, (wanted.get(ticketOptionId) ?? 0) + quantity);
    }
  }
  return wanted;
}

/** @returns what is wanted where there is a limit. */
function limitedWants(takes: readonly TakeOrder[], stock: ReadonlyMap<string, Stock>): Want[] {
  const wants = new Map<string, Want>();
  for (const { userId, eventId, items } of takes) {
    for (const { ticketOptionId, quantity } of items) {
      const of = stock.get(ticketOptionId);
      if (of === undefined) continue;
      for (const { id, limit } of scopesOf(ticketOptionId, eventId, of)) {
        if (limit === null) continue;
        const key = countKey(userId, id);
        const want = wants.get(key);
        if (want === undefined) wants.set(key, { key, userId, scopeId: id, limit, tickets: quantity });
        else want.tickets += quantity;
      }
    }
  }
  return [...wants.values()];
}

/** @returns the options that the orders touch. */
export function optionsOf(orders: readonly Order[]): Set<string> {
  const ids = new Set<string>();
  for (const order of orders) {
    if (isTake(order)) for (const { ticketOptionId } of order.items) ids.add(ticketOptionId);
    else for (const id of order.ticketOptionIds) ids.add(id);
  }
  return ids;
}

/** @returns the stock of a row, with what is over of it as far as that is known. */
export function stockOf(row: StockRow, over = 0): Stock {
  return {
    remaining: row.remaining,
    over,
    priceCents: row.price_cents,
    maxPerUser: row.max_per_user,
    maxPerOrder: row.max_per_order,
    salesStartAt: row.sales_start_at,
    salesEndAt: row.sales_end_at,
    countsUsers: row.counts_users,
    eventCancelled: row.event_cancelled,
    eventMaxPerUser: row.event_max_per_user,
    eventCountsUsers: row.event_counts_users,
  };
}

export function eventOf(orders: readonly Order[]): string {
  return orders[0]?.eventId ?? '';
}
