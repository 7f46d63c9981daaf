import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * What an event sold within one minute, one hour or one day (UTC), less what was refunded of it since. It moves in
 * the transactions that sell and refund.
 */
@Entity('sales')
@Check('ck_sales_minutes', `minutes IN (1, 60, 1440)`)
@Check('ck_sales_not_negative', `least(sold, revenue_cents) >= 0`)
@Index('ix_sales_event', ['eventId', 'minutes', 'startsAt'])
export class SalesEntity {
  /** How long it is. */
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'pk_sales' })
  minutes: 1 | 60 | 1440;

  @PrimaryColumn({
    name: 'starts_at',
    type: 'timestamptz',
    precision: 3,
    primaryKeyConstraintName: 'pk_sales',
  })
  startsAt: Date;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_sales' })
  eventId: string;

  @Column({ type: 'bigint' })
  sold: string;

  @Column({ name: 'revenue_cents', type: 'numeric', precision: 38 })
  revenueCents: string;
}
