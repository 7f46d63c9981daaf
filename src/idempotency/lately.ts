/**
 * Remembers what it was told lately: at least the last `count` texts, at most twice as many. Cheaper than a list of
 * who was used last: nothing is moved, and what is forgotten goes all at once.
 */
export class Lately {
  private young = new Set<string>();
  private old = new Set<string>();

  constructor(private readonly count: number) {}

  add(text: string): void {
    if (this.young.size >= this.count) {
      this.old = this.young;
      this.young = new Set();
    }
    this.young.add(text);
  }

  has(text: string): boolean {
    return this.young.has(text) || this.old.has(text);
  }
}
