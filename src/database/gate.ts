import { refusal } from '../refusals';

/** How many may wait in front of a gate, and for how long. */
const MAX_WAITING = 10_000;
const MAX_WAIT_MS = 2_000;

/**
 * Lets a few through at once; the rest wait their turn, for a while. So one kind of work cannot take all connections
 * to the database, however much of it there is.
 */
export class Gate {
  private inside = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly maxInside: number) {}

  /** How many wait for their turn. */
  get depth(): number {
    return this.waiting.size;
  }

  /** @throws Refusal `overloaded` when the turn does not come in time; then `work` was not begun. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside < this.maxInside) this.inside += 1;
    else await this.turn();
    try {
      return await work();
    } finally {
      const [next] = this.waiting;
      if (next === undefined) this.inside -= 1;
      else next(); // hands its place on
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.size >= MAX_WAITING) return Promise.reject(refusal('overloaded'));
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        clearTimeout(timer);
        this.waiting.delete(enter);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.delete(enter);
        reject(refusal('overloaded'));
      }, MAX_WAIT_MS);
      this.waiting.add(enter);
    });
  }
}
