import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What was sold of all events within an interval that is over. It is added up once from the rows of the events, and
 * only refunds move it from then on.
 */
@Entity('sales_totals')
@Check('ck_sales_totals_not_negative', `least(sold, revenue_cents) >= 0`)
export class SalesTotalEntity {
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'pk_sales_totals' })
  minutes: 1 | 60 | 1440;

  @PrimaryColumn({
    name: 'starts_at',
    type: 'timestamptz',
    precision: 3,
    primaryKeyConstraintName: 'pk_sales_totals',
  })
  startsAt: Date;

  @Column({ type: 'numeric' })
  sold: string;

  @Column({ name: 'revenue_cents', type: 'numeric' })
  revenueCents: string;
}

/** How far the adding up has come: every interval of that length that begins before then has its row of totals. */
@Entity('sales_folds')
export class SalesFoldEntity {
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'pk_sales_folds' })
  minutes: 1 | 60 | 1440;

  @Column({ type: 'timestamptz', precision: 3 })
  until: Date;
}
