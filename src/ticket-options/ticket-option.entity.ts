import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { EventEntity } from '../events/event.entity';

/**
 * One kind of ticket of one event, with the counters that every sale moves.
 *
 * The CHECKs are the last word on overselling: whatever the processes in front believe, no transaction can
 * commit a row in which a counter is negative or in which they do not add up to the allocation.
 */
@Entity('ticket_options')
@Check('ck_ticket_options_remaining', `remaining >= 0`)
@Check('ck_ticket_options_reserved', `reserved >= 0`)
@Check('ck_ticket_options_sold', `sold >= 0`)
@Check('ck_ticket_options_revenue_cents', `revenue_cents >= 0`)
@Check('ck_ticket_options_adds_up', `remaining::bigint + reserved + sold = allocation`)
@Check('ck_ticket_options_name', `char_length(name) BETWEEN 1 AND 200`)
@Check('ck_ticket_options_description', `char_length(description) <= 10000`)
@Check('ck_ticket_options_kind', `char_length(kind) BETWEEN 1 AND 50`)
@Check('ck_ticket_options_price_cents', `price_cents BETWEEN 0 AND 100000000`)
@Check('ck_ticket_options_max_per_user', `max_per_user >= 1`)
@Check('ck_ticket_options_max_per_order', `max_per_order >= 1`)
@Check('ck_ticket_options_event_max_per_user', `event_max_per_user >= 1`)
@Check(
  'ck_ticket_options_limits_are_counted',
  `(max_per_user IS NULL OR counts_users) AND (event_max_per_user IS NULL OR event_counts_users)`,
)
@Check('ck_ticket_options_sales_window', `sales_end_at > sales_start_at`)
@Index('ix_ticket_options_event', ['eventId', 'id'])
@Unique('uq_ticket_options_number', ['number', 'eventId'])
export class TicketOptionEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_ticket_options' })
  id: string;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_ticket_options' })
  eventId: string;

  @ManyToOne(() => EventEntity, { onDelete: 'NO ACTION' })
  @JoinColumn({
    name: 'event_id',
    referencedColumnName: 'id',
    foreignKeyConstraintName: 'fk_ticket_options_event',
  })
  event: EventEntity;

  /** A short id for people and for contracts that know only integers. */
  @Column({ type: 'integer', generated: 'identity', generatedIdentity: 'ALWAYS' })
  number: number;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', nullable: true })
  description: string | null;

  @Column({ type: 'text', nullable: true })
  kind: string | null;

  /** The kind without regard to case: what it is looked for and counted by. */
  @Column({ name: 'kind_key', type: 'text', nullable: true })
  kindKey: string | null;

  @Column({ type: 'integer' })
  allocation: number;

  @Column({ type: 'integer' })
  remaining: number;

  @Column({ type: 'integer', default: 0 })
  reserved: number;

  @Column({ type: 'integer', default: 0 })
  sold: number;

  /** What was paid for those that are sold. */
  @Column({ name: 'revenue_cents', type: 'bigint', default: 0 })
  revenueCents: string;

  @Column({ name: 'price_cents', type: 'integer', default: 0 })
  priceCents: number;

  @Column({ name: 'max_per_user', type: 'integer', nullable: true })
  maxPerUser: number | null;

  @Column({ name: 'max_per_order', type: 'integer', nullable: true })
  maxPerOrder: number | null;

  @Column({ name: 'sales_start_at', type: 'timestamptz', precision: 3, nullable: true })
  salesStartAt: Date | null;

  @Column({ name: 'sales_end_at', type: 'timestamptz', precision: 3, nullable: true })
  salesEndAt: Date | null;

  /** Whether `user_counts` has what each user has of this option. Set with the first limit, and then for good. */
  @Column({ name: 'counts_users', type: 'boolean', default: false })
  countsUsers: boolean;

  /** Whether a ticket was ever reserved or sold; what never was may be deleted. */
  @Column({ name: 'ever_taken', type: 'boolean', default: false })
  everTaken: boolean;

  /** What of the event decides on sales, so that a sale looks at one row only. Written with the event's own row. */
  @Column({ name: 'event_cancelled', type: 'boolean', default: false })
  eventCancelled: boolean;

  @Column({ name: 'event_max_per_user', type: 'integer', nullable: true })
  eventMaxPerUser: number | null;

  @Column({ name: 'event_counts_users', type: 'boolean', default: false })
  eventCountsUsers: boolean;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  /** When the organiser last changed the option; a sale does not touch it. */
  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3 })
  updatedAt: Date;
}
