import type { Item, Outcome, PurchaseMade, ReservationState, TakeOrder } from './orders';
import { countKey, type Scope, scopesOf, type Situation } from './situation';

/** Tickets that move for one option. */
interface Move {
  sold: number;
  held: number;
}

/** Tickets that a user gets more, or less, within a scope. */
export interface Count {
  readonly userId: string;
  readonly scope: Scope;
  tickets: number;
}

/** What a group of orders takes: to be written in one statement. */
export interface Takes {
  readonly moves: Map<string, Move>;
  readonly counts: Map<string, Count>;
  readonly purchases: { readonly order: TakeOrder; readonly made: PurchaseMade }[];
  readonly reservations: ReservationState[];
}

/** A reservation that was changed: as it was, and as it shall be. */
interface Changed {
  readonly before: ReservationState;
  readonly after: ReservationState;
}

/** What a group of orders gives back or changes: to be written in one statement. */
export interface Returns {
  readonly changed: Map<string, Changed>;
  readonly moves: Map<string, Move>;
  readonly counts: Map<string, Count>;
}

/** What became of each order, in order, and what is to be written for it. */
export interface Decision {
  readonly outcomes: readonly Outcome[];
  readonly takes: Takes;
  readonly returns: Returns;
}

/** Keeps the books while a group is decided, order after order, on the situation that was read for it. */
export class Ledger {
  readonly takes: Takes = { moves: new Map(), counts: new Map(), purchases: [], reservations: [] };
  readonly returns: Returns = { changed: new Map(), moves: new Map(), counts: new Map() };

  constructor(
    private readonly eventId: string,
    private readonly situation: Situation,
  ) {}

  /** @returns tickets of the option that can be had now; what is over counts as given back. */
  remaining(ticketOptionId: string): number {
    const stock = this.situation.stock.get(ticketOptionId);
    if (stock === undefined) return 0;
    const taken = this.takes.moves.get(ticketOptionId);
    const returned = this.returns.moves.get(ticketOptionId);
    return (
      stock.remaining +
      stock.over -
      (taken === undefined ? 0 : taken.sold + taken.held) +
      (returned?.held ?? 0)
    );
  }

  /** @returns tickets that the user has within the scope now, without those that are over. */
  has(userId: string, scopeId: string): number {
    const key = countKey(userId, scopeId);
    const counted = (this.situation.userCounts.get(key) ?? 0) - (this.situation.userOver.get(key) ?? 0);
    return (
      counted + (this.takes.counts.get(key)?.tickets ?? 0) - (this.returns.counts.get(key)?.tickets ?? 0)
    );
  }

  /** @returns the reservation as it stands after the orders before. */
  reservation(id: string): ReservationState | undefined {
    return this.returns.changed.get(id)?.after ?? this.situation.reservations.get(id);
  }

  sell(order: TakeOrder, made: PurchaseMade): void {
    this.takes.purchases.push({ order, made });
    for (const { ticketOptionId, quantity } of order.items) {
      move(this.takes.moves, ticketOptionId).sold += quantity;
    }
    this.count(this.takes.counts, order.userId, order.items);
  }

  hold(reservation: ReservationState): void {
    this.takes.reservations.push(reservation);
    for (const { ticketOptionId, quantity } of reservation.items) {
      move(this.takes.moves, ticketOptionId).held += quantity;
    }
    this.count(this.takes.counts, reservation.userId, reservation.items);
  }

  change(after: ReservationState): void {
    const before = this.situation.reservations.get(after.id);
    if (before === undefined) throw new Error(`reservation ${after.id} was not read`);
    this.returns.changed.set(after.id, { before, after });
    if (after.status !== 'cancelled') return;
    for (const { ticketOptionId, quantity } of after.items) {
      move(this.returns.moves, ticketOptionId).held += quantity;
    }
    this.count(this.returns.counts, after.userId, after.items);
  }

  private count(counts: Map<string, Count>, userId: string, items: readonly Item[]): void {
    for (const { ticketOptionId, quantity } of items) {
      const stock = this.situation.stock.get(ticketOptionId);
      if (stock === undefined) continue;
      for (const scope of scopesOf(ticketOptionId, this.eventId, stock)) {
        const key = countKey(userId, scope.id);
        const count = counts.get(key);
        if (count === undefined) counts.set(key, { userId, scope, tickets: quantity });
        else count.tickets += quantity;
      }
    }
  }
}

function move(moves: Map<string, Move>, ticketOptionId: string): Move {
  let found = moves.get(ticketOptionId);
  if (found === undefined) {
    found = { sold: 0, held: 0 };
    moves.set(ticketOptionId, found);
  }
  return found;
}
