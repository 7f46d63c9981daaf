import { Injectable } from '@nestjs/common';
import { Connections } from '../database/connections';
import { query, queryOne, statement } from '../database/sql';
import type { Attempt, BegunRefund } from './attempt';

/* What somebody has to look at again. These statements name no event, and are on nobody's way. */

interface PaymentRow {
  id: string;
  event_id: string;
  reservation_id: string;
  status: string;
  ticket_option_ids: string[];
}

/** Payments whose time is up, longest over first. Parameter: how many. */
export const findDuePayments = statement<PaymentRow>(
  'find_due_payments',
  `SELECT p.id, p.event_id, p.reservation_id, p.status, r.ticket_option_ids::text[]
     FROM (SELECT id, event_id, reservation_id, status, check_at FROM payments
            WHERE check_at <= now() ORDER BY check_at LIMIT $1) AS p
     JOIN reservations AS r ON r.id = p.reservation_id AND r.event_id = p.event_id
    ORDER BY p.check_at`,
);

/** Refunds whose time is up. Those of a purchase are of its option, the others of all that was to be paid. */
export const findDueRefunds = statement<{
  id: string;
  event_id: string;
  payment_id: string;
  purchase_id: string | null;
  amount_cents: string;
  ticket_option_ids: string[];
}>(
  'find_due_refunds',
  `SELECT f.id, f.event_id, f.payment_id, f.purchase_id, f.amount_cents,
          CASE WHEN u.id IS NULL THEN r.ticket_option_ids ELSE ARRAY[u.ticket_option_id] END::text[]
            AS ticket_option_ids
     FROM (SELECT id, event_id, payment_id, purchase_id, amount_cents, check_at FROM refunds
            WHERE check_at <= now() ORDER BY check_at LIMIT $1) AS f
     JOIN payments AS p ON p.id = f.payment_id AND p.event_id = f.event_id
     JOIN reservations AS r ON r.id = p.reservation_id AND r.event_id = p.event_id
     LEFT JOIN purchases AS u ON u.id = f.purchase_id AND u.event_id = f.event_id
    ORDER BY f.check_at`,
);

/** Only one of all who see the same row changes it. Parameters: id, event, lease in milliseconds. */
const claim = (table: 'payments' | 'refunds') =>
  statement<{ id: string }>(
    `claim_${table}`,
    `UPDATE ${table} SET check_at = clock_timestamp() + $3 * interval '1 ms'
      WHERE id = $1 AND event_id = $2 AND check_at <= clock_timestamp()
     RETURNING id`,
  );
export const claimPayment = claim('payments');
export const claimRefund = claim('refunds');

/**
 * Looks less and less often: after twice the time that has passed. A charge that arrives a day after it was called off is
 * the gateway's to explain. Parameters: id, event.
 */
export const putOffPayment = statement(
  'put_off_payment',
  `UPDATE payments
      SET check_at = CASE WHEN created_at > now() - interval '24 h' THEN now() + (now() - created_at) END
    WHERE id = $1 AND event_id = $2 AND status = 'failed'`,
);

/** A payment that nobody has settled, or one that was called off and is looked at once more. */
export interface DuePayment extends Omit<Attempt, 'purchaseIds' | 'refundId'> {
  readonly isPending: boolean;
}

/** Finds what the recovery has to do, and claims it. */
@Injectable()
export class RecoveryRepository {
  constructor(private readonly connections: Connections) {}

  async findDuePayments(most: number): Promise<DuePayment[]> {
    const rows = await this.connections.answer((client) => query(client, findDuePayments, [most]));
    return rows.map((row) => ({
      id: row.id,
      eventId: row.event_id,
      reservationId: row.reservation_id,
      ticketOptionIds: row.ticket_option_ids,
      isPending: row.status === 'pending',
    }));
  }

  async findDueRefunds(most: number): Promise<BegunRefund[]> {
    const rows = await this.connections.answer((client) => query(client, findDueRefunds, [most]));
    return rows.map((row) => ({
      id: row.id,
      eventId: row.event_id,
      paymentId: row.payment_id,
      purchaseId: row.purchase_id,
      amountCents: BigInt(row.amount_cents),
      ticketOptionIds: row.ticket_option_ids,
    }));
  }

  /** @returns whether it is the caller's to look after, for the time of the lease. */
  async claimPayment({ id, eventId }: DuePayment, leaseMs: number): Promise<boolean> {
    const values = [id, eventId, leaseMs];
    const row = await this.connections.answer((client) => queryOne(client, claimPayment, values));
    return row !== undefined;
  }

  /** @returns whether it is the caller's to look after, for the time of the lease. */
  async claimRefund({ id, eventId }: BegunRefund, leaseMs: number): Promise<boolean> {
    const values = [id, eventId, leaseMs];
    const row = await this.connections.answer((client) => queryOne(client, claimRefund, values));
    return row !== undefined;
  }

  /** Of a payment that was called off, and not charged all the same by now. */
  async putOff({ id, eventId }: DuePayment): Promise<void> {
    await this.connections.answer((client) => query(client, putOffPayment, [id, eventId]));
  }
}
