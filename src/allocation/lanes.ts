import { type Job, type Outcome, refusedFor } from './orders';
import { type TurnObserver } from './turn-observer';

/** Whoever waits for an order: its socket. */
export interface Caller {
  /** Whether the client has gone away. */
  readonly destroyed: boolean;
}

/** Limits on everything. */
export interface LaneLimits {
  /** Turns that are in flight at once; each has a transaction, and so a connection. */
  readonly lanes: number;
  /** Orders that one turn serves at most; a task has a turn of its own. */
  readonly maxGroup: number;
  /** Orders of one event that wait at most; of all events, as often as there are lanes. */
  readonly maxWaiting: number;
  /** How long an order waits for its turn at most. */
  readonly maxWaitMs: number;
  /** Events that one turn serves together at most. */
  readonly maxEvents: number;
  /** Orders of one event with which it may still join others: more are worth a turn of their own. */
  readonly maxJoining: number;
  /** Orders that are served together in any case: fewer are not worth two turns. */
  readonly minShared: number;
  /** How long a turn for several events may take before the others go on without regard to it (milliseconds). */
  readonly maxJointMs: number;
}

export const LANE_LIMITS = {
  ...{ maxGroup: 1_000, maxWaiting: 10_000, maxWaitMs: 2_000 },
  ...{ maxEvents: 100, maxJoining: 32, minShared: 32, maxJointMs: 100 },
} as const;

/** Who serves the lanes' turns. Nothing here must throw; if it does all the same, the orders failed for an internal reason. */
export interface Server {
  /** Serves a group of orders of one event, or one task. @returns one outcome for each, in order */
  readonly serve: (jobs: readonly Job[]) => Promise<Outcome[]>;
  /** Whether a group of one event may be served together with those of others. */
  readonly mayJoin: (jobs: readonly Job[]) => boolean;
  /** Serves the groups of several events that may join. @returns null for a group that is to be served by itself */
  readonly serveTogether: (groups: readonly (readonly Job[])[]) => Promise<(Outcome[] | null)[]>;
}

interface Waiting {
  readonly job: Job;
  readonly caller: Caller | undefined;
  readonly sinceMs: number;
  readonly answer: (outcome: Outcome) => void;
}

/** A turn for several events that is in flight. */
interface JointTurn {
  readonly orders: number;
  readonly sinceMs: number;
}

const OVERLOADED = refusedFor({ code: 'overloaded' });
const FAILED = refusedFor({ code: 'internal_error' });

/**
 * Queues of orders, one for each event, and a few lanes in which they are served.
 *
 * A turn takes what waits for one event, in order of arrival, and serves it as a group. An event is in one
 * lane at a time, so its orders are never overtaken; different events are served side by side, as many as there are
 * lanes. There is no timer and no added wait: an idle service serves a group of one, a busy one whatever arrived while
 * the last group was being written. Events take turns, so that a hot one does not starve its neighbours; and one whose
 * rows somebody else holds locked occupies one lane, while the others go on.
 *
 * Many events with a few orders each would all want a transaction and a flush. So small groups are served together in one turn,
 * as long as nothing stands in the way of any of them; whichever something does is served by itself. This is the one case in which
 * an order waits though a lane is free: until as many wait as are on their way in such turns, or these have come back.
 */
export class Lanes {
  /** By event; a Map keeps the order in which events have to wait. */
  private readonly waiting = new Map<string, Waiting[]>();
  /** The events that have their turn now. */
  private readonly serving = new Set<string>();
  /** The events that could not be served together with others and have not been served by themselves since. */
  private readonly alone = new Set<string>();
  /** Turns for several events. */
  private readonly joint = new Set<JointTurn>();
  private count = 0;
  /** Lanes at work, those that are about to begin included. */
  private active = 0;
  private beginning = 0;
  private expiry: NodeJS.Timeout | undefined;
  private onIdle: (() => void)[] = [];

  constructor(
    private readonly server: Server,
    private readonly limits: LaneLimits,
    private readonly observer?: TurnObserver,
  ) {}

  /** How many orders wait for their turn. */
  get depth(): number {
    return this.count;
  }

  /** Milliseconds that the order which has waited longest has waited; 0 when nothing waits. */
  get oldestMs(): number {
    let oldest = Infinity;
    for (const [first] of this.waiting.values()) oldest = Math.min(oldest, first?.sinceMs ?? Infinity);
    return oldest === Infinity ? 0 : performance.now() - oldest;
  }

