import type { PoolClient } from 'pg';
import { query, queryOne, statement } from '../database/sql';
import { kindKey } from '../ticket-options/kind-key';
import { isStale, type Manner, nextVersion, type OptionChanges } from './changes';
import { readClock } from './look';
import { type Outcome, refusedFor } from './orders';
import { queryPatiently } from './patience';
import { release } from './release';
import { lockStock, lockWidely } from './statements';

interface OptionRow {
  name: string;
  description: string | null;
  kind: string | null;
  kind_key: string | null;
  allocation: number;
  reserved: number;
  sold: number;
  price_cents: number;
  max_per_user: number | null;
  max_per_order: number | null;
  sales_start_at: Date | null;
  sales_end_at: Date | null;
  counts_users: boolean;
  updated_at: Date;
}

/** Parameters: event, option. */
export const readOption = statement<OptionRow>(
  'read_option_to_change',
  `SELECT name, description, kind, kind_key, allocation, reserved, sold, price_cents, max_per_user, max_per_order,
          sales_start_at, sales_end_at, counts_users, updated_at
     FROM ticket_options WHERE id = $2 AND event_id = $1`,
);

/**
 * Writes an option anew; its allocation only if what is reserved and sold fits into it. Parameters: event, option,
 * the attributes, whether users are counted, now.
 */
export const updateOption = statement<{ id: string }>(
  'update_option',
  `UPDATE ticket_options
      SET name = $3, description = $4, kind = $5, kind_key = $6,
          allocation = $7::integer, remaining = $7::integer - reserved - sold,
          price_cents = $8, max_per_user = $9, max_per_order = $10, sales_start_at = $11, sales_end_at = $12,
          counts_users = $13, updated_at = ${nextVersion('$14')}
    WHERE id = $2 AND event_id = $1
      AND reserved + sold <= $7::integer
   RETURNING id`,
);

/** Counts what each user has of an option that was not counted so far. Parameters: event, option. */
const countUsers = statement(
  'count_users_of_option',
  `INSERT INTO user_counts (user_id, scope_id, event_id, tickets)
   SELECT user_id, $2::uuid, $1::uuid, sum(quantity)
     FROM (SELECT user_id, quantity FROM purchases
            WHERE ticket_option_id = $2 AND event_id = $1 AND refunded_at IS NULL
            UNION ALL
           SELECT user_id, quantity FROM holds WHERE ticket_option_id = $2 AND event_id = $1) AS had
    GROUP BY user_id
    ORDER BY user_id`,
);

/** By how much the allocation of an event moves with that of its options. Parameters: event, tickets more. */
export const moveAllocation = statement(
  'move_allocation',
  `UPDATE event_counts SET allocation = allocation + $2::bigint WHERE event_id = $1`,
);

/** Parameters: event, option. */
const deleteOption = statement<{ allocation: number }>(
  'delete_option',
  `DELETE FROM ticket_options WHERE id = $2 AND event_id = $1 AND NOT ever_taken RETURNING allocation`,
);

/**
 * Changes an option under its lock. An allocation below what is reserved and sold is refused, but what is over is
 * given back first. The first limit per user counts what users have already.
 *
 * @returns refused: not_found, precondition_failed, invalid_attribute (the sales window), allocation_below_committed
 */
export async function changeOption(
  client: PoolClient,
  eventId: string,
  id: string,
  changes: OptionChanges,
  manner: Manner = {},
): Promise<Outcome> {
  await query(client, lockWidely, [eventId, `{${id}}`]);
  const now = await readClock(client);
  const before = await queryOne(client, readOption, [eventId, id]);
  if (before === undefined) return refusedFor({ code: 'not_found' });
  if (isStale(before, manner)) return refusedFor({ code: 'precondition_failed' });
  if (Object.keys(changes).length === 0) return { made: null };
  const after = merge(before, changes);
  if (
    after.sales_start_at !== null &&
    after.sales_end_at !== null &&
    after.sales_start_at >= after.sales_end_at
  ) {
    return refusedFor({
      code: 'invalid_attribute',
      detail: '`sales_end_at` must be later than `sales_start_at`.',
      source: { pointer: `/data/attributes/${changes.salesEndAt ? 'sales_end_at' : 'sales_start_at'}` },
    });
  }

  const missing = before.reserved + before.sold - after.allocation;
  if (missing > 0) await release(client, eventId, now, { tickets: new Map([[id, missing]]), users: [] });
  const written = await queryOne(client, updateOption, [
    eventId,
    id,
    after.name,
    after.description,
    after.kind,
    after.kind_key,
    after.allocation,
    after.price_cents,
    after.max_per_user,
    after.max_per_order,
    after.sales_start_at,
    after.sales_end_at,
    after.counts_users,
    now,
  ]);
  if (written === undefined) return belowCommitted(client, eventId, id);
  if (after.allocation !== before.allocation) {
    await query(client, moveAllocation, [eventId, after.allocation - before.allocation]);
  }
  if (after.counts_users && !before.counts_users) await queryPatiently(client, countUsers, [eventId, id]);
  return { made: null };
}

async function belowCommitted(client: PoolClient, eventId: string, id: string): Promise<Outcome> {
  const { reserved = 0, sold = 0 } = (await queryOne(client, readOption, [eventId, id])) ?? {};
  return refusedFor({ code: 'allocation_below_committed', meta: { reserved, sold } });
}

function merge(row: OptionRow, changes: OptionChanges): OptionRow {
  const kind = changes.kind === undefined ? row.kind : changes.kind;
  const maxPerUser = changes.maxPerUser === undefined ? row.max_per_user : changes.maxPerUser;
  return {
    ...row,
    name: changes.name ?? row.name,
    description: changes.description === undefined ? row.description : changes.description,
    kind,
    kind_key: kindKey(kind),
    allocation: changes.allocation ?? row.allocation,
    price_cents: changes.priceCents ?? row.price_cents,
    max_per_user: maxPerUser,
    max_per_order: changes.maxPerOrder === undefined ? row.max_per_order : changes.maxPerOrder,
    sales_start_at: changes.salesStartAt === undefined ? row.sales_start_at : changes.salesStartAt,
    sales_end_at: changes.salesEndAt === undefined ? row.sales_end_at : changes.salesEndAt,
    counts_users: row.counts_users || maxPerUser !== null,
  };
}

/**
 * Deletes an option of which nothing was ever taken.
 *
 * @param again whether an earlier attempt may have deleted it
 * @returns refused: not_found, precondition_failed, ticket_option_in_use
 */
export async function removeOption(
  client: PoolClient,
  eventId: string,
  id: string,
  again: boolean,
  manner: Manner = {},
): Promise<Outcome> {
  await query(client, lockStock, [eventId, `{${id}}`]);
  const found = await queryOne(client, readOption, [eventId, id]);
  if (found === undefined) return again ? { made: null } : refusedFor({ code: 'not_found' });
  if (isStale(found, manner)) return refusedFor({ code: 'precondition_failed' });
  const deleted = await queryOne(client, deleteOption, [eventId, id]);
  if (deleted === undefined) return refusedFor({ code: 'ticket_option_in_use' });
  await query(client, moveAllocation, [eventId, -deleted.allocation]);
  return { made: null };
}
