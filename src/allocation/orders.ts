import type { PoolClient } from 'pg';
import type { Problem } from '../refusals';

/** A quantity of one option: one line of an order. */
export interface Item {
  readonly ticketOptionId: string;
  /** 1 to 2,147,483,647. */
  readonly quantity: number;
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
}

/** What is served in groups, everyone of an event at once. */
export type Order = TakeOrder | ChangeOrder;

export function isTake(order: Order): order is TakeOrder {
  return order.kind === 'buy' || order.kind === 'reserve';
}

/** What has a turn of its own: the organiser's changes, and the sweep. */
export interface Task {
  readonly kind: 'task';
  /** For the log. */
  readonly id: string;
  readonly eventId: string;
  /**
   * Does it, in a transaction of its own. Done twice it has the same effect, so it may be sent again when its
   * outcome is not known; `again` says so.
   */
  readonly run: (client: PoolClient, again: boolean) => Promise<Outcome>;
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
}

/** Why an order was refused, and if one of its items is to blame, which (its index). */
export type Refused = Problem & { readonly item?: number };

/** What became of an order; `M` is what a success has to tell. A refusal names no place in the request: that is for the contract to know. */
export type Outcome<M = unknown> =
  | { readonly made: M; readonly refused?: never; readonly cause?: never }
  | {
      readonly made?: never;
      readonly refused: readonly [Refused, ...Refused[]];
      readonly cause?: Error;
    };

/** @returns an outcome that refuses for one reason. */
export function refusedFor(refused: Refused): Outcome<never> {
  return { refused: [refused] };
}
