import { Injectable } from '@nestjs/common';
import { decide } from '../../src/allocation/decide';
import type { Outcome, PurchaseOrder } from '../../src/allocation/orders';
import { Sale } from '../../src/allocation/sale';
import { lockStockOf, lookWithoutLock } from '../../src/allocation/steps';
import { type StockHint } from '../../src/allocation/stock-hint';
import { Connections } from '../../src/database/connections';
import { arrayOf } from '../../src/database/sql';

/*
 * Between looking and writing each of them waits for a quarter of a second, as a busy server lets one wait now and then, so
 * that a race is lost in every run and not only in some.
 */

/**
 * Reads the stock, decides in the process and writes the absolute value: what most shops do. The counters always
 * add up, so the CHECKs have nothing to say; the updates of two instances overwrite each other.
 */
@Injectable()
export class StockBeforeLock extends Sale {
  constructor(private readonly pool: Connections) {
    super(pool);
  }

  override sell(orders: readonly PurchaseOrder[]): Promise<Outcome[]> {
    return this.pool.transaction(async (client) => {
      const situation = await lookWithoutLock(client, orders);
      const { stock } = situation;
      await client.query('SELECT pg_sleep(0.25)');
      const verdicts = decide(orders, situation);
      const sold = orders.filter((_, index) => verdicts[index] === null);
      for (const [id, { remaining }] of stock) {
        const taken = sold
          .filter((order) => order.ticketOptionId === id)
          .reduce((sum, order) => sum + order.quantity, 0);
        await client.query('UPDATE ticket_options SET remaining = $2, sold = allocation - $2 WHERE id = $1', [
          id,
          remaining - taken,
        ]);
      }
      await insertPurchases(client, sold);
      return outcomesOf(orders, verdicts, situation.now);
    });
  }
}

/** Locks the stock as it should, but looks at what the users have before, and then just adds. */
@Injectable()
export class CountsBeforeLock extends Sale {
  constructor(private readonly pool: Connections) {
    super(pool);
  }

  override sell(orders: readonly PurchaseOrder[]): Promise<Outcome[]> {
    return this.pool.transaction(async (client) => {
      const situation = await lookWithoutLock(client, orders);
      await client.query('SELECT pg_sleep(0.25)');
      const stock = await lockStockOf(client, orders);
      const verdicts = decide(orders, { ...situation, stock });
      const sold = orders.filter((_, index) => verdicts[index] === null);
      for (const { userId, ticketOptionId, eventId, quantity } of sold) {
        await client.query(
          'UPDATE ticket_options SET remaining = remaining - $2, sold = sold + $2 WHERE id = $1',
          [ticketOptionId, quantity],
        );
        await client.query(
          `INSERT INTO user_counts AS c (user_id, ticket_option_id, event_id, tickets) VALUES ($1, $2, $3, $4)
           ON CONFLICT (user_id, ticket_option_id, event_id) DO UPDATE SET tickets = c.tickets + excluded.tickets`,
          [userId, ticketOptionId, eventId, quantity],
        );
      }
      await insertPurchases(client, sold);
      return outcomesOf(orders, verdicts, situation.now);
    });
  }
}

/** Answers everybody at once and writes a little later: what a cache in front of the database does. */
@Injectable()
export class AnswerBeforeCommit extends Sale {
  override sell(orders: readonly PurchaseOrder[], hint: StockHint): Promise<Outcome[]> {
    setTimeout(() => void super.sell(orders, hint), 50);
    return Promise.resolve(orders.map(() => ({ made: { createdAt: new Date(), unitPriceCents: 0 } })));
  }
}

async function insertPurchases(
  client: Parameters<typeof lookWithoutLock>[0],
  sold: readonly PurchaseOrder[],
): Promise<void> {
  await client.query(
    `INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT *, 0, clock_timestamp() FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[])`,
    [
      arrayOf(sold.map((order) => order.id)),
      arrayOf(sold.map((order) => order.eventId)),
      arrayOf(sold.map((order) => order.ticketOptionId)),
      arrayOf(sold.map((order) => order.userId)),
      arrayOf(sold.map((order) => order.quantity)),
    ],
  );
}

function outcomesOf(
  orders: readonly PurchaseOrder[],
  verdicts: ReturnType<typeof decide>,
  createdAt: Date,
): Outcome[] {
  return orders.map((_, index) => {
    const refused = verdicts[index];
    return refused ? { refused } : { made: { createdAt, unitPriceCents: 0 } };
  });
}
