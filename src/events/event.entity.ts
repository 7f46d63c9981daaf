import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * Something to attend. Every ticket option belongs to one; an option created without an event gets an event of
 * its own, with the same name and no date, so that no rule needs a special case.
 */
@Entity('events')
@Check('ck_events_name', `char_length(name) BETWEEN 1 AND 200`)
@Check('ck_events_description', `char_length(description) <= 10000`)
@Check('ck_events_ends_at', `ends_at > starts_at`)
@Check('ck_events_status', `status IN ('scheduled', 'cancelled')`)
@Check('ck_events_max_tickets_per_user', `max_tickets_per_user >= 1`)
@Index('ix_events_name', ['name', 'id'])
@Index('ix_events_created_at', ['createdAt', 'id'])
@Index('ix_events_starts_at', { synchronize: false }) // on an expression: see the migration
export class EventEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_events' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', nullable: true })
  description: string | null;

  @Column({ type: 'text', nullable: true })
  venue: string | null;

  @Column({ name: 'starts_at', type: 'timestamptz', precision: 3, nullable: true })
  startsAt: Date | null;

  @Column({ name: 'ends_at', type: 'timestamptz', precision: 3, nullable: true })
  endsAt: Date | null;

  @Column({ type: 'text', default: 'scheduled' })
  status: 'scheduled' | 'cancelled';

  /** Over all its options; repeated in each of them, where sales look. */
  @Column({ name: 'max_tickets_per_user', type: 'integer', nullable: true })
  maxTicketsPerUser: number | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3 })
  updatedAt: Date;
}
