const TICK_MS = 100;

/** How many answers came in each tenth of a second. */
export interface Timeline {
  /** The time on the wall at which the first tenth began. */
  readonly startedAtMs: number;
  readonly answers: readonly number[];
}

/** Counts answers by the tenth of a second. */
export class Ticks {
  private readonly startedAtMs = Date.now();
  private readonly startedAt = performance.now();
  private readonly answers: Uint32Array;

  constructor(seconds: number) {
    this.answers = new Uint32Array(Math.ceil((1000 * seconds) / TICK_MS) + 1);
  }

  /** @param now by `performance.now()` */
  add(now: number): void {
    const tick = Math.floor((now - this.startedAt) / TICK_MS);
    this.answers[tick] = (this.answers[tick] ?? 0) + 1;
  }

  get timeline(): Timeline {
    return { startedAtMs: this.startedAtMs, answers: [...this.answers] };
  }
}

/** @returns answers a second between two times on the wall, by the whole tenths between them; NaN if there is none. */
export function speedBetween({ startedAtMs, answers }: Timeline, fromMs: number, untilMs: number): number {
  const first = Math.max(0, Math.ceil((fromMs - startedAtMs) / TICK_MS));
  const end = Math.floor((untilMs - startedAtMs) / TICK_MS);
  const ticks = answers.slice(first, Math.max(first, end));
  return (ticks.reduce((sum, count) => sum + count, 0) / ticks.length) * (1000 / TICK_MS);
}
