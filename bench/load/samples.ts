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

  /** The smallest sample that at least this share of all samples does not exceed; 0 where there is none. */
  percentiles(shares: readonly number[]): number[] {
    const sorted = this.values.slice(0, this.count).sort();
    return shares.map((share) => sorted[Math.max(0, Math.ceil(share * this.count) - 1)] ?? 0);
  }
}
