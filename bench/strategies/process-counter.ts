import { Injectable } from '@nestjs/common';
import type { Outcome, PurchaseMade } from '../../src/allocation/orders';
import { queryOne, statement } from '../../src/database/sql';
import { Strategy, type Wanted } from './strategy';

const FIND = statement<{ remaining: number; price_cents: number }>(
  'bench_find_stock',
  'SELECT remaining, price_cents FROM ticket_options WHERE id = $1 AND event_id = $2',
);

interface Stock {
  remaining: number;
  readonly priceCents: number;
}

/**
 * A counter in the memory of the process, as with a counter in a Redis that does not write to disk. It is NOT durable and
 * NOT shared: it writes nothing at all, a crash sells every ticket again, and so would a second instance. It is no way to
 * sell tickets; it shows what durability costs, next to ways that have it.
 */
@Injectable()
export class ProcessCounter extends Strategy {
  /** By ticket option; promises, so that those who come first ask once together. */
  private readonly stocks = new Map<string, Promise<Stock | undefined>>();

  protected override async sell(wanted: Wanted): Promise<Outcome<PurchaseMade>> {
    const stock = await this.stockOf(wanted);
    if (stock === undefined) return { refused: [{ code: 'not_found', item: 0 }] };
    if (stock.remaining < wanted.quantity)
      return { refused: [{ code: 'invalid_purchase_quantity', item: 0 }] };
    stock.remaining -= wanted.quantity;
    return { made: { createdAt: new Date(), unitPriceCents: stock.priceCents } };
  }

  private stockOf({ ticketOptionId, eventId }: Wanted): Promise<Stock | undefined> {
    const known = this.stocks.get(ticketOptionId);
    if (known !== undefined) return known;
    const found = this.connections.use(async (client) => {
      const row = await queryOne(client, FIND, [ticketOptionId, eventId]);
      return row && { remaining: row.remaining, priceCents: row.price_cents };
    });
    this.stocks.set(ticketOptionId, found);
    found.catch(() => this.stocks.delete(ticketOptionId));
    return found;
  }
}
