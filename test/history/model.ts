import { type Effect, type Item, quantityOf, type Taken, totalOf } from './effects';
import { Till } from './till';

export interface Option {
  readonly event: string;
  readonly maxPerUser: number | null;
  readonly eventMaxPerUser: number | null;
  allocation: number;
  sold: number;
  priceCents: number;
}

export interface Reservation extends Taken {
  untilMs: number;
  status: 'active' | 'paying' | 'paid' | 'cancelled';
  payment: string | null;
}

interface Purchase extends Taken {
  readonly payment: string | null;
  isReturned: boolean;
}

/**
 * What the service promises, on one page: options with an allocation; holds that count until an instant, and not
 * from it on, unless they are being paid; what users have. It has no clock and no database, and refuses nothing:
 * whoever uses it looks whether something has become negative or passed a limit.
 */
export class Model {
  readonly reservations = new Map<string, Reservation>();
  readonly purchases = new Map<string, Purchase>();
  readonly till = new Till();
  isCancelled = false;
  /** Tickets that a user owns, by user and option. */
  private readonly owned = new Map<string, number>();
  /** Those that may still hold something, by option. */
  private readonly holds: ReadonlyMap<string, Set<Reservation>>;

  constructor(readonly options: ReadonlyMap<string, Option>) {
    this.holds = new Map([...options.keys()].map((id) => [id, new Set()]));
  }

  /** @returns what is wrong with the money. */
  apply(effect: Effect): string[] {
    switch (effect.kind) {
      case 'bought':
      case 'became': {
        const payment = effect.kind === 'became' ? effect.payment : null;
        this.purchases.set(effect.id, { ...effect, payment, isReturned: false });
        this.own(effect, 1);
        break;
      }
      case 'returned': {
        const purchase = this.purchase(effect.id);
        purchase.isReturned = true;
        this.own(purchase, -1);
        break;
      }
      case 'reserved': {
        const reservation: Reservation = { ...effect, status: 'active', payment: null };
        this.reservations.set(effect.id, reservation);
        for (const { option } of effect.items) this.holds.get(option)?.add(reservation);
        break;
      }
      case 'extended':
        this.reservation(effect.id).untilMs = effect.untilMs;
        break;
      case 'cancelled':
        this.reservation(effect.id).status = 'cancelled';
        break;
      case 'paying':
      case 'paid':
        Object.assign(this.reservation(effect.reservation), { status: effect.kind, payment: effect.id });
        break;
      case 'failed':
        this.reservation(effect.reservation).status = 'active';
        break;
      case 'event cancelled':
        this.isCancelled = true;
        break;
      case 'resized':
        Object.assign(this.option(effect.option), {
          allocation: effect.allocation,
          priceCents: effect.priceCents,
        });
    }
    return this.till.apply(effect);
  }

  option(id: string): Option {
    return known(this.options.get(id), `option ${id}`);
  }

  reservation(id: string): Reservation {
    return known(this.reservations.get(id), `reservation ${id}`);
  }

  purchase(id: string): Purchase {
    return known(this.purchases.get(id), `purchase ${id}`);
  }

  /** @returns tickets of an option that are held at an instant, by everybody or by one user. */
  held(option: string, atMs: number, user?: string): number {
    let tickets = 0;
    for (const hold of this.holds.get(option) ?? []) {
      if (!isHolding(hold, atMs) || (user !== undefined && hold.user !== user)) continue;
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
      for (const hold of holds) {
        if (hold.status !== 'paying' && hold.untilMs < beforeMs) holds.delete(hold);
      }
    }
  }

  /** Tickets change hands, or come back. */
  private own({ user, items }: { user: string; items: readonly Item[] }, sign: 1 | -1): void {
    for (const { option, quantity } of items) {
      const key = `${user}/${option}`;
      this.owned.set(key, (this.owned.get(key) ?? 0) + sign * quantity);
      this.option(option).sold += sign * quantity;
    }
  }
}

/** What is being paid is held without end. */
function isHolding({ status, untilMs }: Reservation, atMs: number): boolean {
  return status === 'paying' || (status === 'active' && atMs < untilMs);
}

/** Whether nobody has done anything with it in time. */
export function isExpired({ status, untilMs }: Reservation, atMs: number): boolean {
  return status === 'active' && atMs >= untilMs;
}

/** @returns what the statistics of the event have to say at an instant. */
export function figuresOf(model: Model, atMs: number): Record<string, number> {
  const options = [...model.options];
  const sum = (of: (option: Option, id: string) => number): number =>
    options.reduce((total, [id, option]) => total + of(option, id), 0);
  const reservations = [...model.reservations.values()];
  const count = (is: (reservation: Reservation) => boolean): number => reservations.filter(is).length;
  const allocation = sum((option) => option.allocation);
  const sold = sum((option) => option.sold);
  const reserved = sum((_, id) => model.held(id, atMs));
  const owned = [...model.purchases.values()].filter(({ isReturned }) => !isReturned);
  return {
    ...{ allocation, sold, reserved, remaining: allocation - sold - reserved },
    revenue_cents: owned.reduce((cents, { items }) => cents + totalOf(items), 0),
    reservations_created: reservations.length,
    reservations_paid: count(({ status }) => status === 'paid'),
    reservations_cancelled: count(({ status }) => status === 'cancelled'),
    reservations_expired: count((reservation) => isExpired(reservation, atMs)),
  };
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
