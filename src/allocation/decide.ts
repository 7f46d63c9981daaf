import { cancel, extend } from './decide-changes';
import { pay, refund, refunded, settle } from './decide-payments';
import type { Decision } from './ledger';
import { Ledger } from './ledger';
import type { Item, Order, Outcome, Refused, ReservationState, TakeOrder } from './orders';
import { type HoldRules, type Situation, type Stock } from './situation';

type Verdict = readonly [Refused, ...Refused[]] | null;

/**
 * Decides who gets tickets: the heart of the service, without a database or a clock.
 *
 * Orders are taken one after the other as they arrived. One that does not fit is refused and takes nothing, so
 * the ones behind it may still fit. A hold that is over counts as given back.
 *
 * @param orders of one event
 */
export function decide(orders: readonly Order[], situation: Situation, rules: HoldRules): Decision {
  const ledger = new Ledger(orders[0]?.eventId ?? '', situation);
  const outcomes = orders.map((order) => decideOne(order, ledger, situation, rules));
  return { outcomes, takes: ledger.takes, changes: ledger.changes, figures: ledger.figures };
}

function decideOne(order: Order, ledger: Ledger, situation: Situation, rules: HoldRules): Outcome {
  switch (order.kind) {
    case 'buy':
    case 'reserve':
      return take(order, ledger, situation, rules);
    case 'extend':
      return extend(order, ledger, situation.now, rules);
    case 'cancel':
      return cancel(order, ledger, situation.now);
    case 'pay':
      return pay(order, ledger, situation.now);
    case 'settle':
      return settle(order, ledger, situation.now);
    case 'refund':
      return refund(order, ledger, situation.now);
    case 'refunded':
      return refunded(order, ledger, situation.now);
  }
}

function take(order: TakeOrder, ledger: Ledger, { now, stock }: Situation, { holdMs }: HoldRules): Outcome {
  const refused = judge(order, stock, ledger, now);
  if (refused !== null) return { refused };
  if (order.kind === 'buy') {
    const made = { createdAt: now, unitPriceCents: priceOf(order.items[0], stock) };
    ledger.sell(order, made);
    return { made };
  }
  const made: ReservationState = {
    id: order.id,
    userId: order.userId,
    status: 'active',
    createdAt: now,
    expiresAt: new Date(now.getTime() + holdMs),
    items: order.items.map((item) => ({
      ticketOptionId: item.ticketOptionId,
      quantity: item.quantity,
      unitPriceCents: priceOf(item, stock),
    })),
    paymentId: null,
    purchaseIds: null,
  };
  ledger.hold(made);
  return { made };
}

function priceOf(item: Item | undefined, stock: ReadonlyMap<string, Stock>): number {
  return (item && stock.get(item.ticketOptionId)?.priceCents) ?? 0;
}

type Why = (stock: Stock | undefined, item: Item, at: At) => Refused | null;

/** What an item is judged by, beside its stock. */
interface At {
  readonly order: TakeOrder;
  readonly ledger: Ledger;
  readonly now: Date;
}

/** Why an item may not be had: the first reason that applies, in the order of `refusals.ts`, is the answer. */
const REASONS: readonly Why[] = [
  (stock) => (stock === undefined ? { code: 'not_found' } : null),
  (stock) => (stock?.eventCancelled === true ? { code: 'event_cancelled' } : null),
  notStarted,
  ended,
  priced,
  overOrderLimit,
];

function judge(order: TakeOrder, stock: ReadonlyMap<string, Stock>, ledger: Ledger, now: Date): Verdict {
  const at = { order, ledger, now };
  for (const why of REASONS) {
    const refused = each(stock, at, why);
    if (refused !== null) return refused;
  }
  return overUserLimits(stock, at) ?? each(stock, at, insufficient);
}

/** @returns the reason for every item that it applies to; null when it applies to none. */
function each(stock: ReadonlyMap<string, Stock>, at: At, why: Why): Verdict {
  let refused: [Refused, ...Refused[]] | null = null;
  let index = 0;
  for (const item of at.order.items) {
    const found = why(stock.get(item.ticketOptionId), item, at);
    if (found !== null) {
      const told = { ...found, item: index };
      if (refused === null) refused = [told];
      else refused.push(told);
    }
    index += 1;
  }
  return refused;
}

function notStarted(stock: Stock | undefined, _item: Item, { now }: At): Refused | null {
  const start = stock?.salesStartAt ?? null;
  if (start === null || now >= start) return null;
  return { code: 'sales_not_started', meta: { sales_start_at: start.toISOString() } };
}

function ended(stock: Stock | undefined, _item: Item, { now }: At): Refused | null {
  const end = stock?.salesEndAt ?? null;
  if (end === null || now < end) return null;
  return { code: 'sales_ended', meta: { sales_end_at: end.toISOString() } };
}

/** What has a price is reserved and paid. */
function priced(stock: Stock | undefined, _item: Item, { order }: At): Refused | null {
  const price = stock?.priceCents ?? 0;
  if (order.kind !== 'buy' || price === 0) return null;
  return { code: 'payment_required', meta: { price_cents: price, currency: 'EUR' } };
}

function overOrderLimit(stock: Stock | undefined, { quantity }: Item): Refused | null {
  const limit = stock?.maxPerOrder ?? null;
  return limit !== null && quantity > limit ? { code: 'order_limit_exceeded', meta: { limit } } : null;
}

/** The limits of each option, and the one over the whole event, which is no single item's matter. */
function overUserLimits(stock: ReadonlyMap<string, Stock>, at: At): Verdict {
  const ofOptions = each(stock, at, overLimitOfOption);
  const { items, userId, eventId } = at.order;
  const limit = stock.get(items[0]?.ticketOptionId ?? '')?.eventMaxPerUser ?? null;
  if (limit === null) return ofOptions;
  const quantity = items.reduce((sum, item) => sum + item.quantity, 0);
  const ofEvent = overLimit(limit, quantity, at.ledger.has(userId, eventId), 'event');
  if (ofEvent === null) return ofOptions;
  return ofOptions === null ? [ofEvent] : [...ofOptions, ofEvent];
}

function overLimitOfOption(
  stock: Stock | undefined,
  { ticketOptionId, quantity }: Item,
  { order, ledger }: At,
): Refused | null {
  const limit = stock?.maxPerUser ?? null;
  if (limit === null) return null;
  return overLimit(limit, quantity, ledger.has(order.userId, ticketOptionId), 'ticket_option');
}

function overLimit(limit: number, quantity: number, has: number, per: string): Refused | null {
  return has + quantity > limit ? { code: 'user_limit_exceeded', meta: { limit, has, per } } : null;
}

function insufficient(
  _stock: Stock | undefined,
  { ticketOptionId, quantity }: Item,
  { order, ledger }: At,
): Refused | null {
  const remaining = ledger.remaining(ticketOptionId);
  if (quantity <= remaining) return null;
  if (order.kind === 'buy') return { code: 'invalid_purchase_quantity' };
  return { code: 'insufficient_tickets', meta: { remaining } };
}
