import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * One row for each event: what its options' counters add up to, and what became of its reservations. It moves in the
 * transactions that move those, so reading it costs the same whatever was sold.
 */
@Entity('event_counts')
@Check(
  'ck_event_counts_not_negative',
  `least(allocation, reserved, sold, revenue_cents, reservations_created, reservations_paid, reservations_cancelled, reservations_expired) >= 0`,
)
export class EventCountsEntity {
  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_event_counts' })
  eventId: string;

  @Column({ type: 'bigint', default: 0 })
  allocation: string;

  @Column({ type: 'bigint', default: 0 })
  reserved: string;

  @Column({ type: 'bigint', default: 0 })
  sold: string;

  /** More than 64 bits: a single option stays below a fortieth of what they hold, but an event may have any number. */
  @Column({ name: 'revenue_cents', type: 'numeric', precision: 38, default: 0 })
  revenueCents: string;

  @Column({ name: 'reservations_created', type: 'bigint', default: 0 })
  reservationsCreated: string;

  @Column({ name: 'reservations_paid', type: 'bigint', default: 0 })
  reservationsPaid: string;

  @Column({ name: 'reservations_cancelled', type: 'bigint', default: 0 })
  reservationsCancelled: string;

  /** Of those that are over, the ones whose tickets have been given back. */
  @Column({ name: 'reservations_expired', type: 'bigint', default: 0 })
  reservationsExpired: string;
}
