import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * One attempt to charge the price of a reservation. Written before the charge begins, so that whatever becomes of the
 * process, somebody knows what to ask the gateway for: the id is the key of the charge there. No foreign key, for the
 * reasons that reservations have none.
 */
@Entity('payments')
@Check(
  'ck_payments_status',
  `status IN ('pending', 'succeeded', 'failed', 'refunding', 'partially_refunded', 'refunded')`,
)
@Check('ck_payments_amount_cents', `amount_cents >= 0`)
@Check('ck_payments_refunded_cents', `refunded_cents BETWEEN 0 AND amount_cents`)
@Check('ck_payments_pending_is_checked', `status <> 'pending' OR check_at IS NOT NULL`)
@Index('ix_payments_check', ['checkAt'], { where: 'check_at IS NOT NULL' })
export class PaymentEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_payments' })
  id: string;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_payments' })
  eventId: string;

  @Column({ name: 'reservation_id', type: 'uuid' })
  reservationId: string;

  /** `refunding`: charged, but nothing came of it; the money is on its way back. */
  @Column({ type: 'text', default: 'pending' })
  status: 'pending' | 'succeeded' | 'failed' | 'refunding' | 'partially_refunded' | 'refunded';

  @Column({ name: 'amount_cents', type: 'bigint' })
  amountCents: string;

  @Column({ name: 'refunded_cents', type: 'bigint', default: 0 })
  refundedCents: string;

  /** Why nothing was bought: the gateway's refusal, or what happened meanwhile. */
  @Column({ name: 'failure_code', type: 'text', nullable: true })
  failureCode: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  /** When somebody has to look at it again unless it is settled by then: the end of the lease. */
  @Column({ name: 'check_at', type: 'timestamptz', precision: 3, nullable: true })
  checkAt: Date | null;
}
