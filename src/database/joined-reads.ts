/** Queries that one kind of read has in flight at once: the lanes need connections too. */
export const READS_IN_FLIGHT = 2;

/**
 * Reads of the same thing at the same moment are one query.
 *
 * A read that arrives while another is in flight waits for the **next** one, never for the one that began before
 * it: so every answer is as fresh as if it had asked alone, and a storm of readers costs a handful of queries.
 * Nothing is kept once it has been answered.
 */
export class JoinedReads<Value> {
  private readonly running = new Set<string>();
  private readonly next = new Map<string, Waiting<Value>>();
  private readonly idle: string[] = [];

  /**
   * @param load reads one thing; its errors reach everyone who waits for that read
   * @param maxInFlight how many things are read at once, so that readers leave connections to the writers
   */
  constructor(
    private readonly load: (key: string) => Promise<Value>,
    private readonly maxInFlight: number,
  ) {}

  /** @returns the value by a read that starts after this call. */
  read(key: string): Promise<Value> {
    const waiting = this.next.get(key);
    if (waiting !== undefined) return waiting.promise;
    const mine = waiter<Value>();
    this.next.set(key, mine);
    if (!this.running.has(key)) this.idle.push(key);
    this.startMore();
    return mine.promise;
  }

  private startMore(): void {
    while (this.running.size < this.maxInFlight) {
      const key = this.idle.shift();
      if (key === undefined) return;
      const waiting = this.next.get(key);
      if (waiting === undefined) continue;
      this.next.delete(key);
      this.running.add(key);
      this.load(key)
        .then(waiting.resolve, waiting.reject)
        .finally(() => {
          this.running.delete(key);
          if (this.next.has(key)) this.idle.push(key);
          this.startMore();
        });
    }
  }
}

interface Waiting<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (reason: unknown) => void;
}

/** Promise.withResolvers, which Node 20 does not have yet. */
function waiter<Value>(): Waiting<Value> {
  let resolve: Waiting<Value>['resolve'] = () => undefined;
  let reject: Waiting<Value>['reject'] = () => undefined;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
