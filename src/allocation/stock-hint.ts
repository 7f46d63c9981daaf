import type { TakeOrder } from './orders';
import type { Stock } from './situation';

/** Options and events come and go; what is forgotten is only slower once. */
const REMEMBERED = 10_000;

/** What is remembered of options and events between the turns. It may be wrong, and only ever costs a round trip. */
export class StockHint {
  private readonly seen = new Map<string, Stock>();
  private readonly wide = new Set<string>();

  remember(stock: ReadonlyMap<string, Stock>): void {
    if (this.seen.size > REMEMBERED) this.seen.clear();
    for (const [id, of] of stock) this.seen.set(id, of);
  }

  /** The stock as it was when it was last looked at. */
  get stock(): ReadonlyMap<string, Stock> {
    return this.seen;
  }

  /** Whether all of them can be sold to by the statement for purchases of one option that counts no users. */
  mayTakeForAll(orders: readonly TakeOrder[]): boolean {
    const option = orders[0]?.items[0]?.ticketOptionId ?? '';
    const stock = this.seen.get(option);
    if (stock !== undefined && (stock.countsUsers || stock.eventCountsUsers)) return false;
    return orders.every(({ kind, items }) => kind === 'buy' && items[0]?.ticketOptionId === option);
  }

  /** Whether no order would have fitted when the options were last looked at. */
  isShort(orders: readonly TakeOrder[]): boolean {
    return orders.every(({ items }) =>
      items.some(({ ticketOptionId, quantity }) => {
        const stock = this.seen.get(ticketOptionId);
        return stock !== undefined && stock.remaining + stock.over < quantity;
      }),
    );
  }

  rememberLocks(eventId: string, widely: boolean): void {
    if (this.wide.size > REMEMBERED) this.wide.clear();
    if (widely) this.wide.add(eventId);
    else this.wide.delete(eventId);
  }

  /** Whether the last turn of the event needed more locks than those of its own options. */
  needsWideLocks(eventId: string): boolean {
    return this.wide.has(eventId);
  }
}
