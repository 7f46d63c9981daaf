import { Figures } from './figures';
import type {
  Item,
  Outcome,
  PaymentState,
  PurchaseMade,
  PurchaseState,
  RefundState,
  ReservationState,
  TakeOrder,
} from './orders';
import { countKey, type Scope, scopesOf, type Situation } from './situation';

/** Tickets that are taken of one option. */
interface Take {
  sold: number;
  held: number;
}

/** Tickets of one option that were taken before and change hands again. */
interface Move {
  /** Held, and for sale again. */
  freed: number;
  /** Held, and now sold. */
  settled: number;
  /** Sold, and for sale again. */
  unsold: number;
  revenueCents: bigint;
}

/** Tickets that a user gets more, or less, within a scope. */
export interface Count {
  readonly userId: string;
  readonly scope: Scope;
  tickets: number;
}

/** What a group of orders takes: to be written in one statement. */
export interface Takes {
  readonly moves: Map<string, Take>;
  readonly counts: Map<string, Count>;
  readonly purchases: { readonly order: TakeOrder; readonly made: PurchaseMade }[];
  readonly reservations: ReservationState[];
}

/** Something that was changed: as it was, and as it shall be. */
export interface Changed<State, Before = State> {
  readonly before: Before;
  readonly after: State;
}

/** What a group of orders changes of what was taken before, by id. */
export interface Changes {
  readonly reservations: Map<string, Changed<ReservationState>>;
  readonly moves: Map<string, Move>;
  /** What users have less. */
  readonly counts: Map<string, Count>;
  /** One that was not there before is written anew. */
  readonly payments: Map<string, Changed<PaymentState, PaymentState | undefined> & { checkAt: Date | null }>;
  readonly refunds: Map<string, Changed<RefundState, RefundState | undefined> & { checkAt: Date | null }>;
  /** What reservations have become. */
  readonly bought: PurchaseState[];
  readonly refunded: PurchaseState[];
}

/** What became of each order, in order, and what is to be written for it. */
export interface Decision {
  readonly outcomes: readonly Outcome[];
  readonly takes: Takes;
  readonly changes: Changes;
  readonly figures: Figures;
}

/** Keeps the books while a group is decided, order after order, on the situation that was read for it. */
export class Ledger {
  readonly takes: Takes = { moves: new Map(), counts: new Map(), purchases: [], reservations: [] };
  readonly changes: Changes = {
    reservations: new Map(),
    moves: new Map(),
    counts: new Map(),
    payments: new Map(),
    refunds: new Map(),
    bought: [],
    refunded: [],
  };
  readonly figures = new Figures();
  /** By purchase. */
  private readonly refundsOf = new Map<string, RefundState>();

  constructor(
    private readonly eventId: string,
    private readonly situation: Situation,
  ) {
    for (const refund of situation.refunds.values()) {
      if (refund.purchaseId !== null) this.refundsOf.set(refund.purchaseId, refund);
    }
  }

  /** @returns tickets of the option that can be had now; what is over counts as given back. */
  remaining(ticketOptionId: string): number {
    const stock = this.situation.stock.get(ticketOptionId);
    if (stock === undefined) return 0;
    const taken = this.takes.moves.get(ticketOptionId);
    const moved = this.changes.moves.get(ticketOptionId);
    return (
      stock.remaining +
      stock.over -
      (taken === undefined ? 0 : taken.sold + taken.held) +
      (moved === undefined ? 0 : moved.freed + moved.unsold)
    );
  }

  /** @returns tickets that the user has within the scope now, without those that are over. */
  has(userId: string, scopeId: string): number {
    const key = countKey(userId, scopeId);
    const counted = (this.situation.userCounts.get(key) ?? 0) - (this.situation.userOver.get(key) ?? 0);
    return (
      counted + (this.takes.counts.get(key)?.tickets ?? 0) - (this.changes.counts.get(key)?.tickets ?? 0)
    );
  }

  /** @returns whether the event of these options has been cancelled. */
  isCancelled(ticketOptionIds: readonly string[]): boolean {
    return ticketOptionIds.some((id) => this.situation.stock.get(id)?.eventCancelled === true);
  }

  /** @returns the reservation as it stands after the orders before. */
  reservation(id: string): ReservationState | undefined {
    return this.changes.reservations.get(id)?.after ?? this.situation.reservations.get(id);
  }

  /** @returns the purchase as it was before all orders; whether it is refunded is told by {@link Ledger.refundOf}. */
  purchase(id: string): PurchaseState | undefined {
    return this.situation.purchases.get(id);
  }

