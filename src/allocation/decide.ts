import type { Problem } from '../refusals';
import { type PurchaseOrder, type Situation, type Stock, userCountKey } from './orders';

/** `null`: the order gets its tickets. Otherwise why it does not. */
export type Verdict = Problem | null;

/**
 * Decides who gets tickets: the heart of the service, without a database or a clock.
 *
 * Orders are taken one after the other as they arrived. One that does not fit is refused and takes nothing, so
 * the ones behind it may still fit.
 *
 * @returns one verdict for each order, in the same order.
 */
export function decide(orders: readonly PurchaseOrder[], situation: Situation): Verdict[] {
  const taken = new Map<string, number>();
  const add = (key: string, quantity: number): void => {
    taken.set(key, (taken.get(key) ?? 0) + quantity);
  };

  return orders.map((order) => {
    const stock = situation.stock.get(order.ticketOptionId);
    if (stock === undefined) return { code: 'not_found' };
    const countKey = userCountKey(order.userId, order.ticketOptionId);
    const verdict = judge(order, stock, {
      now: situation.now,
      remaining: stock.remaining - (taken.get(order.ticketOptionId) ?? 0),
      has: (situation.userCounts.get(countKey) ?? 0) + (taken.get(countKey) ?? 0),
    });
    if (verdict === null) {
      add(order.ticketOptionId, order.quantity);
      add(countKey, order.quantity);
    }
    return verdict;
  });
}

/** One order against what is left at its turn: the first reason that applies, in the order of `refusals.ts`. */
function judge(
  order: PurchaseOrder,
  stock: Stock,
  at: { now: Date; remaining: number; has: number },
): Verdict {
  if (stock.salesStartAt !== null && at.now < stock.salesStartAt) {
    return { code: 'sales_not_started', meta: { sales_start_at: stock.salesStartAt.toISOString() } };
  }
  if (stock.salesEndAt !== null && at.now >= stock.salesEndAt) {
    return { code: 'sales_ended', meta: { sales_end_at: stock.salesEndAt.toISOString() } };
  }
  if (stock.priceCents > 0) {
    return { code: 'payment_required', meta: { price_cents: stock.priceCents, currency: 'EUR' } };
  }
  if (stock.maxPerOrder !== null && order.quantity > stock.maxPerOrder) {
    return { code: 'order_limit_exceeded', meta: { limit: stock.maxPerOrder } };
  }
  if (stock.maxPerUser !== null && at.has + order.quantity > stock.maxPerUser) {
    return { code: 'user_limit_exceeded', meta: { limit: stock.maxPerUser, has: at.has } };
  }
  if (order.quantity > at.remaining) return { code: 'invalid_purchase_quantity' };
  return null;
}
