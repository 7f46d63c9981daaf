import type { PoolClient } from 'pg';
import type { Problem } from '../refusals';

/** A quantity of one option: one line of an order. */
export interface Item {
  readonly ticketOptionId: string;
  /** 1 to 2,147,483,647. */
  readonly quantity: number;
}

/** Names a request that shall have its effect once, however often it is sent. Both are hashes: UUIDs without hyphens. */
export interface RequestKey {
  /** Of the caller and the key that came with the request. */
  readonly id: string;
  /** Of the request itself, so that another one with the same key is noticed. */
  readonly fingerprint: string;
  /**
   * Made by the service itself, for a change that came without one: by it the change recognises what it did when the answer of
   * the database was lost. Nobody else can send it, and a refusal did nothing that would have to be recognised.
   */
  readonly isOwn?: boolean;
}

/** What is known of a request that was decided before: what it made, or why it was refused. */
export interface Recorded {
  readonly fingerprint: string;
  readonly resourceId: string | null;
  readonly refused: readonly [Refused, ...Refused[]] | null;
}

/**
 * Somebody wants tickets of one event, all of them or none: to own (one item, without a price) or to hold for a
 * while (1 to 20 items, each of another option). All ids are UUIDs.
 */
export interface TakeOrder {
  readonly kind: 'buy' | 'reserve';
  /** The id that the purchase or reservation will have. A second attempt carries the same, and so recognises the first. */
  readonly id: string;
  readonly eventId: string;
  readonly userId: string;
  readonly items: readonly Item[];
  readonly key?: RequestKey | undefined;
}

/** Somebody wants to keep a reservation until later, or to give it back. */
export interface ChangeOrder {
  readonly kind: 'extend' | 'cancel';
  /** That of the reservation. */
  readonly id: string;
  readonly eventId: string;
  /** What it holds; that never changes, so it may have been read at any time. */
  readonly ticketOptionIds: readonly string[];
  /** Until when an extended one shall last. */
  readonly until?: Date;
  readonly key?: RequestKey | undefined;
}

/** Somebody begins to pay a reservation. One that costs nothing is paid by that. */
export interface PayOrder {
  readonly kind: 'pay';
  /** That of the payment, which is the key of the charge as well. */
  readonly id: string;
  readonly eventId: string;
  readonly reservationId: string;
  /** What the reservation holds. */
  readonly ticketOptionIds: readonly string[];
  readonly currency: string;
  /** After how long somebody else looks after the payment. */
  readonly leaseMs: number;
  /** The ids of the purchases to be, one for each option. */
  readonly purchaseIds: readonly string[];
  readonly key?: RequestKey | undefined;
}

/** The gateway has said what became of a charge: it succeeded, or it did not and never will. */
export interface SettleOrder {
  readonly kind: 'settle';
  /** That of the payment. */
  readonly id: string;
  readonly eventId: string;
  readonly reservationId: string;
  readonly ticketOptionIds: readonly string[];
  readonly charge: ChargeResult;
  readonly purchaseIds: readonly string[];
  /** The id of the refund to be, if nothing can come of the charge. */
  readonly refundId: string;
  readonly key?: undefined;
  /** After how long somebody looks whether the refund has been made, or whether what failed was charged all the same. */
  readonly leaseMs: number;
}

/** `voided`: nobody heard of a charge in time, so it was called off. */
export type ChargeResult =
  | { readonly succeeded: true }
  | {
      readonly succeeded: false;
      readonly failureCode: 'card_error' | 'payment_error' | 'currency_error' | 'voided';
    };

/**
 * Somebody gives a purchase back (`refund`). If money has to go back with it, that begins now and ends with
 * `refunded`, when the gateway has done it. Also for a payment of which nothing came, which only ends.
 */
export interface RefundOrder {
  readonly kind: 'refund' | 'refunded';
  /** That of the refund, which is its key at the gateway as well. */
  readonly id: string;
  readonly eventId: string;
  /** None for the refund of a payment of which nothing came. */
  readonly purchaseId: string | null;
  readonly key?: undefined;
  /** What the purchase is of, or the reservation that was to be paid. */
  readonly ticketOptionIds: readonly string[];
  readonly leaseMs: number;
}

