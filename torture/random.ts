/**
 * Random numbers that come again with the same seed (mulberry32, a 32-bit state; nothing here is a secret). Fixed in 10 lines: a
 * library would be one more to keep, and a change in it would change what a printed seed means.
 */
export class Random {
  constructor(private state: number) {}

  /** @returns a whole number from 0 to below `end` */
  below(end: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** @returns one of them; nothing when there is none */
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }

  /** @returns all of them in another order */
  shuffle<T>(items: readonly T[]): T[] {
    const placed = items.map((item) => ({ item, place: this.below(2 ** 30) }));
    return placed.sort((one, other) => one.place - other.place).map(({ item }) => item);
  }

  /** @returns others, which go their own way from here */
  fork(): Random {
    return new Random(this.below(2 ** 31));
  }
}
