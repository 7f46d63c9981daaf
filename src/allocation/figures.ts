/** What was sold within one minute. */
interface Sales {
  sold: number;
  revenueCents: bigint;
}

/** By how much the statistics of an event move with a group of orders. */
export class Figures {
  /** Tickets. */
  reserved = 0;
  sold = 0;
  revenueCents = 0n;
  /** Reservations. */
  created = 0;
  paid = 0;
  cancelled = 0;

  /** By the minute, in milliseconds since 1970; of purchases that are refunded, that of the purchase. */
  readonly sales = new Map<number, Sales>();

  /** Tickets were sold at that time, or less than were. */
  sell(at: Date, tickets: number, revenueCents: bigint): void {
    this.revenueCents += revenueCents;
    const minute = Math.floor(at.getTime() / 60_000) * 60_000;
    const sales = this.sales.get(minute);
    if (sales === undefined) {
      this.sales.set(minute, { sold: tickets, revenueCents });
    } else {
      sales.sold += tickets;
      sales.revenueCents += revenueCents;
    }
  }

  /** Whether anything moves. None of these is ever negative, and whatever else moves comes with one of them. */
  get isEmpty(): boolean {
    return this.created + this.paid + this.cancelled === 0 && this.sales.size === 0;
  }
}
