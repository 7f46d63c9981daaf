import { Injectable } from '@nestjs/common';
import type { Recorded } from '../allocation/orders';
import { findKeys, recordedOf } from '../allocation/request-keys';
import { Connections } from '../database/connections';
import { arrayOf, query, queryOne, statement } from '../database/sql';

/** How long a key is honoured at least. */
const KEPT_HOURS = 24;

/** The oldest first, by the index. What another instance is at is left to it. Parameters: how many at most. */
export const deleteOld = statement<{ deleted: number }>(
  'delete_old_idempotency_keys',
  `WITH gone AS (
     DELETE FROM idempotency_keys
      WHERE ctid = ANY (ARRAY (
              SELECT ctid FROM idempotency_keys
               WHERE created_at < now() - interval '${KEPT_HOURS} hours'
               ORDER BY created_at
               LIMIT $1
                 FOR UPDATE SKIP LOCKED))
     RETURNING id)
   SELECT count(*)::integer AS deleted FROM gone`,
);

/** Reads the keys of requests, and forgets old ones. They are written where their effect is. */
@Injectable()
export class KeysRepository {
  constructor(private readonly connections: Connections) {}

  /** @returns what is known of the keys, by their ids. */
  async find(ids: readonly string[]): Promise<Map<string, Recorded>> {
    return recordedOf(await this.connections.answer((client) => query(client, findKeys, [arrayOf(ids)])));
  }

  /** Forgets keys that are older than a day. @returns how many, `most` at most */
  async deleteOld(most: number): Promise<number> {
    const row = await this.connections.answer((client) => queryOne(client, deleteOld, [most]));
    return row?.deleted ?? 0;
  }
}
