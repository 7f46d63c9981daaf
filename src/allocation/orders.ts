import type { Problem } from '../refusals';

/** Somebody wants to buy `quantity` tickets of one option, at once and all or nothing. All ids are UUIDs. */
export interface PurchaseOrder {
  /** The id that the purchase will have. A second attempt carries the same, and so recognises the first. */
  readonly id: string;
  readonly eventId: string;
  readonly ticketOptionId: string;
  readonly userId: string;
  /** 1 to 2,147,483,647. */
  readonly quantity: number;
}

/** The tickets are the user's, durably. */
interface PurchaseMade {
  readonly createdAt: Date;
  readonly unitPriceCents: number;
}

/** What became of an order. A refusal names no place in the request: that is for the contract to know. */
export type Outcome =
  | { readonly made: PurchaseMade; readonly refused?: never; readonly cause?: never }
  | { readonly made?: never; readonly refused: Problem; readonly cause?: Error };

/** What there is of one option, as read in one moment. */
export interface Stock {
  readonly remaining: number;
  readonly priceCents: number;
  readonly maxPerUser: number | null;
  readonly maxPerOrder: number | null;
  readonly salesStartAt: Date | null;
  readonly salesEndAt: Date | null;
}

/** Everything that orders are decided on, read after the locks were taken (or, for refusals, without any). */
export interface Situation {
  /** The database's clock, read in the same moment as the rest. */
  readonly now: Date;
  /** By ticket option id; an option that is not in it does not exist. */
  readonly stock: ReadonlyMap<string, Stock>;
  /** Tickets that a user has of an option with a limit, by {@link userCountKey}; nothing means none. */
  readonly userCounts: ReadonlyMap<string, number>;
}

/** The key of a user's count of one option in a {@link Situation}. */
export function userCountKey(userId: string, ticketOptionId: string): string {
  return `${userId}/${ticketOptionId}`;
}
