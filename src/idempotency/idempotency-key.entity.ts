import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * A request that came with an `Idempotency-Key` and has been decided: what it was, and what became of it. Written in
 * the transaction that has its effect. Ids instead of bodies: the resource is answered as it stands when it is asked
 * for again.
 */
@Entity('idempotency_keys')
@Index('ix_idempotency_keys_created_at', ['createdAt'])
export class IdempotencyKeyEntity {
  /** A hash of the caller and the key. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_idempotency_keys' })
  id: string;

  /** A request that makes an event belongs to none yet; it has the key's own id here. */
  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'pk_idempotency_keys' })
  eventId: string;

  /** A hash of the request. */
  @Column({ type: 'uuid' })
  fingerprint: string;

  /** What it made or changed; null when it was refused. */
  @Column({ name: 'resource_id', type: 'uuid', nullable: true })
  resourceId: string | null;

  /** Why it was refused, member by member as it was told; null for a success. */
  @Column({ type: 'json', nullable: true })
  refused: object | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;
}
