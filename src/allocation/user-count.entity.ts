import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * How many tickets a user has within one scope, held and owned together, kept only where there is or was a limit. A
 * row of its own, so that the limit is enforced by a conditional upsert and not by counting. No foreign key: each
 * check of one costs as much as the row itself, and what was ever counted is never deleted.
 */
@Entity('user_counts')
@Check('ck_user_counts_tickets', `tickets >= 0`)
export class UserCountEntity {
  @PrimaryColumn({ name: 'user_id', type: 'uuid', primaryKeyConstraintName: 'pk_user_counts' })
  userId: string;

  /** What the limit is about: a ticket option, or the event over all its options. */
  @PrimaryColumn({ name: 'scope_id', type: 'uuid', primaryKeyConstraintName: 'pk_user_counts' })
  scopeId: string;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_user_counts' })
  eventId: string;

  /** 64 bits: without a limit, an event may have more tickets than one option. */
  @Column({ type: 'bigint' })
  tickets: string;
}
