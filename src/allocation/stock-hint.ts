import type { TakeOrder } from './orders';
import type { Stock } from './situation';

/** Options and events come and go; what is forgotten is only slower once. */
const REMEMBERED = 10_000;
/** How many turns an option is looked at before its orders are tried unseen again: more each time that fails. */
const FIRST_CAREFUL_TURNS = 8;
const MOST_CAREFUL_TURNS = 1_024;

/** What is remembered of options and events between the turns. It may be wrong, and only ever costs a round trip. */
export class StockHint {
  private readonly seen = new Map<string, Stock>();
  private readonly careful = new Map<string, { turns: number; next: number }>();
  private readonly wide = new Set<string>();

  remember(stock: ReadonlyMap<string, Stock>): void {
    if (this.seen.size > REMEMBERED) this.seen.clear();
    for (const [id, of] of stock) {
      this.seen.set(id, of);
      const careful = this.careful.get(id);
      if (careful !== undefined && careful.turns > 0) careful.turns -= 1;
    }
  }

  /** The stock as it was when it was last looked at. */
  get stock(): ReadonlyMap<string, Stock> {
    return this.seen;
  }

  /** What the process last saw of an option may be tried on; after a refusal it is looked at for a while. */
  mayTakeAll(orders: readonly TakeOrder[]): boolean {
    return orders.every(({ items }) =>
      items.every(({ ticketOptionId: id }) => this.seen.has(id) && this.mayTry(id)),
    );
  }

  /**
   * Whether the orders of one event may be served together with those of others: each wants one option, the same, and
   * they probably get it without anything to be released or decided. Of what has never been looked at nothing speaks against it.
   */
  mayJoin(orders: readonly TakeOrder[]): boolean {
    const option = orders[0]?.items[0]?.ticketOptionId;
    const areAlike = orders.every(({ items }) => items.length === 1 && items[0]?.ticketOptionId === option);
    return areAlike && option !== undefined && this.mayTry(option) && !this.isShort(orders);
  }

  /** Whether a try at all of them came off. */
  rememberTry(ticketOptionIds: readonly string[], succeeded: boolean): void {
    if (this.careful.size > REMEMBERED) this.careful.clear();
    for (const id of ticketOptionIds) {
      if (succeeded) {
        this.careful.delete(id);
        continue;
      }
      const turns = this.careful.get(id)?.next ?? FIRST_CAREFUL_TURNS;
      this.careful.set(id, { turns, next: Math.min(2 * turns, MOST_CAREFUL_TURNS) });
    }
  }

  /** Whether nothing that is known of an option has to be looked at anew before its orders are tried. */
  private mayTry(ticketOptionId: string): boolean {
    const isCareful = (this.careful.get(ticketOptionId)?.turns ?? 0) > 0;
    return !isCareful && this.seen.get(ticketOptionId)?.eventCountsUsers !== true;
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