  /** @returns what became of it; always answers, with a refusal when it cannot be served in time. */
  submit(job: Job, caller?: Caller): Promise<Outcome> {
    const { lanes, maxWaiting } = this.limits;
    const queue = this.waiting.get(job.eventId);
    if (this.count >= maxWaiting * lanes || (queue !== undefined && queue.length >= maxWaiting)) {
      return Promise.resolve(OVERLOADED);
    }
    return new Promise((answer) => {
      const entry = { job, caller, sinceMs: performance.now(), answer };
      if (queue === undefined) this.waiting.set(job.eventId, [entry]);
      else queue.push(entry);
      this.count += 1;
      this.wake(job.eventId);
    });
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async idle(): Promise<void> {
    if (this.active === 0) return;
    await new Promise<void>((resolve) => this.onIdle.push(resolve));
  }

  /**
   * Puts one more lane to work, if there is one and an event for it. Its first turn begins when the event loop has
   * handed out what has arrived by now, so that requests that came in together are one group.
   *
   * @param eventId of what has just come, if that is the reason
   */
  private wake(eventId?: string): void {
    if (this.active >= this.limits.lanes) return;
    if (!this.isJoiningDue() && !this.mustGoAlone(eventId)) return;
    let servable = this.waiting.size;
    for (const eventId of this.serving) if (this.waiting.has(eventId)) servable -= 1;
    if (servable <= this.beginning) return;
    this.active += 1;
    this.beginning += 1;
    this.expiry ??= setInterval(() => {
      this.refuseExpired();
      this.wake();
    }, 100).unref();
    setImmediate(() => {
      this.beginning -= 1;
      void this.work();
    });
  }

  /** One lane, until there is nothing to do for it. */
  private async work(): Promise<void> {
    for (let groups = this.next([]); groups.length > 0; groups = this.next(groups)) {
      for (const group of groups) this.serving.add(eventOf(group));
      this.wake();
      await this.serve(groups);
    }
    this.active -= 1;
    if (this.active > 0) return;
    clearInterval(this.expiry);
    this.expiry = undefined;
    for (const resolve of this.onIdle.splice(0)) resolve();
  }

  /** One turn. Whichever of several groups nothing came of waits at the front again. */
  private async serve(groups: readonly Waiting[][]): Promise<void> {
    const [first = []] = groups;
    const jobs = groups.map((group) => group.map(({ job }) => job));
    const beganMs = performance.now();
    const outcomes =
      groups.length > 1
        ? await this.serveTogether(jobs, beganMs)
        : [await this.server.serve(jobs[0] ?? []).catch((): Outcome[] => [])];
    this.tellObserver(groups, outcomes, beganMs);
    if (groups.length === 1) this.alone.delete(eventOf(first));
    groups.forEach((group, index) => {
      this.serving.delete(eventOf(group));
      const each = outcomes[index] ?? null;
      if (each === null) this.putBack(group);
      else {
        group.forEach(({ answer }, at) => {
          answer(each[at] ?? FAILED);
        });
      }
    });
  }

  private async serveTogether(groups: readonly Job[][], sinceMs: number): Promise<(Outcome[] | null)[]> {
    const turn = { orders: groups.flat().length, sinceMs };
    this.joint.add(turn);
    const outcomes = await this.server.serveTogether(groups).catch(() => groups.map(() => null));
    this.joint.delete(turn);
    return outcomes;
  }

  /** Of a turn in which anybody was served: whoever waits again is counted when it is. */
  private tellObserver(
    groups: readonly Waiting[][],
    outcomes: readonly (readonly Outcome[] | null)[],
    beganMs: number,
  ): void {
    const served = groups.filter((_group, index) => outcomes[index] !== null);
    if (served.length === 0) return;
    const orders = served.reduce((sum, group) => sum + group.length, 0);
    const sinceMs = Math.min(...served.map(([first]) => first?.sinceMs ?? beganMs));
    this.observer?.onTurn(orders, beganMs - sinceMs, performance.now() - beganMs);
  }

  private putBack(group: readonly Waiting[]): void {
    const eventId = eventOf(group);
    this.alone.add(eventId);
    this.waiting.set(eventId, [...group, ...(this.waiting.get(eventId) ?? [])]);
    this.count += group.length;
  }

  /**
   * Takes the groups whose turn it is out of their queues: one, or several that may join; none if none could be served now.
   *
   * @param last what this lane has served just now
   */
  private next(last: readonly Waiting[][]): Waiting[][] {
    const { maxGroup, maxEvents } = this.limits;
    const isJoiningDue = this.isJoiningDue();
    const groups: Waiting[][] = [];
    let room = maxGroup;
    // Whoever has to go alone is looked at in passing; there may be many of them.
    let looks = 4 * maxEvents;
    for (const [eventId, queue] of this.waiting) {
      if (this.serving.has(eventId)) continue;
      if (groups.length > 0 && (looks-- === 0 || room === 0)) break;
      const joins = queue.length <= room && this.mayJoin(eventId, queue);
      if (groups.length > 0 ? !joins : joins && !isJoiningDue) continue;
      const group = this.take(eventId, queue, joins ? room : this.fairShare(eventId, queue, last));
      if (group.length === 0) {
        if (!this.waiting.has(eventId)) this.alone.delete(eventId);
        continue;
      }
      groups.push(group);
      room -= group.length;
      if (!joins || groups.length === maxEvents) break;
    }
    return groups;
  }

  /**
   * Whether what may join others is worth another turn now: no turn for several events is on its way, or as many orders
   * wait as are on their way in such turns. Otherwise the free lanes would take the few who have just come, one after
   * the other, and all be busy with small turns, which cost the database far more for each order than large ones.
   */
  private isJoiningDue(): boolean {
    if (this.joint.size === 0) return true;
    const oldestMs = performance.now() - this.limits.maxJointMs;
    let onTheirWay = 0;
    for (const { orders, sinceMs } of this.joint) if (sinceMs > oldestMs) onTheirWay += orders;
    return this.count >= onTheirWay;
  }

  /** Whether anything may wait for a lane that does not join others: what has just come, or what did not come off together. */
  private mustGoAlone(eventId: string | undefined): boolean {
    const queue = eventId === undefined ? undefined : this.waiting.get(eventId);
    if (
      eventId !== undefined &&
      queue !== undefined &&
      !this.serving.has(eventId) &&
      !this.mayJoin(eventId, queue)
    )
      return true;
    for (const id of this.alone) if (this.waiting.has(id) && !this.serving.has(id)) return true;
    return false;
  }

  /**
   * How many of one event a turn takes that follows right behind another of the same event. Whoever was answered just
   * now may come back while the turn goes on: clients that wait for their answers fall into two halves, one at the
   * database and one in the service. If one half were a few and the other all the rest, as after any stumble, then
   * each side would wait while the other works, and it would stay like that. So the two are brought together.
   */
  private fairShare(
    eventId: string,
    queue: readonly Waiting[],
    [last, ...others]: readonly Waiting[][],
  ): number {
    const { maxGroup, minShared } = this.limits;
    if (last === undefined || others.length > 0 || eventOf(last) !== eventId) return maxGroup;
    return Math.min(maxGroup, Math.max(minShared, Math.ceil((queue.length + last.length) / 2)));
  }

  /** Takes from the front of a queue what can be served in one turn, `most` at most. @returns those who are still to be served */
  private take(eventId: string, queue: Waiting[], most: number): Waiting[] {
    const group = queue.splice(0, Math.min(most, groupLength(queue)));
    this.waiting.delete(eventId);
    if (queue.length > 0) this.waiting.set(eventId, queue);
    this.count -= group.length;
    const oldestMs = performance.now() - this.limits.maxWaitMs;
    return group.filter((entry) => isWanted(entry, oldestMs));
  }

  private mayJoin(eventId: string, queue: readonly Waiting[]): boolean {
    if (queue.length > this.limits.maxJoining || this.alone.has(eventId)) return false;
    return this.server.mayJoin(queue.map(({ job }) => job));
  }

  /** Answers those that have waited too long while the turns before them do not come to their end. */
  private refuseExpired(): void {
    const oldestMs = performance.now() - this.limits.maxWaitMs;
    for (const [eventId, queue] of this.waiting) {
      const stays = queue.findIndex((entry) => entry.sinceMs > oldestMs);
      const expired = queue.splice(0, stays === -1 ? queue.length : stays);
      this.count -= expired.length;
      for (const entry of expired) isWanted(entry, oldestMs);
      if (queue.length > 0) continue;
      this.waiting.delete(eventId);
      this.alone.delete(eventId);
    }
  }
}

function eventOf([first]: readonly Waiting[]): string {
  return first?.job.eventId ?? '';
}

/** @returns how many of a queue's first entries can be served together: the orders before a task, or one task. */
function groupLength(queue: readonly Waiting[]): number {
  const task = queue.findIndex(({ job }) => job.kind === 'task');
  return task === -1 ? queue.length : Math.max(task, 1);
}

/** Answers an entry that is not served any more. @returns whether it still is to be served. */
function isWanted({ caller, sinceMs, answer }: Waiting, oldestMs: number): boolean {
  // Nobody reads the answer of a client that has gone; its order must not take a ticket.
  const wanted = sinceMs > oldestMs && caller?.destroyed !== true;
  if (!wanted) answer(OVERLOADED);
  return wanted;
}
