import type { PurchaseOrder, Stock } from './orders';

/** What is remembered of the options between the turns. It may be wrong, and only ever costs a round trip. */
export class StockHint {
  private readonly seen = new Map<string, { limited: boolean; remaining: number }>();

  remember(stock: ReadonlyMap<string, Stock>): void {
    // Options come and go; what is forgotten is only slower once.
    if (this.seen.size > 10_000) this.seen.clear();
    for (const [id, { maxPerUser, remaining }] of stock) {
      this.seen.set(id, { limited: maxPerUser !== null, remaining });
    }
  }

  /** Whether the option had a limit per user when it was last looked at. */
  isLimited(ticketOptionId: string): boolean {
    return this.seen.get(ticketOptionId)?.limited ?? false;
  }

  /** Whether no order would have fitted when the options were last looked at. */
  isShort(orders: readonly PurchaseOrder[]): boolean {
    return orders.every(({ ticketOptionId, quantity }) => {
      const remaining = this.seen.get(ticketOptionId)?.remaining;
      return remaining !== undefined && remaining < quantity;
    });
  }
}
