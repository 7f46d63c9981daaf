import { Injectable } from '@nestjs/common';
import type { Outcome, PurchaseMade } from '../../src/allocation/orders';
import { query, statement } from '../../src/database/sql';
import { type Sold, Strategy, type Wanted } from './strategy';

const LOCK = statement(
  'bench_advisory_lock',
  'SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0)) AS locked',
);
const BUY = statement<Sold>(
  'bench_recount',
  `INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
   SELECT $1::uuid, o.event_id, o.id, $4::uuid, $5::int, o.price_cents, clock_timestamp()
     FROM ticket_options AS o
    WHERE o.id = $3::uuid AND o.event_id = $2::uuid
      AND o.allocation - $5::int >= (
          SELECT coalesce(sum(p.quantity), 0) FROM purchases AS p WHERE p.ticket_option_id = $3::uuid AND p.event_id = $2::uuid)
   RETURNING created_at, unit_price_cents`,
);

/**
 * An advisory lock for each event, then a recount of what is sold, for each request: correct without any counter, and
 * what remains where there is no row to lock. One round trip: BEGIN, the lock, the INSERT and COMMIT travel together, and
 * the INSERT begins, and looks, when the lock is held. A covering index counts for it; each sale counts all before it.
 */
@Injectable()
export class AdvisoryLock extends Strategy {
  protected override async sell(wanted: Wanted): Promise<Outcome<PurchaseMade>> {
    const { id, eventId, ticketOptionId, userId, quantity } = wanted;
    const [row] = await this.connections.flight((client) => [
      query(client, LOCK, [eventId]),
      query(client, BUY, [id, eventId, ticketOptionId, userId, quantity]),
    ]);
    return this.made(row, wanted);
  }
}
