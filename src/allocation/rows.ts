import type { PaymentState, PurchaseState } from './orders';

/* Payments and purchases as their tables have them, for whoever reads them. */

export interface PaymentRow {
  id: string;
  reservation_id: string;
  status: PaymentState['status'];
  amount_cents: string;
  refunded_cents: string;
  failure_code: string | null;
  created_at: Date;
}

/** @returns the payment that a row tells of. */
export function paymentState(row: PaymentRow): PaymentState {
  return {
    id: row.id,
    reservationId: row.reservation_id,
    status: row.status,
    amountCents: BigInt(row.amount_cents),
    refundedCents: BigInt(row.refunded_cents),
    failureCode: row.failure_code,
    createdAt: row.created_at,
  };
}

export interface PurchaseRow {
  id: string;
  user_id: string;
  ticket_option_id: string;
  quantity: number;
  unit_price_cents: number;
  created_at: Date;
  reservation_id: string | null;
  payment_id: string | null;
  refunded_at: Date | null;
}

/** @returns the purchase that a row tells of. */
export function purchaseState(row: PurchaseRow): PurchaseState {
  return {
    id: row.id,
    userId: row.user_id,
    ticketOptionId: row.ticket_option_id,
    quantity: row.quantity,
    unitPriceCents: row.unit_price_cents,
    createdAt: row.created_at,
    reservationId: row.reservation_id,
    paymentId: row.payment_id,
    refundedAt: row.refunded_at,
  };
}
