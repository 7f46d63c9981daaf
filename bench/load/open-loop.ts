import { setTimeout as wait } from 'node:timers/promises';
import { Buyer, type BuyersLoad, connectAll } from './buyer';
import { type Ids, idsOf } from './distinct-ids';
import { bytesOf, type LoadPlan, type LoadResult, longestSeconds, type Moment } from './plan';
import { Tally } from './tally';

/**
 * An open loop: requests are due at random times (a Poisson process: exponential gaps), as those of people who know
 * nothing of each other, and nobody waits for anybody's answer. Latency counts from the moment a request was due,
 * also when it could not be sent then: a server that stalls is told every request that it keeps waiting, and not only
 * the one on each connection (no coordinated omission). A timer sends what is due every millisecond, which is part of
 * what is told.
 */
export class OpenLoop implements BuyersLoad {
  readonly ids: Ids;
  private readonly tally: Tally;
  private readonly idle: Buyer[];
  /** When the requests were due that found no connection idle. */
  private readonly late: number[] = [];
  private served = 0;
  private nextAt = 0;
  private finished: () => void = () => undefined;

  constructor(
    private readonly plan: LoadPlan,
    private readonly perSecond: number,
    tell?: (moment: Moment) => void,
  ) {
    this.ids = idsOf(plan);
    this.tally = new Tally(plan, tell);
    const request = bytesOf(plan.request);
    this.idle = Array.from({ length: plan.connections }, () => new Buyer(this, Buffer.from(request)));
  }

  async run(): Promise<LoadResult> {
    const buyers = [...this.idle];
    await connectAll(buyers, this.plan.ports);
    this.tally.begin();
    this.nextAt = performance.now() + this.gapMs();
    const finished = new Promise<void>((resolve) => (this.finished = resolve));
    const timer = setInterval(() => {
      this.sendWhatIsDue();
    }, 1);
    const giveUp = new AbortController();
    const limit = wait(1000 * longestSeconds(this.plan), undefined, { signal: giveUp.signal });
    await Promise.race([finished, limit]);
    giveUp.abort();
    clearInterval(timer);
    for (const buyer of buyers) buyer.end();
    return this.tally.result({ spent: this.ids.left <= 0, neverSent: this.late.length - this.served });
  }

  sending(): void {
    this.tally.sending();
  }

  answered(buyer: Buyer, status: number, from: number): number {
    this.tally.answered(status, from, performance.now(), from);
    const due = this.late[this.served];
    if (due !== undefined) {
      this.served++;
      return due;
    }
    this.idle.push(buyer);
    return 0;
  }

  failed(reason: string, waiting: boolean): void {
    this.tally.failed(reason, waiting);
  }

  private sendWhatIsDue(): void {
    const now = performance.now();
    const { stopAt } = this.tally;
    while (this.nextAt <= now && this.nextAt < stopAt) {
      const buyer = this.takeIdle();
      if (buyer === undefined) this.late.push(this.nextAt);
      else buyer.send(this.nextAt);
      this.nextAt += this.gapMs();
    }
    const isAnswered = this.tally.inFlight === 0 && this.served === this.late.length;
    if (this.nextAt >= stopAt && isAnswered) this.finished();
  }

  private takeIdle(): Buyer | undefined {
    let buyer = this.idle.pop();
    while (buyer?.isOver === true) buyer = this.idle.pop();
    return buyer;
  }

  private gapMs(): number {
    return (-Math.log(1 - Math.random()) * 1000) / this.perSecond;
  }
}
