import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { TicketOptionEntity } from '../ticket-options/ticket-option.entity';

/** A quantity of one ticket option that a user owns. */
@Entity('purchases')
@Check('ck_purchases_quantity', `quantity >= 1`)
@Check('ck_purchases_unit_price_cents', `unit_price_cents BETWEEN 0 AND 100000000`)
@Index('ix_purchases_user', ['userId', 'id'])
@Index('ix_purchases_ticket_option', ['ticketOptionId', 'id'])
export class PurchaseEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_purchases' })
  id: string;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_purchases' })
  eventId: string;

  @Column({ name: 'ticket_option_id', type: 'uuid' })
  ticketOptionId: string;

  @ManyToOne(() => TicketOptionEntity, { onDelete: 'NO ACTION' })
  @JoinColumn([
    {
      name: 'ticket_option_id',
      referencedColumnName: 'id',
      foreignKeyConstraintName: 'fk_purchases_ticket_option',
    },
    {
      name: 'event_id',
      referencedColumnName: 'eventId',
      foreignKeyConstraintName: 'fk_purchases_ticket_option',
    },
  ])
  ticketOption: TicketOptionEntity;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  @Column({ type: 'integer' })
  quantity: number;

  /** The price at the time of the sale; the option's may change afterwards. */
  @Column({ name: 'unit_price_cents', type: 'integer' })
  unitPriceCents: number;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  /** What it was reserved by and paid with; null for one that was made directly. */
  @Column({ name: 'reservation_id', type: 'uuid', nullable: true })
  reservationId: string | null;

  @Column({ name: 'payment_id', type: 'uuid', nullable: true })
  paymentId: string | null;

  /** When its tickets went back; they count no more. */
  @Column({ name: 'refunded_at', type: 'timestamptz', precision: 3, nullable: true })
  refundedAt: Date | null;
}
