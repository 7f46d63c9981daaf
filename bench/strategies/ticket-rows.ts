import { Injectable } from '@nestjs/common';
import type { Outcome, PurchaseMade } from '../../src/allocation/orders';
import { queryOne, statement } from '../../src/database/sql';
import { type Sold, Strategy, type Wanted } from './strategy';

const BUY = statement<Sold>(
  'bench_ticket_rows',
  `WITH picked AS MATERIALIZED (
     SELECT ctid FROM bench_tickets
      WHERE ticket_option_id = $3::uuid AND event_id = $2::uuid
      ORDER BY number LIMIT $5::int FOR UPDATE SKIP LOCKED
   ), taken AS (
     DELETE FROM bench_tickets
      WHERE ctid = ANY (ARRAY (SELECT ctid FROM picked)) AND (SELECT count(*) FROM picked) = $5::int
     RETURNING ctid)
   INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
   SELECT $1::uuid, o.event_id, o.id, $4::uuid, $5::int, o.price_cents, clock_timestamp()
     FROM ticket_options AS o
    WHERE o.id = $3::uuid AND o.event_id = $2::uuid AND (SELECT count(*) FROM taken) = $5::int
   RETURNING created_at, unit_price_cents`,
);

/**
 * A row for each ticket that is for sale, taken with FOR UPDATE SKIP LOCKED: nobody waits for anybody, and commits share
 * their flushes. One statement, which deletes what it has locked by its place: a join by key became a scan of all tickets of
 * the option, 14 ms each, once autovacuum had looked at the table; a ticket that is sold is deleted, which writes less than marking it. Sells out exactly
 * where one ticket is wanted at a time; of somebody who wants several it may refuse what others let go a moment later.
 */
@Injectable()
export class TicketRows extends Strategy {
  protected override sell(wanted: Wanted): Promise<Outcome<PurchaseMade>> {
    const { id, eventId, ticketOptionId, userId, quantity } = wanted;
    return this.connections.use(async (client) =>
      this.made(await queryOne(client, BUY, [id, eventId, ticketOptionId, userId, quantity]), wanted, client),
    );
  }
}
