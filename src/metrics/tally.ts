/**
 * A histogram as plain numbers: what is measured on the way of every request must cost next to nothing, and becomes
 * labels and text only when somebody asks. To add one value takes some ten nanoseconds; `Histogram.observe` of
 * prom-client, which looks its labels up by a text that it makes of them, takes about half a microsecond.
 */
export class Tally {
  /** How many fell into each bucket and into none of those below it; the last are above all bounds. */
  readonly counts: Float64Array;
  sum = 0;

  /** @param bounds the upper bound of each bucket, itself included, in ascending order */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one value, in the unit of the bounds. */
  add(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket += 1;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}
