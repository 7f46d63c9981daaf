/** How much is let through, and how long the rest waits for it. */
export interface RoomLimits {
  /** Requests that are worked on at once. */
  readonly places: number;
  /**
   * After so long a request gives its place to the next, if it waits for something else than this process: as many have
   * overtaken it as there are places, or nobody has got an answer for so long.
   */
  readonly placeMs: number;
  /** Requests that wait for a place at most, and for how long. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

/** What a request has that is worked on; it is given back when the request has its answer. */
export interface Place {
  readonly sinceMs: number;
  /** Counted in the order of entering. */
  readonly number: number;
}

interface Waiting {
  readonly sinceMs: number;
  /** Told once: with a place, or without one when its time is up. */
  readonly enter: (place: Place | undefined) => void;
}

/** How often it is looked whose time is up, while anybody waits. */
const LOOK_MS = 10;

/**
 * Lets as many in as are served best together; the rest wait outside, in the order of their arrival, where they cost
 * next to nothing, and are turned away when it takes too long. Those who go on with what they have begun come first.
 */
export class WaitingRoom {
  /** In the order in which they got their places. */
  private readonly inside = new Set<Place>();
  private readonly begun = new Queue<Waiting>();
  private readonly fresh = new Queue<Waiting>();
  private timer: NodeJS.Timeout | undefined;
  private entered = 0;
  /** The latest of those who have left, by the order of entering, and when somebody left. */
  private latestLeft = 0;
  private leftMs = 0;

  constructor(private readonly limits: RoomLimits) {}

  /**
   * @param goesOn whether the request goes on with something begun before
   * @param enter called with a place, now or later; or without one, when there is none in time
   */
  ask(goesOn: boolean, enter: Waiting['enter']): void {
    if (this.inside.size < this.limits.places) {
      this.let(enter);
      return;
    }
    const queue = goesOn ? this.begun : this.fresh;
    if (queue.size >= this.limits.maxWaiting) {
      enter(undefined);
      return;
    }
    queue.add({ sinceMs: performance.now(), enter });
    this.timer ??= setInterval(() => {
      this.look();
    }, LOOK_MS).unref();
  }

  /** Gives a place back; the next one has it. One that was given back already, or taken away, is no harm. */
  leave(place: Place): void {
    this.latestLeft = Math.max(this.latestLeft, place.number);
    this.leftMs = performance.now();
    if (this.inside.delete(place)) this.fill();
  }

  private let(enter: Waiting['enter']): void {
    this.entered += 1;
    const place = { sinceMs: performance.now(), number: this.entered };
    this.inside.add(place);
    enter(place);
  }

  private fill(): void {
    while (this.inside.size < this.limits.places) {
      const next = this.begun.take() ?? this.fresh.take();
      if (next === undefined) return;
      this.let(next.enter);
    }
  }

  /** Turns away who has waited too long, and takes the places of those who wait for something else. */
  private look(): void {
    const now = performance.now();
    for (const queue of [this.begun, this.fresh]) {
      for (let first = queue.first; first !== undefined; first = queue.first) {
        if (first.sinceMs > now - this.limits.maxWaitMs) break;
        queue.take();
        first.enter(undefined);
      }
    }
    const longAgo = now - this.limits.placeMs;
    const isStill = this.leftMs < longAgo;
    for (const place of this.inside) {
      const isOvertaken = place.number < this.latestLeft - this.limits.places;
      if (place.sinceMs > longAgo || !(isStill || isOvertaken)) break;
      this.inside.delete(place);
    }
    this.fill();
    if (this.begun.size + this.fresh.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

/** First in, first out, in constant time: `shift()` of an array moves everything that is behind. */
class Queue<T> {
  private items: T[] = [];
  private taken = 0;

  get size(): number {
    return this.items.length - this.taken;
  }

  get first(): T | undefined {
    return this.items[this.taken];
  }

  add(item: T): void {
    this.items.push(item);
  }

  take(): T | undefined {
    const item = this.items[this.taken];
    if (item === undefined) return undefined;
    this.taken += 1;
    if (this.taken * 2 > this.items.length) {
      this.items = this.items.slice(this.taken);
      this.taken = 0;
    }
    return item;
  }
}
