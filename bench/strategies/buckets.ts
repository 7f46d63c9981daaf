import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { Outcome, PurchaseMade } from '../../src/allocation/orders';
import { arrayOf, query, queryOne, statement } from '../../src/database/sql';
import { BUCKETS } from './stock';
import { type Sold, Strategy, type Wanted } from './strategy';

const COLUMNS = 'id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at';
const BOUGHT = '$1::uuid, o.event_id, o.id, $4::uuid, $5::int, o.price_cents, clock_timestamp()';
const OPTION = 'o.id = $3::uuid AND o.event_id = $2::uuid';

const TAKE = statement<Sold>(
  'bench_bucket_take',
  `WITH taken AS (
     UPDATE bench_buckets SET remaining = remaining - $5::int
      WHERE ticket_option_id = $3::uuid AND bucket = $6::int AND event_id = $2::uuid AND remaining >= $5::int
     RETURNING bucket)
   INSERT INTO purchases (${COLUMNS})
   SELECT ${BOUGHT} FROM ticket_options AS o, taken WHERE ${OPTION}
   RETURNING created_at, unit_price_cents`,
);
const LEFT = statement<{ remaining: number }>(
  'bench_buckets_left',
  `SELECT coalesce(sum(remaining), 0)::int AS remaining FROM bench_buckets WHERE ticket_option_id = $1 AND event_id = $2`,
);
const LOCK = statement<{ bucket: number; remaining: number }>(
  'bench_buckets_lock',
  `SELECT bucket, remaining FROM bench_buckets WHERE ticket_option_id = $1 AND event_id = $2 ORDER BY bucket FOR UPDATE`,
);
const GATHER = statement<Sold>(
  'bench_buckets_gather',
  `WITH taken AS (
     UPDATE bench_buckets AS b SET remaining = b.remaining - t.tickets
       FROM unnest($6::int[], $7::int[]) AS t (bucket, tickets)
      WHERE b.ticket_option_id = $3::uuid AND b.event_id = $2::uuid AND b.bucket = t.bucket)
   INSERT INTO purchases (${COLUMNS})
   SELECT ${BOUGHT} FROM ticket_options AS o WHERE ${OPTION}
   RETURNING created_at, unit_price_cents`,
);

/**
 * Sixteen counters for one option: a buyer takes from a random one, in one statement, so that sixteen can commit at the
 * same time. Where that one has too few, all are locked, in order, and what is wanted is gathered from them; so the
 * option sells out exactly. Counters only fall, so when all together have too few, no lock is needed to say so.
 */
@Injectable()
export class Buckets extends Strategy {
  protected override async sell(wanted: Wanted): Promise<Outcome<PurchaseMade>> {
    const bucket = Math.floor(Math.random() * BUCKETS);
    const row = await this.connections.use(async (client) => {
      const taken = await queryOne(client, TAKE, [...valuesOf(wanted), bucket]);
      if (taken !== undefined) return taken;
      const left = await queryOne(client, LEFT, [wanted.ticketOptionId, wanted.eventId]);
      return (left?.remaining ?? 0) >= wanted.quantity ? 'elsewhere' : undefined;
    });
    if (row !== 'elsewhere') return this.made(row, wanted);
    return this.made(await this.connections.transaction((client) => gather(client, wanted)), wanted);
  }
}

async function gather(client: PoolClient, wanted: Wanted): Promise<Sold | undefined> {
  const buckets: number[] = [];
  const tickets: number[] = [];
  let missing = wanted.quantity;
  for (const { bucket, remaining } of await query(client, LOCK, [wanted.ticketOptionId, wanted.eventId])) {
    const taken = Math.min(missing, remaining);
    if (taken === 0) continue;
    buckets.push(bucket);
    tickets.push(taken);
    missing -= taken;
  }
  if (missing > 0) return undefined;
  return queryOne(client, GATHER, [...valuesOf(wanted), arrayOf(buckets), arrayOf(tickets)]);
}

function valuesOf({ id, eventId, ticketOptionId, userId, quantity }: Wanted): (string | number)[] {
  return [id, eventId, ticketOptionId, userId, quantity];
}
