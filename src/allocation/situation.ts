import type { PaymentState, PurchaseState, RefundState, ReservationState } from './orders';

/** What there is of one option, as read in one moment. */
export interface Stock {
  readonly remaining: number;
  /**
   * Tickets of holds that are over and have not been given back: for sale as well. Not all of them when there are
   * more than the orders at hand ask for.
   */
  readonly over: number;
  readonly priceCents: number;
  readonly maxPerUser: number | null;
  readonly maxPerOrder: number | null;
  readonly salesStartAt: Date | null;
  readonly salesEndAt: Date | null;
  /** Whether what each user has of the option is counted. */
  readonly countsUsers: boolean;
  readonly eventCancelled: boolean;
  /** The limit over all options of the event. */
  readonly eventMaxPerUser: number | null;
  readonly eventCountsUsers: boolean;
}

/** Everything that orders are decided on, read after the locks were taken (or, for refusals, without any). */
export interface Situation {
  /** The database's clock, read in the same moment as the rest. */
  readonly now: Date;
  /** By ticket option id; an option that is not in it does not exist. */
  readonly stock: ReadonlyMap<string, Stock>;
  /** Tickets that a user has within a scope that is counted, by {@link countKey}; nothing means none. */
  readonly userCounts: ReadonlyMap<string, number>;
  /** How many of those are held by reservations that are over, by {@link countKey}. */
  readonly userOver: ReadonlyMap<string, number>;
  /** The reservations that are to be changed, by id; and the payments, purchases and refunds that orders are about. */
  readonly reservations: ReadonlyMap<string, ReservationState>;
  readonly payments: ReadonlyMap<string, PaymentState>;
  readonly purchases: ReadonlyMap<string, PurchaseState>;
  readonly refunds: ReadonlyMap<string, RefundState>;
}

/** How long reservations last, in milliseconds. */
export interface HoldRules {
  readonly holdMs: number;
  /** From its creation on, however often it is extended. */
  readonly holdMaxMs: number;
}

/** The key of what a user has within a scope: a ticket option, or an event over all its options. */
export function countKey(userId: string, scopeId: string): string {
  return `${userId}/${scopeId}`;
}

/** A scope that users' tickets are counted in, and its limit if it has one now. */
export interface Scope {
  readonly id: string;
  readonly limit: number | null;
}

/** @returns the scopes that an item of this stock counts towards. */
export function scopesOf(ticketOptionId: string, eventId: string, stock: Stock): Scope[] {
  const scopes: Scope[] = [];
  if (stock.countsUsers) scopes.push({ id: ticketOptionId, limit: stock.maxPerUser });
  if (stock.eventCountsUsers) scopes.push({ id: eventId, limit: stock.eventMaxPerUser });
  return scopes;
}
