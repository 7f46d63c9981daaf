import type { PoolClient } from 'pg';
import { allOf } from '../database/connections';
import { arrayOf, query, statement } from '../database/sql';
import {
  isPayment,
  isTake,
  type Order,
  type PaymentState,
  type PurchaseState,
  type RefundOrder,
  type RefundState,
  type ReservationState,
  type TakeOrder,
} from './orders';
import { type PaymentRow, paymentState, type PurchaseRow, purchaseState } from './rows';
import { readReservations, type ReservationRow } from './statements';

/* What was taken before and is now to be changed: reservations, payments, purchases and refunds. */

/**
 * Right under the locks of the options that the payments are for. What is refunded has only one of them locked; there the
 * conditions of the UPDATE tell whether it is still so. Parameters: event, ids.
 */
export const readPayments = statement<PaymentRow>(
  'read_payments',
  `SELECT id, reservation_id, status, amount_cents, refunded_cents, failure_code, created_at
     FROM payments WHERE event_id = $1 AND id = ANY ($2::uuid[])`,
);

/** Which of these purchases are there. Only right under the locks of their options. Parameters: event, ids. */
export const readPurchases = statement<PurchaseRow>(
  'read_purchases',
  `SELECT id, user_id, ticket_option_id, quantity, unit_price_cents, created_at, reservation_id, payment_id, refunded_at
     FROM purchases WHERE event_id = $1 AND id = ANY ($2::uuid[])`,
);

export interface RefundRow {
  id: string;
  payment_id: string | null;
  purchase_id: string | null;
  amount_cents: string;
  done_at: Date | null;
}

/** By their own ids or those of their purchases. Parameters: event, refunds, purchases. */
export const readRefunds = statement<RefundRow>(
  'read_refunds',
  `SELECT id, payment_id, purchase_id, amount_cents, done_at
     FROM refunds WHERE event_id = $1 AND id = ANY ($2::uuid[])
    UNION
   SELECT id, payment_id, purchase_id, amount_cents, done_at
     FROM refunds WHERE event_id = $1 AND purchase_id = ANY ($3::uuid[])`,
);

/** What orders are about that change what was taken before. */
export interface TakenBefore {
  readonly reservations: ReadonlyMap<string, ReservationState>;
  readonly payments: ReadonlyMap<string, PaymentState>;
  readonly purchases: ReadonlyMap<string, PurchaseState>;
  readonly refunds: ReadonlyMap<string, RefundState>;
}

export const NOTHING_TAKEN: TakenBefore = {
  reservations: new Map(),
  payments: new Map(),
  purchases: new Map(),
  refunds: new Map(),
};

/**
 * Reads all of it; mostly in one flight. Only right under the locks of the orders' options.
 *
 * @param again whether the orders were sent before: then a payment that is to begin may be there although the reservation does not
 *   name it, since it has been called off meanwhile, and another one begun
 */
export async function lookAtTaken(
  client: PoolClient,
  eventId: string,
  orders: readonly Order[],
  again: boolean,
): Promise<TakenBefore> {
  const others = orders.filter((order) => !isTake(order));
  if (others.length === 0) return NOTHING_TAKEN;
  const begun = others.flatMap(({ kind, id }) => (kind === 'settle' || (kind === 'pay' && again) ? id : []));
  const [reservations, payments] = await allOf([
    reservationsById(client, eventId, others.flatMap(reservationOf)),
    paymentsById(client, eventId, begun),
  ]);
  const named = others.flatMap((order) =>
    order.kind === 'pay' && reservations.get(order.reservationId)?.paymentId === order.id ? order.id : [],
  );
  const missing = named.filter((id) => !payments.has(id));
  for (const [id, payment] of await paymentsById(client, eventId, missing)) payments.set(id, payment);
  const turnedBack = others.filter(
    (order) => order.kind === 'settle' && payments.get(order.id)?.status === 'refunding',
  );
  const givenBack = others.filter(isRefund);
  if (turnedBack.length + givenBack.length === 0) return { ...NOTHING_TAKEN, reservations, payments };

  const refundIds = [...givenBack.map(({ id }) => id), ...turnedBack.flatMap(refundOf)];
  const purchaseIds = givenBack.flatMap(({ purchaseId }) => purchaseId ?? []);
  const [purchases, rows] = await allOf([
    purchasesById(client, eventId, purchaseIds),
    query(client, readRefunds, [eventId, arrayOf(refundIds), arrayOf(purchaseIds)]),
  ]);
  const refunds = new Map(rows.map((row) => [row.id, refundState(row)]));
  const paidWith = rows.flatMap(({ payment_id: id }) => id ?? []);
  for (const [id, payment] of await paymentsById(client, eventId, paidWith)) payments.set(id, payment);
  return { reservations, payments, purchases, refunds };
}

export async function reservationsById(
  client: PoolClient,
  eventId: string,
  ids: readonly string[],
): Promise<Map<string, ReservationState>> {
  if (ids.length === 0) return new Map();
  const rows = await query(client, readReservations, [eventId, arrayOf(ids)]);
  return new Map(rows.map((row) => [row.id, reservationState(row)]));
}

export async function purchasesById(
  client: PoolClient,
  eventId: string,
  ids: readonly string[],
): Promise<Map<string, PurchaseState>> {
  if (ids.length === 0) return new Map();
  const rows = await query(client, readPurchases, [eventId, arrayOf(ids)]);
  return new Map(rows.map((row) => [row.id, purchaseState(row)]));
}

async function paymentsById(
  client: PoolClient,
  eventId: string,
  ids: readonly string[],
): Promise<Map<string, PaymentState>> {
  if (ids.length === 0) return new Map();
  const rows = await query(client, readPayments, [eventId, arrayOf(ids)]);
  return new Map(rows.map((row) => [row.id, paymentState(row)]));
}

type Other = Exclude<Order, TakeOrder>;

function isRefund(order: Other): order is RefundOrder {
  return order.kind === 'refund' || order.kind === 'refunded';
}

function reservationOf(order: Other): string[] {
  if (isPayment(order)) return [order.reservationId];
  return isRefund(order) ? [] : [order.id];
}

function refundOf(order: Other): string[] {
  return order.kind === 'settle' ? [order.refundId] : [];
}

function reservationState(row: ReservationRow): ReservationState {
  const quantities = row.quantities.split(',');
  const prices = row.unit_prices_cents.split(',');
  return {
    id: row.id,
    userId: row.user_id,
    status: row.status,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    items: row.ticket_option_ids.split(',').map((ticketOptionId, index) => ({
      ticketOptionId,
      quantity: Number(quantities[index]),
      unitPriceCents: Number(prices[index]),
    })),
    paymentId: row.payment_id,
    purchaseIds: row.purchase_ids?.split(',') ?? null,
  };
}

function refundState(row: RefundRow): RefundState {
  return {
    id: row.id,
    paymentId: row.payment_id,
    purchaseId: row.purchase_id,
    amountCents: BigInt(row.amount_cents),
    doneAt: row.done_at,
  };
}
