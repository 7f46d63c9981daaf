import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * Tickets of one option that a reservation keeps from being sold: exactly what `reserved` counts. The row is
 * deleted when they go back, which leaves a table that is as small as what is held now.
 *
 * No foreign keys: it is written by statements that have just moved the counters of its option, which cannot be
 * deleted once something of it was taken; and each check costs a tenth of the whole reservation.
 *
 * By its key, what is over of an option is found oldest first, however much is over.
 */
@Entity('holds')
@Check('ck_holds_quantity', `quantity >= 1`)
@Index('ix_holds_user', ['userId', 'eventId'])
@Index('ix_holds_sweep', { synchronize: false }) // on an expression: see the migration
export class HoldEntity {
  @PrimaryColumn({ name: 'ticket_option_id', type: 'uuid', primaryKeyConstraintName: 'pk_holds' })
  ticketOptionId: string;

  /** That of the reservation. */
  @PrimaryColumn({
    name: 'expires_at',
    type: 'timestamptz',
    precision: 3,
    primaryKeyConstraintName: 'pk_holds',
  })
  expiresAt: Date;

  @PrimaryColumn({ name: 'reservation_id', type: 'uuid', primaryKeyConstraintName: 'pk_holds' })
  reservationId: string;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_holds' })
  eventId: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  @Column({ type: 'integer' })
  quantity: number;

  /** How many holds its reservation has: with one, which is usual, there are no others to look for. */
  @Column({ type: 'integer', default: 1 })
  kinds: number;
}
