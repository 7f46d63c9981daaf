import type { Outcome, PurchaseOrder } from './orders';

/** Whoever waits for an order: its socket. */
export interface Caller {
  /** Whether the client has gone away. */
  readonly destroyed: boolean;
}

/** Limits on everything; milliseconds. */
export interface LaneLimits {
  /** Orders that one transaction serves at most. */
  readonly maxGroup: number;
  /** Orders that wait at most. */
  readonly maxWaiting: number;
  /** How long an order waits for its turn at most. */
  readonly maxWaitMs: number;
}

export const LANE_LIMITS: LaneLimits = { maxGroup: 1_000, maxWaiting: 10_000, maxWaitMs: 2_000 };

interface Waiting {
  readonly order: PurchaseOrder;
  readonly caller: Caller | undefined;
  readonly sinceMs: number;
  readonly answer: (outcome: Outcome) => void;
}

const OVERLOADED: Outcome = { refused: { code: 'overloaded' } };
const FAILED: Outcome = { refused: { code: 'internal_error' } };

/**
 * A queue with at most one transaction in flight.
 *
 * One turn takes everything that waits for one event, in order of arrival, and serves it as a group. There is no
 * timer and no added wait: an idle lane serves a group of one, a busy one whatever arrived while the last group
 * was being written. Events take turns, so that a hot one does not starve its neighbours.
 */
export class Lane {
  /** By event; a Map keeps the order in which events have to wait. */
  private readonly waiting = new Map<string, Waiting[]>();
  private count = 0;
  private busy = false;
  private expiry: NodeJS.Timeout | undefined;
  private onIdle: (() => void)[] = [];

  /**
   * @param serve sells to a group of orders of one event; one outcome for each, in order; it must not
   *   throw, and if it does all the same, each of them failed for an internal reason and the lane goes on
   */
  constructor(
    private readonly serve: (orders: readonly PurchaseOrder[]) => Promise<Outcome[]>,
    private readonly limits: LaneLimits = LANE_LIMITS,
  ) {}

  /** How many orders wait for their turn. */
  get depth(): number {
    return this.count;
  }

  /** Milliseconds that the order at the head of the queue has waited; 0 when nothing waits. */
  get oldestMs(): number {
    let oldest = Infinity;
    for (const [first] of this.waiting.values()) oldest = Math.min(oldest, first?.sinceMs ?? Infinity);
    return oldest === Infinity ? 0 : performance.now() - oldest;
  }

  /** @returns what became of the order; always answers, with a refusal when it cannot be served in time. */
  submit(order: PurchaseOrder, caller?: Caller): Promise<Outcome> {
    if (this.count >= this.limits.maxWaiting) return Promise.resolve(OVERLOADED);
    return new Promise((answer) => {
      const entry = { order, caller, sinceMs: performance.now(), answer };
      const queue = this.waiting.get(order.eventId);
      if (queue === undefined) this.waiting.set(order.eventId, [entry]);
      else queue.push(entry);
      this.count += 1;
      this.wake();
    });
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async idle(): Promise<void> {
    if (!this.busy && this.count === 0) return;
    await new Promise<void>((resolve) => this.onIdle.push(resolve));
  }

  /**
   * Starts a turn unless one is under way. The turn begins when the event loop has handed out what has arrived by
   * now, so that requests that came in together are one group.
   */
  private wake(): void {
    if (this.busy) return;
    this.busy = true;
    this.expiry ??= setInterval(() => {
      this.refuseExpired();
    }, 100).unref();
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    for (let group = this.next(); group.length > 0; group = this.next()) {
      const outcomes = await this.serve(group.map(({ order }) => order)).catch((): Outcome[] => []);
      group.forEach(({ answer }, index) => {
        answer(outcomes[index] ?? FAILED);
      });
    }
    this.busy = false;
    clearInterval(this.expiry);
    this.expiry = undefined;
    for (const resolve of this.onIdle.splice(0)) resolve();
  }

  /** Takes the group whose turn it is out of the queue; empty when nothing waits. */
  private next(): Waiting[] {
    for (const [eventId, queue] of this.waiting) {
      const group = queue.splice(0, this.limits.maxGroup);
      this.waiting.delete(eventId);
      if (queue.length > 0) this.waiting.set(eventId, queue);
      this.count -= group.length;
      const oldestMs = performance.now() - this.limits.maxWaitMs;
      const present = group.filter((entry) => isWanted(entry, oldestMs));
      if (present.length > 0) return present;
    }
    return [];
  }

  /** Answers those that have waited too long while a turn does not come to its end. */
  private refuseExpired(): void {
    const oldestMs = performance.now() - this.limits.maxWaitMs;
    for (const [eventId, queue] of this.waiting) {
      const expired = queue.findIndex((entry) => entry.sinceMs > oldestMs);
      const gone = queue.splice(0, expired === -1 ? queue.length : expired);
      this.count -= gone.length;
      for (const entry of gone) isWanted(entry, oldestMs);
      if (queue.length === 0) this.waiting.delete(eventId);
    }
  }
}

/** Answers an entry that is not served any more. @returns whether it still is to be served. */
function isWanted({ caller, sinceMs, answer }: Waiting, oldestMs: number): boolean {
  // Nobody reads the answer of a client that has gone; its order must not take a ticket.
  const wanted = sinceMs > oldestMs && caller?.destroyed !== true;
  if (!wanted) answer(OVERLOADED);
  return wanted;
}
