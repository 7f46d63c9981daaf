import { Injectable } from '@nestjs/common';
import type { Outcome, PurchaseMade } from '../../src/allocation/orders';
import { query, queryOne, statement } from '../../src/database/sql';
import { Strategy, type Wanted } from './strategy';

const LOCK = statement<{ remaining: number; price_cents: number }>(
  'bench_select_for_update',
  'SELECT remaining, price_cents FROM ticket_options WHERE id = $1 AND event_id = $2 FOR UPDATE',
);
const TAKE = statement(
  'bench_take',
  `UPDATE ticket_options SET remaining = remaining - $3::int, sold = sold + $3::int, ever_taken = true
    WHERE id = $1 AND event_id = $2`,
);
const INSERT = statement<{ created_at: Date }>(
  'bench_insert',
  `INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp()) RETURNING created_at`,
);

/**
 * Lock, read, decide, write, for each request: correct, and what an ORM with a pessimistic lock does. The row is
 * held for three round trips and the flush.
 */
@Injectable()
export class SelectForUpdate extends Strategy {
  protected override sell(wanted: Wanted): Promise<Outcome<PurchaseMade>> {
    const { id, eventId, ticketOptionId, userId, quantity } = wanted;
    return this.connections.transaction(async (client) => {
      const option = await queryOne(client, LOCK, [ticketOptionId, eventId]);
      if (option === undefined || option.remaining < quantity) return this.refused(client, wanted);
      const price = option.price_cents;
      await query(client, TAKE, [ticketOptionId, eventId, quantity]);
      const row = await queryOne(client, INSERT, [id, eventId, ticketOptionId, userId, quantity, price]);
      if (row === undefined) throw new Error('INSERT without a row');
      return { made: { createdAt: row.created_at, unitPriceCents: price } };
    });
  }
}
