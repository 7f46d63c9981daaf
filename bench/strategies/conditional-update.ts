import { Injectable } from '@nestjs/common';
import type { Outcome, PurchaseMade } from '../../src/allocation/orders';
import { queryOne, statement } from '../../src/database/sql';
import { type Sold, Strategy, type Wanted } from './strategy';

const BUY = statement<Sold>(
  'bench_conditional_update',
  `WITH taken AS (
     UPDATE ticket_options SET remaining = remaining - $5::int, sold = sold + $5::int, ever_taken = true
      WHERE id = $3::uuid AND event_id = $2::uuid AND remaining >= $5::int
      RETURNING price_cents)
   INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
   SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::int, price_cents, clock_timestamp() FROM taken
   RETURNING created_at, unit_price_cents`,
);

/**
 * One conditional UPDATE with its INSERT in one statement, for each request: correct, one round trip, and the
 * usual advice. Every buyer waits for the row until the buyer before has reached the disk.
 */
@Injectable()
export class ConditionalUpdate extends Strategy {
  protected override sell(wanted: Wanted): Promise<Outcome<PurchaseMade>> {
    const { id, eventId, ticketOptionId, userId, quantity } = wanted;
    return this.connections.use(async (client) => {
      const row = await queryOne(client, BUY, [id, eventId, ticketOptionId, userId, quantity]);
      return this.made(row, wanted, client);
    });
  }
}
