import { Injectable } from '@nestjs/common';
import type { PaymentState } from '../allocation/orders';
import { type PaymentRow, paymentState } from '../allocation/rows';
import { Connections } from '../database/connections';
import { arrayOf, query, queryOne, statement } from '../database/sql';

/** A payment has bought what its reservation became, unless another payment did that. */
export const findPayment = statement<PaymentRow & { purchase_ids: string[] | null }>(
  'find_payment',
  `SELECT p.id, p.reservation_id, p.status, p.amount_cents, p.refunded_cents, p.failure_code, p.created_at,
          r.purchase_ids::text[]
     FROM payments AS p
     LEFT JOIN reservations AS r
       ON r.id = p.reservation_id AND r.event_id = p.event_id AND r.payment_id = p.id
    WHERE p.id = $1`,
);

export const findPayable = statement<{
  id: string;
  event_id: string;
  ticket_option_ids: string;
  has_price: boolean;
}>(
  'find_payable_reservations',
  `SELECT id, event_id, array_to_string(ticket_option_ids, ',') AS ticket_option_ids, 0 < ANY (unit_prices_cents) AS has_price
     FROM reservations WHERE id = ANY ($1::uuid[])`,
);

export const findRefundable = statement<{ event_id: string; ticket_option_id: string }>(
  'find_refundable_purchase',
  'SELECT event_id, ticket_option_id FROM purchases WHERE id = $1',
);

/** What never changes of a reservation, so that it may be read before its turn. */
export interface Payable {
  readonly id: string;
  readonly eventId: string;
  readonly ticketOptionIds: readonly string[];
  /** Whether it costs anything. */
  readonly hasPrice: boolean;
}

/** Reads payments, and what is to be paid or paid back. They are written in `allocation/`. */
@Injectable()
export class PaymentsRepository {
  constructor(private readonly connections: Connections) {}

  /** @returns the payment with the ids of the purchases that it made. */
  async find(id: string): Promise<{ payment: PaymentState; purchaseIds: readonly string[] } | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, findPayment, [id]));
    return row && { payment: paymentState(row), purchaseIds: row.purchase_ids ?? [] };
  }

  /** @returns those of the reservations that there are. */
  async findPayable(ids: readonly string[]): Promise<Payable[]> {
    const rows = await this.connections.answer((client) => query(client, findPayable, [arrayOf(ids)]));
    return rows.map((row) => ({
      id: row.id,
      eventId: row.event_id,
      ticketOptionIds: row.ticket_option_ids.split(','),
      hasPrice: row.has_price,
    }));
  }

  /** @returns where a purchase belongs. */
  async findRefundable(id: string): Promise<{ eventId: string; ticketOptionId: string } | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, findRefundable, [id]));
    return row && { eventId: row.event_id, ticketOptionId: row.ticket_option_id };
  }
}
