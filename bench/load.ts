import { setTimeout as wait } from 'node:timers/promises';
import { Buyer, type BuyersLoad, connectAll } from './load/buyer';
import { type Ids, idsOf } from './load/distinct-ids';
import { OpenLoop } from './load/open-loop';
import { bytesOf, type LoadPlan, type LoadResult, longestSeconds, type Moment } from './load/plan';
import { Tally } from './load/tally';

export type { LoadPlan, LoadResult } from './load/plan';

/**
 * Runs one load. A closed loop, in which every connection sends its next request when the last one is answered, until
 * the time is up; or an open one, if the plan says how many a second. What is in flight then is waited for and
 * counted, so that the answers can be compared with the tables.
 *
 * Why not a generator off the shelf: server, database and generator share the processors of one small machine,
 * and what the generator takes the server has not got. Processor time of the generator for each request with
 * another user in it, against the no-op server, 64 and 256 connections, 2 cores, Node 20: autocannon 17 to 19 µs
 * (more than the no-op server itself needs), this one 9.3 to 9.8 µs; wrk, in C and sending one constant body,
 * 9.0 to 10.2 µs. Requests are written from a buffer built once in which only the ids change; answers are read
 * by a parser that knows no more than it needs to.
 *
 * @param tell is called when the measured time begins, and when it ends
 */
export function runLoad(plan: LoadPlan, tell?: (moment: Moment) => void): Promise<LoadResult> {
  const { perSecond } = plan;
  return (perSecond === undefined ? new ClosedLoop(plan, tell) : new OpenLoop(plan, perSecond, tell)).run();
}

class ClosedLoop implements BuyersLoad {
  readonly ids: Ids;
  private readonly tally: Tally;
  private finished: () => void = () => undefined;
  private readonly buyers: Buyer[];

  constructor(
    private readonly plan: LoadPlan,
    tell?: (moment: Moment) => void,
  ) {
    this.ids = idsOf(plan);
    this.tally = new Tally(plan, tell);
    const request = bytesOf(plan.request);
    this.buyers = Array.from({ length: plan.connections }, () => new Buyer(this, Buffer.from(request)));
  }

  async run(): Promise<LoadResult> {
    await connectAll(this.buyers, this.plan.ports);
    this.tally.begin();
    const finished = new Promise<void>((resolve) => (this.finished = resolve));
    const giveUp = new AbortController();
    for (const buyer of this.buyers) if (this.ids.left > 0) buyer.send(performance.now());
    if (this.tally.inFlight === 0) this.finished();
    const limit = 1000 * longestSeconds(this.plan);
    await Promise.race([finished, wait(limit, undefined, { signal: giveUp.signal })]);
    giveUp.abort();
    for (const buyer of this.buyers) buyer.end();
    return this.tally.result({ spent: this.ids.left <= 0 });
  }

  sending(): void {
    this.tally.sending();
  }

  answered(_buyer: Buyer, status: number, from: number): number {
    const now = performance.now();
    this.tally.answered(status, from, now, now);
    if (now < this.tally.stopAt && this.ids.left > 0) return now;
    if (this.tally.inFlight === 0) this.finished();
    return 0;
  }

  failed(reason: string, waiting: boolean): void {
    this.tally.failed(reason, waiting);
    if (waiting && this.tally.inFlight === 0) this.finished();
  }
}
