import { Injectable } from '@nestjs/common';
import type { ClientBase } from 'pg';
import type { Allocation, LanesState } from '../../src/allocation/allocation';
import type { Item, Outcome, PurchaseMade, TakeOrder } from '../../src/allocation/orders';
import { Connections } from '../../src/database/connections';
import { classifyFailure, LostOutcomeError } from '../../src/database/errors';
import { queryOne, statement } from '../../src/database/sql';
import { refusal } from '../../src/refusals';

const FIND = statement('bench_find_option', 'SELECT 1 FROM ticket_options WHERE id = $1 AND event_id = $2');

/** What the INSERT of a purchase returns. */
export interface Sold {
  readonly created_at: Date;
  readonly unit_price_cents: number;
}

/** Tickets of one option for one user. */
export type Wanted = Pick<TakeOrder, 'id' | 'eventId' | 'userId'> & Item;

/**
 * Another way to sell, in place of the lanes: the same application, tables and pool of connections around it.
 * Each request is on its own, so nothing ever waits inside the process but for a connection. Sales windows and
 * limits are left out: that is to the strategy's advantage.
 */
@Injectable()
export abstract class Strategy implements Pick<Allocation, 'buy' | 'state'> {
  readonly state: LanesState = { waiting: 0, oldestMs: 0 };

  constructor(protected readonly connections: Connections) {}

  async buy({ id, eventId, userId, items }: Omit<TakeOrder, 'kind'>): Promise<Outcome<PurchaseMade>> {
    const [item] = items;
    if (item === undefined || items.length > 1) throw new Error('a purchase is of one ticket option');
    try {
      const { ticketOptionId, quantity } = item;
      return await this.sell({ id, eventId, userId, ticketOptionId, quantity });
    } catch (error) {
      throw asRefusal(error);
    }
  }

  protected abstract sell(wanted: Wanted): Promise<Outcome<PurchaseMade>>;

  /** @param client the one that is at hand, to find out why nothing was sold */
  protected made(
    row: Sold | undefined,
    wanted: Wanted,
    client?: ClientBase,
  ): Outcome<PurchaseMade> | Promise<Outcome<PurchaseMade>> {
    if (row !== undefined)
      return { made: { createdAt: row.created_at, unitPriceCents: row.unit_price_cents } };
    if (client !== undefined) return this.refused(client, wanted);
    return this.connections.use((lent) => this.refused(lent, wanted));
  }

  /** Why nothing was sold: the option does not exist, or has too few left. */
  protected async refused(client: ClientBase, wanted: Wanted): Promise<Outcome<never>> {
    const option = await queryOne(client, FIND, [wanted.ticketOptionId, wanted.eventId]);
    const code = option === undefined ? 'not_found' : 'invalid_purchase_quantity';
    return { refused: [{ code, item: 0 }] };
  }
}

/** A buyer for whom there was no connection in time, or no answer, is told so as by the lanes: 503, and not a bug. */
function asRefusal(error: unknown): unknown {
  if (error instanceof LostOutcomeError) return refusal('outcome_unknown');
  const kind = classifyFailure(error);
  return kind === 'unavailable' || kind === 'interrupted' ? refusal('database_unavailable') : error;
}
