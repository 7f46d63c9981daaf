/** Latencies in milliseconds, every one of them: percentiles are read off the sorted samples, not estimated. */
export class Samples {
  private values = new Float64Array(1 << 18);
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(value: number): void {
    if (this.count === this.values.length) {
      const larger = new Float64Array(2 * this.values.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.count++] = value;
  }

  /** A copy of the samples from one number up to another, in the order in which they came. */
  slice(from: number, until: number): Float64Array {
    return this.values.slice(from, Math.min(until, this.count));
  }

  /** The smallest sample that at least this share of all samples does not exceed; 0 where there is none. */
  percentiles(shares: readonly number[]): number[] {
    return percentilesOf(this.slice(0, this.count), shares);
  }
}

/** The same of any samples, which are sorted where they are. */
export function percentilesOf(samples: Float64Array, shares: readonly number[]): number[] {
  samples.sort();
  return shares.map((share) => samples[Math.max(0, Math.ceil(share * samples.length) - 1)] ?? 0);
}
