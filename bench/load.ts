import { setTimeout as wait } from 'node:timers/promises';
import { Buyer } from './load/buyer';
import { DistinctIds, type Ids, KnownIds, ListedIds, type ListedRange } from './load/distinct-ids';
import { Samples } from './load/samples';
import { Ticks, type Timeline } from './load/timeline';

export interface LoadPlan {
  readonly port: number;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly request: LoadRequest;
  /** Draw the user of each request from so many; without it, no two requests have the same. */
  readonly knownUsers?: number;
  /** Use each of these ids once; with the last of them the load ends. */
  readonly listed?: ListedRange;
}

/** Every `DISTINCT_ID` in path, key and body becomes the id of a user, or one of those that are listed. */
interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  /** The Idempotency-Key, if it has one. */
  readonly key?: string;
  /** The bearer token, if it has one. */
  readonly token?: string;
}

export interface LoadResult {
  /** Answers inside the measured time. */
  readonly measured: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Every answer by status: warm-up, measured time and those in flight when the time ran out. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Sent, and never answered. */
  readonly unanswered: number;
  /** Whether it ended before its time, since every listed id had been used. */
  readonly spent: boolean;
  /** Connections that failed, and why. */
  readonly failures: Readonly<Record<string, number>>;
  /** Processor time of the generator itself for each request sent. */
  readonly generatorMicroseconds: number;
  /** Every answer by its time. */
  readonly timeline: Timeline;
}

const DRAIN_SECONDS = 15;
const JSON_API = 'application/vnd.api+json';

/**
 * A closed loop: every connection sends its next request when the last one is answered, until the time is up.
 * What is in flight then is waited for and counted, so that the answers can be compared with the tables.
 *
 * Why not a generator off the shelf: server, database and generator share the processors of one small machine,
 * and what the generator takes the server has not got. Processor time of the generator for each request with
 * another user in it, against the no-op server, 64 and 256 connections, 2 cores, Node 20: autocannon 17 to 19 µs
 * (more than the no-op server itself needs), this one 9.3 to 9.8 µs; wrk, in C and sending one constant body,
 * 9.0 to 10.2 µs. Requests are written from a buffer built once in which only the id changes; answers are read
 * by a parser that knows no more than it needs to.
 */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const load = new Load(plan);
  await load.connect();
  return load.run();
}

class Load {
  readonly ids: Ids;
  readonly samples = new Samples();
  readonly statuses = new Uint32Array(600);
  readonly failures = new Map<string, number>();
  sent = 0;
  private ticks = new Ticks(0);
  private measureFrom = 0;
  private stopAt = 0;
  private inFlight = 0;
  private finished: () => void = () => undefined;
  private readonly buyers: Buyer[];

  constructor(private readonly plan: LoadPlan) {
    this.ids = idsOf(plan);
    const request = bytesOf(plan.request);
    this.buyers = Array.from({ length: plan.connections }, () => new Buyer(this, Buffer.from(request)));
  }

  async connect(): Promise<void> {
    await Promise.all(this.buyers.map((buyer) => buyer.connect(this.plan.port)));
  }

  async run(): Promise<LoadResult> {
    const processor = process.cpuUsage();
    this.measureFrom = performance.now() + 1000 * this.plan.warmUpSeconds;
    this.stopAt = this.measureFrom + 1000 * this.plan.seconds;
    const finished = new Promise<void>((resolve) => (this.finished = resolve));
    const giveUp = new AbortController();
    const limit = 1000 * (this.plan.warmUpSeconds + this.plan.seconds + DRAIN_SECONDS);
    this.ticks = new Ticks(limit / 1000);
    for (const buyer of this.buyers) buyer.start();
    if (this.inFlight === 0) this.finished();
    await Promise.race([finished, wait(limit, undefined, { signal: giveUp.signal })]);
    giveUp.abort();
    const { user, system } = process.cpuUsage(processor);
    for (const buyer of this.buyers) buyer.end();
    return this.result(user + system);
  }

  sending(): void {
    this.sent++;
    this.inFlight++;
  }

  answered(status: number, sentAt: number, now: number): boolean {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    this.ticks.add(now);
    if (now >= this.measureFrom && now < this.stopAt) this.samples.add(now - sentAt);
    this.inFlight--;
    if (now < this.stopAt && this.ids.left > 0) return true;
    if (this.inFlight === 0) this.finished();
    return false;
  }

  failed(reason: string, waiting: boolean): void {
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
    if (waiting && --this.inFlight === 0) this.finished();
  }

  private result(microseconds: number): LoadResult {
    const [p50Ms = 0, p99Ms = 0, maxMs = 0] = this.samples.percentiles([0.5, 0.99, 1]);
    const statuses: Record<string, number> = {};
    let answers = 0;
    this.statuses.forEach((count, status) => {
      if (count > 0) statuses[status] = count;
      answers += count;
    });
    return {
      measured: this.samples.size,
      requestsPerSecond: this.samples.size / this.plan.seconds,
      p50Ms,
      p99Ms,
      maxMs,
      statuses,
      unanswered: this.sent - answers,
      spent: this.ids.left <= 0,
      failures: Object.fromEntries(this.failures),
      generatorMicroseconds: microseconds / Math.max(1, this.sent),
      timeline: this.ticks.timeline,
    };
  }
}

function idsOf({ knownUsers, listed }: LoadPlan): Ids {
  if (listed !== undefined) return new ListedIds(listed);
  return knownUsers === undefined ? new DistinctIds() : new KnownIds(knownUsers);
}

function bytesOf({ method, path, body, key, token }: LoadRequest): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Accept: ${JSON_API}`];
  if (key !== undefined) head.push(`Idempotency-Key: ${key}`);
  if (token !== undefined) head.push(`Authorization: Bearer ${token}`);
  if (body !== undefined) {
    head.push(`Content-Type: ${JSON_API}`, `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
}
