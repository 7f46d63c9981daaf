export interface Item {
  readonly option: string;
  readonly quantity: number;
}

/** An item at the price of one ticket that it was taken at. */
export interface Priced extends Item {
  readonly unitCents: number;
}

/** Tickets that a user takes. */
export interface Taken {
  readonly id: string;
  readonly user: string;
  readonly items: readonly Priced[];
  /** When it was decided, by the database's clock. */
  readonly atMs: number;
}

/** What becomes of a payment; `id` is its own. */
type OfPayment =
  | {
      readonly kind: 'paying';
      readonly id: string;
      readonly reservation: string;
      readonly cents: number;
      readonly atMs: number;
    }
  | { readonly kind: 'paid'; readonly id: string; readonly reservation: string; readonly cents: number }
  | {
      readonly kind: 'failed' | 'turned back';
      readonly id: string;
      readonly reservation: string;
      readonly code: string;
    }
  | { readonly kind: 'repaid'; readonly id: string; readonly cents: number; readonly isAll: boolean };

/** What the gateway does, for a payment or for a refund of it. It has transactions of its own. */
type OfGateway =
  | { readonly kind: 'charged' | 'called off'; readonly id: string; readonly cents: number }
  | {
      readonly kind: 'given back';
      readonly id: string;
      readonly payment: string;
      readonly purchase: string | null;
      readonly cents: number;
    };

/** What becomes of a refund: of a purchase, or of a payment of which nothing came. */
interface OfRefund {
  readonly kind: 'refund begun' | 'refund done';
  readonly id: string;
  readonly payment: string | null;
  readonly purchase: string | null;
  readonly cents: number;
  readonly isDone: boolean;
  readonly atMs: number;
}

/** Something that changed what there is. */
export type Effect =
  | ({ readonly kind: 'bought' } & Taken)
  | ({ readonly kind: 'became'; readonly payment: string } & Taken)
  | ({ readonly kind: 'reserved'; readonly untilMs: number } & Taken)
  | { readonly kind: 'extended'; readonly id: string; readonly untilMs: number }
  | { readonly kind: 'cancelled'; readonly id: string; readonly wasPaying: boolean }
  | {
      readonly kind: 'resized';
      readonly option: string;
      readonly allocation: number;
      readonly priceCents: number;
    }
  | { readonly kind: 'event cancelled'; readonly id: string; readonly atMs: number }
  | { readonly kind: 'returned'; readonly id: string; readonly atMs: number }
  | OfPayment
  | OfGateway
  | OfRefund;

/**
 * One turn may do all of this in one transaction, and this is the order in which it then makes sense: a payment fails,
 * so that its reservation can be kept for longer, so that it can be paid anew.
 */
const ORDER: readonly Effect['kind'][] = [
  ...(['charged', 'called off', 'given back', 'failed', 'turned back'] as const),
  ...(['extended', 'cancelled', 'paying', 'paid', 'became', 'bought', 'reserved', 'resized'] as const),
  ...(['refund begun', 'refund done', 'repaid', 'returned', 'event cancelled'] as const),
];

export function inOrder(effects: readonly Effect[]): Effect[] {
  return effects.toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
}

/** Whether the gateway did it, which knows nothing of our locks. */
export function isElsewhere({ kind }: Effect): boolean {
  return kind === 'charged' || kind === 'called off' || kind === 'given back';
}

/** @returns how many tickets of some options there are among items. */
export function quantityOf(items: readonly Item[], options: readonly string[]): number {
  return items.reduce((sum, item) => sum + (options.includes(item.option) ? item.quantity : 0), 0);
}

/** @returns what items cost, in cents. */
export function totalOf(items: readonly Priced[]): number {
  return items.reduce((sum, { quantity, unitCents }) => sum + quantity * unitCents, 0);
}
