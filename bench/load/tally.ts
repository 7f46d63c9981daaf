import { CURVE, type LoadPlan, type LoadResult, longestSeconds, type Moment, type Window } from './plan';
import { percentilesOf, Samples } from './samples';
import { Ticks } from './timeline';

/** Counts everything that a load sends and is told. */
export class Tally {
  /** By `performance.now()`: when measuring begins, and when nothing more is sent. */
  private measureFrom = 0;
  stopAt = 0;
  inFlight = 0;
  private sent = 0;
  private readonly samples = new Samples();
  private readonly statuses = new Uint32Array(600);
  private readonly failures = new Map<string, number>();
  private ticks = new Ticks(0);
  /** How many samples there were at the end of each window. */
  private readonly marks: number[] = [];
  private nextMark = Infinity;
  private processor = process.cpuUsage();

  /** @param tell is called when the measured time begins, and when it ends */
  constructor(
    private readonly plan: LoadPlan,
    private readonly tell: (moment: Moment) => void = () => undefined,
  ) {}

  /** To be called when every connection is there. */
  begin(): void {
    const { plan } = this;
    this.processor = process.cpuUsage();
    this.measureFrom = performance.now() + 1000 * plan.warmUpSeconds;
    this.stopAt = this.measureFrom + 1000 * plan.seconds;
    this.ticks = new Ticks(longestSeconds(plan));
    this.at(this.measureFrom, 'begins');
    this.at(this.stopAt, 'ends');
    if (plan.windowSeconds !== undefined) this.nextMark = this.measureFrom + 1000 * plan.windowSeconds;
  }

  private at(time: number, moment: Moment): void {
    setTimeout(() => {
      this.tell(moment);
    }, time - performance.now()).unref();
  }

  sending(): void {
    this.sent++;
    this.inFlight++;
  }

  /**
   * @param from when the request was sent, or due
   * @param decides the time that decides whether it belongs to the measured time
   */
  answered(status: number, from: number, now: number, decides: number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    this.ticks.add(now);
    while (now >= this.nextMark) {
      this.marks.push(this.samples.size);
      this.nextMark += 1000 * (this.plan.windowSeconds ?? Infinity);
    }
    if (decides >= this.measureFrom && decides < this.stopAt) this.samples.add(now - from);
    this.inFlight--;
  }

  failed(reason: string, waiting: boolean): void {
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
    if (waiting) this.inFlight--;
  }

  /** @param neverSent what was due, and had no connection */
  result({ spent = false, neverSent = 0 } = {}): LoadResult {
    const { user, system } = process.cpuUsage(this.processor);
    const ms = this.samples.percentiles(CURVE);
    const at = (share: (typeof CURVE)[number]): number => ms[CURVE.indexOf(share)] ?? 0;
    const statuses: Record<string, number> = {};
    let answers = 0;
    this.statuses.forEach((count, status) => {
      if (count > 0) statuses[status] = count;
      answers += count;
    });
    return {
      measured: this.samples.size,
      requestsPerSecond: this.samples.size / this.plan.seconds,
      ...{ p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) },
      percentiles: CURVE.map((share, index) => [share, ms[index] ?? 0] as const),
      windows: this.windows(),
      statuses,
      unanswered: this.sent + neverSent - answers,
      spent,
      failures: Object.fromEntries(this.failures),
      generatorMicroseconds: (user + system) / Math.max(1, this.sent),
      timeline: this.ticks.timeline,
    };
  }

  private windows(): Window[] {
    const { windowSeconds: seconds } = this.plan;
    if (seconds === undefined) return [];
    const count = Math.floor(this.plan.seconds / seconds);
    return Array.from({ length: count }, (_, n) => {
      // A window that nothing was answered after has no mark.
      const [from, until] = [n - 1, n].map((mark) =>
        mark < 0 ? 0 : (this.marks[mark] ?? this.samples.size),
      );
      const part = this.samples.slice(from ?? 0, until ?? 0);
      return { requestsPerSecond: part.length / seconds, p99Ms: percentilesOf(part, [0.99])[0] ?? 0 };
    });
  }
}
