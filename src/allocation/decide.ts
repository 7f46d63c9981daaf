import type { Decision } from './ledger';
import { Ledger } from './ledger';
import {
  type ChangeOrder,
  isTake,
  type Item,
  type Order,
  type Outcome,
  type Refused,
  refusedFor,
  type ReservationState,
  type TakeOrder,
} from './orders';
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
  const outcomes = orders.map((order) => {
    if (isTake(order)) return take(order, ledger, situation, rules);
    if (order.kind === 'extend') return extend(order, ledger, situation.now, rules);
    return cancel(order, ledger, situation.now);
  });
  return { outcomes, takes: ledger.takes, returns: ledger.returns };
}

function take(order: TakeOrder, ledger: Ledger, { now, stock }: Situation, { holdMs }: HoldRules): Outcome {
  const lines = order.items.map((item, index): Line => ({
    item,
    index,
    stock: stock.get(item.ticketOptionId),
  }));
  const refused = judge(order, lines, ledger, now);
  if (refused !== null) return { refused };
  const prices = lines.map((line) => line.stock?.priceCents ?? 0);
  if (order.kind === 'buy') {
    const made = { createdAt: now, unitPriceCents: prices[0] ?? 0 };
    ledger.sell(order, made);
    return { made };
  }
  const made: ReservationState = {
    id: order.id,
    userId: order.userId,
    status: 'active',
    createdAt: now,
    expiresAt: new Date(now.getTime() + holdMs),
    items: order.items.map((item, index) => ({ ...item, unitPriceCents: prices[index] ?? 0 })),
  };
  ledger.hold(made);
  return { made };
}

interface Line {
  readonly item: Item;
  readonly index: number;
  readonly stock: Stock | undefined;
}

/** The first reason that applies, in the order of `refusals.ts`, for every item that it applies to. */
function judge(order: TakeOrder, lines: readonly Line[], ledger: Ledger, now: Date): Verdict {
  const refuse = (why: (line: Line) => Refused | null): Verdict => {
    const [first, ...rest] = lines.flatMap((line) => {
      const refused = why(line);
      return refused === null ? [] : [{ ...refused, item: line.index }];
    });
    return first === undefined ? null : [first, ...rest];
  };
  return (
    refuse(({ stock }) => (stock === undefined ? { code: 'not_found' } : null)) ??
    refuse(({ stock }) => (stock?.eventCancelled === true ? { code: 'event_cancelled' } : null)) ??
    refuse(({ stock }) => notStarted(stock, now)) ??
    refuse(({ stock }) => ended(stock, now)) ??
    (order.kind === 'buy' ? refuse(({ stock }) => priced(stock)) : null) ??
    refuse(({ item, stock }) => overOrderLimit(item, stock)) ??
    overUserLimits(order, lines, ledger, refuse) ??
    refuse(({ item }) => insufficient(order, item, ledger))
  );
}

function notStarted(stock: Stock | undefined, now: Date): Refused | null {
  const start = stock?.salesStartAt ?? null;
  if (start === null || now >= start) return null;
  return { code: 'sales_not_started', meta: { sales_start_at: start.toISOString() } };
}

function ended(stock: Stock | undefined, now: Date): Refused | null {
  const end = stock?.salesEndAt ?? null;
  if (end === null || now < end) return null;
  return { code: 'sales_ended', meta: { sales_end_at: end.toISOString() } };
}

function priced(stock: Stock | undefined): Refused | null {
  const price = stock?.priceCents ?? 0;
  return price > 0 ? { code: 'payment_required', meta: { price_cents: price, currency: 'EUR' } } : null;
}

function overOrderLimit({ quantity }: Item, stock: Stock | undefined): Refused | null {
  const limit = stock?.maxPerOrder ?? null;
  return limit !== null && quantity > limit ? { code: 'order_limit_exceeded', meta: { limit } } : null;
}

/** The limits of each option, and the one over the whole event, which is no single item's matter. */
function overUserLimits(
  { userId, eventId, items }: TakeOrder,
  lines: readonly Line[],
  ledger: Ledger,
  refuse: (why: (line: Line) => Refused | null) => Verdict,
): Verdict {
  const ofOptions = refuse(({ item: { ticketOptionId, quantity }, stock }) =>
    overUserLimit(stock?.maxPerUser ?? null, quantity, 'ticket_option', () =>
      ledger.has(userId, ticketOptionId),
    ),
  );
  const quantity = items.reduce((sum, item) => sum + item.quantity, 0);
  const limit = lines[0]?.stock?.eventMaxPerUser ?? null;
  const ofEvent = overUserLimit(limit, quantity, 'event', () => ledger.has(userId, eventId));
  if (ofEvent === null) return ofOptions;
  return ofOptions === null ? [ofEvent] : [...ofOptions, ofEvent];
}

function overUserLimit(
  limit: number | null,
  quantity: number,
  per: string,
  had: () => number,
): Refused | null {
  if (limit === null) return null;
  const has = had();
  return has + quantity > limit ? { code: 'user_limit_exceeded', meta: { limit, has, per } } : null;
}

function insufficient(order: TakeOrder, { ticketOptionId, quantity }: Item, ledger: Ledger): Refused | null {
  const remaining = ledger.remaining(ticketOptionId);
  if (quantity <= remaining) return null;
  if (order.kind === 'buy') return { code: 'invalid_purchase_quantity' };
  return { code: 'insufficient_tickets', meta: { remaining } };
}

function extend(order: ChangeOrder, ledger: Ledger, now: Date, { holdMaxMs }: HoldRules): Outcome {
  const reservation = ledger.reservation(order.id);
  if (reservation === undefined) return refusedFor({ code: 'not_found' });
  if (reservation.status === 'cancelled') return refusedFor({ code: 'reservation_cancelled' });
  const busy = inPayment(reservation);
  if (busy !== null) return { refused: busy };
  if (isOver(reservation, now)) return refusedFor({ code: 'reservation_expired' });
  const until = order.until?.getTime() ?? 0;
  const { expiresAt, createdAt } = reservation;
  if (until < expiresAt.getTime()) {
    const detail = `\`expires_at\` must not be earlier than it is now: ${expiresAt.toISOString()}.`;
    return refusedFor({ code: 'invalid_attribute', detail });
  }
  const latest = new Date(createdAt.getTime() + holdMaxMs);
  if (until > Math.max(latest.getTime(), expiresAt.getTime())) {
    return refusedFor({ code: 'extension_limit_reached', meta: { latest: latest.toISOString() } });
  }
  const made = { ...reservation, expiresAt: new Date(until) };
  if (until !== expiresAt.getTime()) ledger.change(made);
  return { made };
}

/** What is cancelled or over already is left as it is, and that is a success. */
function cancel(order: ChangeOrder, ledger: Ledger, now: Date): Outcome {
  const reservation = ledger.reservation(order.id);
  if (reservation === undefined) return refusedFor({ code: 'not_found' });
  const busy = inPayment(reservation);
  if (busy !== null) return { refused: busy };
  if (reservation.status === 'cancelled' || isOver(reservation, now)) return { made: reservation };
  const made: ReservationState = { ...reservation, status: 'cancelled' };
  ledger.change(made);
  return { made };
}

function inPayment({ status }: ReservationState): Verdict {
  if (status === 'paid') return [{ code: 'reservation_paid' }];
  return status === 'paying' ? [{ code: 'reservation_in_payment' }] : null;
}

/** From `expiresAt` on, the very instant included. */
function isOver({ status, expiresAt }: ReservationState, now: Date): boolean {
  return status === 'active' && now >= expiresAt;
}
