import type { TakeOrder } from './orders';
import type { Stock } from './situation';

/** Options and events come and go; what is forgotten is only slower once. */
const REMEMBERED = 10_000;

/** What is remembered of options and events between the turns. It may be wrong, and only ever costs a round trip. */
export class StockHint {
  private readonly seen = new Map<string, { counted: boolean; remaining: number }>();
  private readonly wide = new Set<string>();

  remember(stock: ReadonlyMap<string, Stock>): void {
    if (this.seen.size > REMEMBERED) this.seen.clear();
    for (const [id, { countsUsers, eventCountsUsers, remaining, over }] of stock) {
      this.seen.set(id, { counted: countsUsers || eventCountsUsers, remaining: remaining + over });
    }
  }

  /** Whether all of them can be sold to by the statement for purchases of one option that counts no users. */
  mayTakeForAll(orders: readonly TakeOrder[]): boolean {
    const option = orders[0]?.items[0]?.ticketOptionId ?? '';
    if (this.seen.get(option)?.counted === true) return false;
    return orders.every(({ kind, items }) => kind === 'buy' && items[0]?.ticketOptionId === option);
  }

  /** Whether no order would have fitted when the options were last looked at. */
  isShort(orders: readonly TakeOrder[]): boolean {
    return orders.every(({ items }) =>
      items.some(({ ticketOptionId, quantity }) => {
        const remaining = this.seen.get(ticketOptionId)?.remaining;
        return remaining !== undefined && remaining < quantity;
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
