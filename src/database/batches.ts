import { refusal } from '../refusals';

/** How many different things one batch takes in. */
const MAX_BATCH = 1_000;
/** How many may wait, and for how long. */
const MAX_WAITING = 10_000;
const MAX_WAIT_MS = 2_000;

interface Waiting<Value, Thing> {
  readonly thing: Thing;
  readonly promise: Promise<Value | undefined>;
  /** Its turn has come, and it waits for its turn no longer. */
  readonly begin: () => void;
  readonly settle: (value: Value | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Many different things that are wanted at the same moment are one statement.
 *
 * At most one batch is in flight. Whoever asks meanwhile is in the next one, never in that which began before: so
 * what is read is as fresh as if everybody had asked alone, and a busy service sends a handful of statements, each
 * for hundreds. There is no timer and no added wait: an idle service sends batches of one.
 */
export class Batches<Value, Thing = string> {
  /** By key, in the order of arrival. */
  private readonly waiting = new Map<string, Waiting<Value, Thing>>();
  private isRunning = false;

  /**
   * @param serve serves a batch of things with different keys, and answers by key; its errors reach everyone in it
   * @param keyOf equal for equal things, which are served once
   */
  constructor(
    private readonly serve: (things: readonly Thing[]) => Promise<ReadonlyMap<string, Value>>,
    private readonly keyOf: (thing: Thing) => string = String,
  ) {}

  /**
   * @returns what was answered for the thing by a batch that starts after this call; nothing when there was no answer
   * @throws Refusal `overloaded` when its turn does not come in time, and then it was not sent; what `serve` throws
   */
  ask(thing: Thing): Promise<Value | undefined> {
    const key = this.keyOf(thing);
    const same = this.waiting.get(key);
    if (same !== undefined) return same.promise;
    if (this.waiting.size >= MAX_WAITING) return Promise.reject(refusal('overloaded'));
    const entry = waiter<Value, Thing>(thing, () => this.waiting.delete(key));
    this.waiting.set(key, entry);
    if (!this.isRunning) {
      this.isRunning = true;
      // What has arrived together goes together.
      setImmediate(() => void this.run());
    }
    return entry.promise;
  }

  /** Serves batch after batch until nobody waits. */
  private async run(): Promise<void> {
    while (this.waiting.size > 0) {
      const batch = this.next();
      try {
        const values = await this.serve([...batch.values()].map(({ thing }) => thing));
        for (const [key, { settle }] of batch) settle(values.get(key));
      } catch (error) {
        for (const { fail } of batch.values()) fail(error);
      }
    }
    this.isRunning = false;
  }

  private next(): Map<string, Waiting<Value, Thing>> {
    const batch = new Map<string, Waiting<Value, Thing>>();
    for (const [key, entry] of this.waiting) {
      if (batch.size === MAX_BATCH) break;
      entry.begin();
      batch.set(key, entry);
      this.waiting.delete(key);
    }
    return batch;
  }
}

/** Somebody who waits for a batch, but not for ever. */
function waiter<Value, Thing>(thing: Thing, onExpiry: () => void): Waiting<Value, Thing> {
  let settle: Waiting<Value, Thing>['settle'] = () => undefined;
  let fail: Waiting<Value, Thing>['fail'] = () => undefined;
  const promise = new Promise<Value | undefined>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  const timer = setTimeout(() => {
    onExpiry();
    fail(refusal('overloaded'));
  }, MAX_WAIT_MS);
  const begin = (): void => {
    clearTimeout(timer);
  };
  return { thing, promise, begin, settle, fail };
}
