import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * Tickets of one event that were set aside for a user, in one row whatever the number of kinds.
 *
 * That its time is over is not written down: an active reservation is over from `expires_at` on. Whether its
 * tickets have been given back by then is told by its {@link HoldEntity holds}. No foreign key, for the reasons
 * that holds have none.
 */
@Entity('reservations')
@Check('ck_reservations_status', `status IN ('active', 'paying', 'paid', 'cancelled')`)
@Check('ck_reservations_ticket_options', `cardinality(ticket_option_ids) BETWEEN 1 AND 20`)
@Check(
  'ck_reservations_quantities',
  `cardinality(quantities) = cardinality(ticket_option_ids) AND 1 <= ALL (quantities)`,
)
@Check(
  'ck_reservations_unit_prices_cents',
  `cardinality(unit_prices_cents) = cardinality(ticket_option_ids) AND 0 <= ALL (unit_prices_cents)`,
)
@Check('ck_reservations_expires_at', `expires_at > created_at`)
@Check('ck_reservations_payment', `status NOT IN ('paying', 'paid') OR payment_id IS NOT NULL`)
@Check(
  'ck_reservations_purchases',
  `(status = 'paid') = (purchase_ids IS NOT NULL) AND (purchase_ids IS NULL OR cardinality(purchase_ids) = cardinality(ticket_option_ids))`,
)
@Index('ix_reservations_user', ['userId', 'id'])
@Index('ix_reservations_event', ['eventId', 'id'])
export class ReservationEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_reservations' })
  id: string;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_reservations' })
  eventId: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  @Column({ type: 'text', default: 'active' })
  status: 'active' | 'paying' | 'paid' | 'cancelled';

  /** The kinds in the order of the request; quantities and prices are in the same order. */
  @Column({ name: 'ticket_option_ids', type: 'uuid', array: true })
  ticketOptionIds: string[];

  @Column({ type: 'integer', array: true })
  quantities: number[];

  /** The price of one ticket when it was reserved; the option's may change afterwards. */
  @Column({ name: 'unit_prices_cents', type: 'integer', array: true })
  unitPricesCents: number[];

  @Column({ name: 'expires_at', type: 'timestamptz', precision: 3 })
  expiresAt: Date;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  /** The latest attempt to pay it. */
  @Column({ name: 'payment_id', type: 'uuid', nullable: true })
  paymentId: string | null;

  /** What it became when it was paid: a purchase of each kind, in their order. */
  @Column({ name: 'purchase_ids', type: 'uuid', array: true, nullable: true })
  purchaseIds: string[] | null;
}
