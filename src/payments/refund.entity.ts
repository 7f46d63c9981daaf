import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/**
 * A purchase that is given back, or a whole payment of which nothing came, with the money that goes back for it.
 * Written before the gateway is asked; the id is the key of the refund there, so that it is made once however often it
 * is asked for.
 */
@Entity('refunds')
@Check('ck_refunds_amount_cents', `amount_cents >= 0 AND (amount_cents = 0 OR payment_id IS NOT NULL)`)
@Check('ck_refunds_pending_is_checked', `(done_at IS NULL) = (check_at IS NOT NULL)`)
@Unique('uq_refunds_purchase', ['purchaseId', 'eventId'])
@Index('ix_refunds_check', ['checkAt'], { where: 'check_at IS NOT NULL' })
export class RefundEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_refunds' })
  id: string;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_refunds' })
  eventId: string;

  /** Null for a purchase that was made directly. */
  @Column({ name: 'payment_id', type: 'uuid', nullable: true })
  paymentId: string | null;

  /** Null for a payment of which nothing came. */
  @Column({ name: 'purchase_id', type: 'uuid', nullable: true })
  purchaseId: string | null;

  @Column({ name: 'amount_cents', type: 'bigint' })
  amountCents: string;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  /** When the gateway had given the money back. */
  @Column({ name: 'done_at', type: 'timestamptz', precision: 3, nullable: true })
  doneAt: Date | null;

  /** When somebody has to look at it again unless it is done by then. */
  @Column({ name: 'check_at', type: 'timestamptz', precision: 3, nullable: true })
  checkAt: Date | null;
}
