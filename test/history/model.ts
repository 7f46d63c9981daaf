export interface Item {
  readonly option: string;
  readonly quantity: number;
}

/** Tickets that a user takes. */
export interface Taken {
  readonly id: string;
  readonly user: string;
  readonly items: readonly Item[];
  readonly createdMs: number;
}

/** Something that changed what there is. */
export type Effect =
  | ({ readonly kind: 'bought' } & Taken)
  | ({ readonly kind: 'reserved'; readonly untilMs: number } & Taken)
  | { readonly kind: 'extended'; readonly id: string; readonly untilMs: number }
  | { readonly kind: 'cancelled'; readonly id: string }
  | { readonly kind: 'resized'; readonly option: string; readonly allocation: number };

export interface Option {
  readonly event: string;
  readonly maxPerUser: number | null;
  readonly eventMaxPerUser: number | null;
  allocation: number;
  sold: number;
}

export interface Reservation extends Taken {
  untilMs: number;
  isCancelled: boolean;
}

/**
 * What the service promises, on one page: options with an allocation; holds that count until an instant, and not
 * from it on; what users have. It has no clock and no database, and refuses nothing: whoever uses it looks whether
 * something has become negative or passed a limit.
 */
export class Model {
  readonly reservations = new Map<string, Reservation>();
  /** Ids of what was bought, with the quantity. */
  readonly purchases = new Map<string, number>();
  /** Tickets that a user owns, by user and option. */
  private readonly owned = new Map<string, number>();
  /** Those that may still hold something, by option. */
  private readonly holds: ReadonlyMap<string, Set<Reservation>>;

  constructor(readonly options: ReadonlyMap<string, Option>) {
    this.holds = new Map([...options.keys()].map((id) => [id, new Set()]));
  }

  apply(effect: Effect): void {
    switch (effect.kind) {
      case 'bought':
        for (const { option, quantity } of effect.items) {
          const key = `${effect.user}/${option}`;
          this.owned.set(key, (this.owned.get(key) ?? 0) + quantity);
          this.option(option).sold += quantity;
          this.purchases.set(effect.id, quantity);
        }
        break;
      case 'reserved': {
        const reservation = { ...effect, isCancelled: false };
        this.reservations.set(effect.id, reservation);
        for (const { option } of effect.items) this.holds.get(option)?.add(reservation);
        break;
      }
      case 'extended':
        this.reservation(effect.id).untilMs = effect.untilMs;
        break;
      case 'cancelled':
        this.reservation(effect.id).isCancelled = true;
        break;
      case 'resized':
        this.option(effect.option).allocation = effect.allocation;
    }
  }

  option(id: string): Option {
    return known(this.options.get(id), `option ${id}`);
  }

  reservation(id: string): Reservation {
    return known(this.reservations.get(id), `reservation ${id}`);
  }

  /** @returns tickets of an option that are held at an instant, by everybody or by one user. */
  held(option: string, atMs: number, user?: string): number {
    let tickets = 0;
    for (const hold of this.holds.get(option) ?? []) {
      if (hold.isCancelled || atMs >= hold.untilMs || (user !== undefined && hold.user !== user)) continue;
      tickets += quantityOf(hold.items, [option]);
    }
    return tickets;
  }

  /** @returns the limit for a user of an option or of its event, and the options that it is about. */
  scopeOf(option: string, per: unknown): { limit: number; options: string[] } {
    const { event, maxPerUser, eventMaxPerUser } = this.option(option);
    if (per !== 'event') return { limit: maxPerUser ?? Infinity, options: [option] };
    const options = [...this.options].filter(([, other]) => other.event === event).map(([id]) => id);
    return { limit: eventMaxPerUser ?? Infinity, options };
  }

  remaining(option: string, atMs: number): number {
    const { allocation, sold } = this.option(option);
    return allocation - sold - this.held(option, atMs);
  }

  /** @returns what a user holds and owns of some options together. */
  has(user: string, options: readonly string[], atMs: number): number {
    const each = options.map((id) => (this.owned.get(`${user}/${id}`) ?? 0) + this.held(id, atMs, user));
    return each.reduce((sum, tickets) => sum + tickets, 0);
  }

  /** @returns the first and the last instant of a time, and each between them at which something held of these options runs out. */
  instants(options: readonly string[], firstMs: number, lastMs: number): Set<number> {
    const ends = options.flatMap((option) =>
      [...(this.holds.get(option) ?? [])].map(({ untilMs }) => untilMs),
    );
    return new Set([firstMs, lastMs, ...ends.filter((endMs) => endMs > firstMs && endMs < lastMs)]);
  }

  /** Lets go of holds that no instant from then on can see. */
  forget(beforeMs: number): void {
    for (const holds of this.holds.values()) {
      for (const hold of holds) if (hold.untilMs < beforeMs) holds.delete(hold);
    }
  }
}

/** @returns how many tickets of some options there are among items. */
export function quantityOf(items: readonly Item[], options: readonly string[]): number {
  return items.reduce((sum, item) => sum + (options.includes(item.option) ? item.quantity : 0), 0);
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
