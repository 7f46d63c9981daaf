import { Injectable } from '@nestjs/common';
import { Connections, decisive } from '../database/connections';
import { arrayOf, queryOne } from '../database/sql';
import { decide, type Verdict } from './decide';
import type { Outcome, PurchaseOrder } from './orders';
import { takeForAll } from './statements';
import { lockStockOf, look, lookWithoutLock, recogniseMade, stockOf, write } from './steps';
import type { StockHint } from './stock-hint';

/** Sells to one group of orders, in one transaction. */
@Injectable()
export class Sale {
  constructor(private readonly connections: Connections) {}

  /**
   * @param orders of one event, in the order in which they arrived, at least one
   * @param hint what is known about the options; it chooses the way, never the outcome
   * @returns one outcome for each order, durable
   * @throws NotConnectedError, LostOutcomeError, GuardError or the database's error; then nobody was answered
   */
  async sell(orders: readonly PurchaseOrder[], hint: StockHint): Promise<Outcome[]> {
    const [first] = orders;
    if (first === undefined) return [];
    const ofOneOption = orders.every((order) => order.ticketOptionId === first.ticketOptionId);
    let outcomes = hint.isShort(orders) ? await this.refuseUnlessSomebodyFits(orders, hint) : null;
    if (outcomes === null && ofOneOption && !hint.isLimited(first.ticketOptionId)) {
      outcomes = await this.takeForAll(first, orders, hint);
    }
    return outcomes ?? (await this.lockAndSell(orders, hint));
  }

  /**
   * The same for orders that were sent before and whose outcome is not known. Those that got through recognise
   * themselves under the locks; the others are decided like new ones.
   */
  async sellAgain(orders: readonly PurchaseOrder[], hint: StockHint): Promise<Outcome[]> {
    return this.lockAndSell(orders, hint, true);
  }

  /**
   * The fast way: one statement for everyone, which is its own transaction.
   *
   * @returns null when not everyone, but perhaps somebody, gets tickets
   */
  private async takeForAll(
    first: PurchaseOrder,
    orders: readonly PurchaseOrder[],
    hint: StockHint,
  ): Promise<Outcome[] | null> {
    const quantities = orders.map((order) => order.quantity);
    const row = await this.connections.use((client) =>
      decisive(client, () =>
        queryOne(client, takeForAll, [
          first.ticketOptionId,
          first.eventId,
          quantities.reduce((sum, quantity) => sum + quantity, 0),
          Math.max(...quantities),
          arrayOf(orders.map((order) => order.id)),
          arrayOf(orders.map((order) => order.userId)),
          arrayOf(quantities),
        ]),
      ),
    );
    if (row === undefined) return orders.map(() => ({ refused: { code: 'not_found' } }));
    if (row.sold) {
      // The statement sells only what costs nothing.
      const made = { createdAt: row.sold_at ?? row.now, unitPriceCents: 0 };
      return orders.map(() => ({ made }));
    }
    const stock = stockOf([row]);
    hint.remember(stock);
    if (row.max_per_user !== null) return null;
    return allRefused(decide(orders, { now: row.now, stock, userCounts: new Map() }));
  }

  /**
   * Sold out is answered without a lock, which would write and flush: a plain read that leaves nothing for anybody
   * is enough to refuse.
   *
   * @returns null when somebody may get tickets
   */
  private async refuseUnlessSomebodyFits(
    orders: readonly PurchaseOrder[],
    hint: StockHint,
  ): Promise<Outcome[] | null> {
    return this.connections.use(async (client) => {
      const situation = await lookWithoutLock(client, orders);
      hint.remember(situation.stock);
      return allRefused(decide(orders, situation));
    });
  }

  /** The general way: lock, then look, then decide, then write. */
  private async lockAndSell(
    orders: readonly PurchaseOrder[],
    hint: StockHint,
    mayBeMade = false,
  ): Promise<Outcome[]> {
    let wrote = false;
    return this.connections.transaction(
      async (client) => {
        const stock = await lockStockOf(client, orders);
        hint.remember(stock);
        const made = mayBeMade ? await recogniseMade(client, orders) : new Map<string, Outcome>();
        const open = orders.filter((order) => !made.has(order.id));
        const situation = await look(client, orders, stock);
        const verdicts = decide(open, situation);
        wrote = await write(client, open, verdicts, situation);
        const decided = new Map(open.map((order, index) => [order.id, outcome(order, verdicts[index])]));
        return orders.map((order) => made.get(order.id) ?? decided.get(order.id) ?? never(order));

        function outcome(order: PurchaseOrder, verdict: Verdict | undefined): Outcome {
          if (verdict) return { refused: verdict };
          const unitPriceCents = stock.get(order.ticketOptionId)?.priceCents ?? 0;
          return { made: { createdAt: situation.now, unitPriceCents } };
        }
      },
      // A transaction that only held locks has nothing worth a flush.
      () => wrote,
    );
  }
}

/** @returns the outcomes when every verdict is a refusal; null when somebody would get tickets. */
function allRefused(verdicts: readonly Verdict[]): Outcome[] | null {
  const outcomes: Outcome[] = [];
  for (const refused of verdicts) {
    if (refused === null) return null;
    outcomes.push({ refused });
  }
  return outcomes;
}

function never(order: PurchaseOrder): never {
  throw new Error(`order ${order.id} was not decided`);
}