/** What is served in groups, everyone of an event at once. */
export type Order = TakeOrder | ChangeOrder | PayOrder | SettleOrder | RefundOrder;

export function isTake(order: Order): order is TakeOrder {
  return order.kind === 'buy' || order.kind === 'reserve';
}

/** @returns whether it is about a payment: what users have stays the same then, held or owned. */
export function isPayment(order: Order): order is PayOrder | SettleOrder {
  return order.kind === 'pay' || order.kind === 'settle';
}

/** What has a turn of its own: the organiser's changes, and the sweep. */
export interface Task {
  readonly kind: 'task';
  /** That of what is changed. */
  readonly id: string;
  readonly eventId: string;
  /**
   * Does it, in a transaction of its own. Done twice it has the same effect, so it may be sent again when its
   * outcome is not known; `again` says so.
   */
  readonly run: (client: PoolClient, again: boolean) => Promise<Outcome>;
  readonly key?: RequestKey | undefined;
}

/** Everything that has to wait for its turn. */
export type Job = Order | Task;

/** The tickets are the user's, durably. */
export interface PurchaseMade {
  readonly createdAt: Date;
  readonly unitPriceCents: number;
}

/** A reservation as its row has it. An active one is over from `expiresAt` on. */
export interface ReservationState {
  readonly id: string;
  readonly userId: string;
  readonly status: 'active' | 'paying' | 'paid' | 'cancelled';
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly items: readonly (Item & { readonly unitPriceCents: number })[];
  /** The latest attempt to pay it. */
  readonly paymentId: string | null;
  /** Once it is paid: what it became, in the order of the items. */
  readonly purchaseIds: readonly string[] | null;
}

/** A payment as its row has it. */
export interface PaymentState {
  readonly id: string;
  readonly reservationId: string;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'refunding' | 'partially_refunded' | 'refunded';
  readonly amountCents: bigint;
  readonly refundedCents: bigint;
  readonly failureCode: string | null;
  readonly createdAt: Date;
}

/** A purchase as its row has it. */
export interface PurchaseState {
  readonly id: string;
  readonly userId: string;
  readonly ticketOptionId: string;
  readonly quantity: number;
  readonly unitPriceCents: number;
  readonly createdAt: Date;
  readonly reservationId: string | null;
  readonly paymentId: string | null;
  readonly refundedAt: Date | null;
}

/** A refund as its row has it. */
export interface RefundState {
  readonly id: string;
  /** Null when there is nothing to give back but the tickets. */
  readonly paymentId: string | null;
  readonly purchaseId: string | null;
  readonly amountCents: bigint;
  readonly doneAt: Date | null;
}

/** What has become of a payment. */
export interface PaymentMade {
  readonly payment: PaymentState;
  /** Those that this order has made; empty when there are none, or somebody else had made them before. */
  readonly purchases: readonly PurchaseState[];
  /** The refund that this order has begun, because nothing can come of the charge. */
  readonly refund: RefundState | null;
}

/** What has become of a refund. */
export interface RefundMade {
  /** What the gateway still has to give back, or has; null when there was nothing but tickets to give back. */
  readonly refund: RefundState | null;
}

/** Why an order was refused, and if one of its items is to blame, which (its index). */
export type Refused = Problem & { readonly item?: number };

/** What became of an order; `M` is what a success has to tell. `known`: the same request was decided before, and nothing was done now. A refusal names no place in the request: that is for the contract to know. */
export type Outcome<M = unknown> =
  | { readonly made: M; readonly refused?: never; readonly cause?: never; readonly known?: never }
  | {
      readonly made?: never;
      readonly refused: readonly [Refused, ...Refused[]];
      readonly cause?: Error;
      readonly known?: never;
    }
  | { readonly known: Recorded; readonly made?: never; readonly refused?: never; readonly cause?: never };

/** @returns an outcome that refuses for one reason. */
export function refusedFor(refused: Refused): Extract<Outcome<never>, { refused: readonly unknown[] }> {
  return { refused: [refused] };
}
