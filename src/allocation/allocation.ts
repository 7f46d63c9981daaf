import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Attempts } from './attempts';
import { type Caller, Lane } from './lane';
import type { Outcome, PurchaseOrder } from './orders';
import { StockHint } from './stock-hint';

/** How many lanes there are; a class, so that it can be injected. */
export class AllocationSettings {
  constructor(readonly lanes: number) {}
}

/** How the lanes are doing. */
export interface LanesState {
  /** Orders that wait for their turn, over all lanes. */
  readonly waiting: number;
  /** How long the one at the head has waited. */
  readonly oldestMs: number;
}

/**
 * The only door to the stock. Events are spread over a few lanes: the orders of one event are always in the same
 * one, in order of arrival; different lanes work side by side.
 */
@Injectable()
export class Allocation implements OnApplicationShutdown {
  private readonly lanes: readonly Lane[];

  constructor(attempts: Attempts, settings: AllocationSettings) {
    this.lanes = Array.from({ length: settings.lanes }, () => {
      const hint = new StockHint();
      return new Lane((orders) => attempts.serve(orders, hint));
    });
  }

  /**
   * Sells tickets of one option to one user, all or nothing.
   *
   * @param caller lets an order be dropped whose client goes away before its turn
   * @returns what became of it; a `made` is durable
   */
  buy(order: PurchaseOrder, caller?: Caller): Promise<Outcome> {
    const lane = this.lanes[laneOf(order.eventId, this.lanes.length)];
    if (lane === undefined) throw new Error('there are no lanes');
    return lane.submit(order, caller);
  }

  get state(): LanesState {
    return {
      waiting: this.lanes.reduce((sum, lane) => sum + lane.depth, 0),
      oldestMs: Math.max(...this.lanes.map((lane) => lane.oldestMs)),
    };
  }

  /** No more requests come in by now; resolves when every order has been answered. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.idle()));
  }
}

/** The end of a UUID is random in every version that has anything random in it. */
function laneOf(eventId: string, lanes: number): number {
  return Number.parseInt(eventId.slice(-8), 16) % lanes;
}
