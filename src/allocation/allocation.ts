import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Attempts } from './attempts';
import { type Caller, LANE_LIMITS, Lanes } from './lanes';
import type { Outcome, PurchaseOrder } from './orders';
import { StockHint } from './stock-hint';

/** How many lanes there are; a class, so that it can be injected. */
export class AllocationSettings {
  constructor(readonly lanes: number) {}
}

/** How the lanes are doing. */
export interface LanesState {
  /** Orders that wait for their turn. */
  readonly waiting: number;
  /** How long the one that has waited longest has waited. */
  readonly oldestMs: number;
}

/** The only door to the stock: every order takes its turn in the lanes. */
@Injectable()
export class Allocation implements OnApplicationShutdown {
  private readonly lanes: Lanes;

  constructor(attempts: Attempts, { lanes }: AllocationSettings) {
    const hint = new StockHint();
    this.lanes = new Lanes((orders) => attempts.serve(orders, hint), { ...LANE_LIMITS, lanes });
  }

  /**
   * Sells tickets of one option to one user, all or nothing.
   *
   * @param caller lets an order be dropped whose client goes away before its turn
   * @returns what became of it; a `made` is durable
   */
  buy(order: PurchaseOrder, caller?: Caller): Promise<Outcome> {
    return this.lanes.submit(order, caller);
  }

  get state(): LanesState {
    return { waiting: this.lanes.depth, oldestMs: this.lanes.oldestMs };
  }

  /** No more requests come in by now; resolves when every order has been answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.lanes.idle();
  }
}
