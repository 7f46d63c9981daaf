import { refusal } from '../refusals';

/** How long a read waits for the one before it. */
const MAX_WAIT_MS = 2_000;

/**
 * Reads of the same thing at the same moment are one query.
 *
 * A read that arrives while another is in flight waits for the **next** one, never for the one that began before
 * it: so every answer is as fresh as if it had asked alone, and a storm of readers costs a handful of queries.
 * Nothing is kept once it has been answered.
 */
export class JoinedReads<Value, Thing = string> {
  private readonly running = new Set<string>();
  private readonly next = new Map<string, Waiting<Value>>();

  /**
   * @param load reads one thing; its errors reach everyone who waits for that read
   * @param keyOf equal for equal things
   */
  constructor(
    private readonly load: (thing: Thing) => Promise<Value>,
    private readonly keyOf: (thing: Thing) => string = String,
  ) {}

  /**
   * @returns the value by a read that starts after this call
   * @throws Refusal `overloaded` when the read before it does not come to its end; what `load` throws
   */
  read(thing: Thing): Promise<Value> {
    const key = this.keyOf(thing);
    if (!this.running.has(key)) return this.start(key, thing);
    let waiting = this.next.get(key);
    if (waiting === undefined) {
      waiting = waiter<Value>(() => {
        this.next.delete(key);
      });
      this.next.set(key, waiting);
    }
    return waiting.promise;
  }

  private start(key: string, thing: Thing): Promise<Value> {
    this.running.add(key);
    const value = this.load(thing);
    const done = (): void => {
      this.running.delete(key);
      const waiting = this.next.get(key);
      if (waiting === undefined) return;
      this.next.delete(key);
      waiting.settle(this.start(key, thing));
    };
    value.then(done, done);
    return value;
  }
}

interface Waiting<Value> {
  readonly promise: Promise<Value>;
  readonly settle: (value: Promise<Value>) => void;
}

/** A promise that somebody settles, or that fails when nobody does in time. */
function waiter<Value>(onExpiry: () => void): Waiting<Value> {
  let settle: Waiting<Value>['settle'] = () => undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    const timer = setTimeout(() => {
      onExpiry();
      reject(refusal('overloaded'));
    }, MAX_WAIT_MS);
    settle = (value) => {
      clearTimeout(timer);
      resolve(value);
    };
  });
  return { promise, settle };
}