  payment(id: string): PaymentState | undefined {
    return this.changes.payments.get(id)?.after ?? this.situation.payments.get(id);
  }

  refund(id: string): RefundState | undefined {
    return this.changes.refunds.get(id)?.after ?? this.situation.refunds.get(id);
  }

  /** @returns the refund of a purchase, begun or done. */
  refundOf(purchaseId: string): RefundState | undefined {
    return this.refundsOf.get(purchaseId);
  }

  sell(order: TakeOrder, made: PurchaseMade): void {
    this.takes.purchases.push({ order, made });
    for (const { ticketOptionId, quantity } of order.items) {
      take(this.takes.moves, ticketOptionId).sold += quantity;
      this.figures.sold += quantity;
      this.figures.sell(made.createdAt, quantity, BigInt(quantity) * BigInt(made.unitPriceCents));
    }
    this.count(this.takes.counts, order.userId, order.items);
  }

  hold(reservation: ReservationState): void {
    this.takes.reservations.push(reservation);
    this.figures.created += 1;
    for (const { ticketOptionId, quantity } of reservation.items) {
      take(this.takes.moves, ticketOptionId).held += quantity;
      this.figures.reserved += quantity;
    }
    this.count(this.takes.counts, reservation.userId, reservation.items);
  }

  /** Keeps a reservation until later, begins or gives up to pay it. Its tickets stay held. */
  change(after: ReservationState): void {
    const before = this.situation.reservations.get(after.id);
    if (before === undefined) throw new Error(`reservation ${after.id} was not read`);
    this.changes.reservations.set(after.id, { before, after });
  }

  /** Gives the tickets of a reservation back. */
  cancel(reservation: ReservationState): ReservationState {
    const after: ReservationState = { ...reservation, status: 'cancelled' };
    this.change(after);
    this.figures.cancelled += 1;
    for (const { ticketOptionId, quantity } of after.items) {
      move(this.changes.moves, ticketOptionId).freed += quantity;
      this.figures.reserved -= quantity;
    }
    this.count(this.changes.counts, after.userId, after.items);
    return after;
  }

  /** Turns a reservation into purchases. */
  settle(reservation: ReservationState, purchases: readonly PurchaseState[]): void {
    this.change({ ...reservation, status: 'paid', purchaseIds: purchases.map(({ id }) => id) });
    this.changes.bought.push(...purchases);
    this.figures.paid += 1;
    for (const { ticketOptionId, quantity, unitPriceCents, createdAt } of purchases) {
      const revenueCents = BigInt(quantity) * BigInt(unitPriceCents);
      const moved = move(this.changes.moves, ticketOptionId);
      moved.settled += quantity;
      moved.revenueCents += revenueCents;
      this.figures.reserved -= quantity;
      this.figures.sold += quantity;
      this.figures.sell(createdAt, quantity, revenueCents);
    }
  }

  /** Gives the tickets of a purchase back. */
  giveBack(purchase: PurchaseState): void {
    const { ticketOptionId, quantity, unitPriceCents, createdAt, userId } = purchase;
    const revenueCents = BigInt(quantity) * BigInt(unitPriceCents);
    this.changes.refunded.push(purchase);
    const moved = move(this.changes.moves, ticketOptionId);
    moved.unsold += quantity;
    moved.revenueCents -= revenueCents;
    this.figures.sold -= quantity;
    this.figures.sell(createdAt, -quantity, -revenueCents);
    this.count(this.changes.counts, userId, [{ ticketOptionId, quantity }]);
  }

  /** @param checkAt when somebody has to look at it again */
  pay(after: PaymentState, checkAt: Date | null): PaymentState {
    const before = this.situation.payments.get(after.id);
    this.changes.payments.set(after.id, { before, after, checkAt });
    return after;
  }

  /** @param checkAt when somebody has to look at it again */
  payBack(after: RefundState, checkAt: Date | null): RefundState {
    const before = this.situation.refunds.get(after.id);
    this.changes.refunds.set(after.id, { before, after, checkAt });
    if (after.purchaseId !== null) this.refundsOf.set(after.purchaseId, after);
    return after;
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

function take(takes: Map<string, Take>, ticketOptionId: string): Take {
  let found = takes.get(ticketOptionId);
  if (found === undefined) {
    found = { sold: 0, held: 0 };
    takes.set(ticketOptionId, found);
  }
  return found;
}

function move(moves: Map<string, Move>, ticketOptionId: string): Move {
  let found = moves.get(ticketOptionId);
  if (found === undefined) {
    found = { freed: 0, settled: 0, unsold: 0, revenueCents: 0n };
    moves.set(ticketOptionId, found);
  }
  return found;
}
