import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { TicketOptionEntity } from '../ticket-options/ticket-option.entity';

/**
 * How many tickets of an option a user has, kept only where the option limits them. A row of its own, so that
 * the limit is enforced by a conditional upsert and not by counting.
 */
@Entity('user_counts')
@Check('ck_user_counts_tickets', `tickets >= 0`)
export class UserCountEntity {
  @PrimaryColumn({ name: 'user_id', type: 'uuid', primaryKeyConstraintName: 'pk_user_counts' })
  userId: string;

  @PrimaryColumn({ name: 'ticket_option_id', type: 'uuid', primaryKeyConstraintName: 'pk_user_counts' })
  ticketOptionId: string;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_user_counts' })
  eventId: string;

  @ManyToOne(() => TicketOptionEntity, { onDelete: 'CASCADE' })
  @JoinColumn([
    {
      name: 'ticket_option_id',
      referencedColumnName: 'id',
      foreignKeyConstraintName: 'fk_user_counts_ticket_option',
    },
    {
      name: 'event_id',
      referencedColumnName: 'eventId',
      foreignKeyConstraintName: 'fk_user_counts_ticket_option',
    },
  ])
  ticketOption: TicketOptionEntity;

  @Column({ type: 'integer' })
  tickets: number;
}
