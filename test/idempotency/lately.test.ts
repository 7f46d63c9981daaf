import { hash } from 'node:crypto';
import { Lately } from '../../src/idempotency/lately';

const text = (n: number): string => hash('sha256', String(n), 'hex').slice(0, 32);

describe('Lately', () => {
  test('knows what it was told, and nothing that only looks like it', () => {
    const lately = new Lately();
    expect(lately.has(text(1))).toBe(false);
    lately.add(text(1));
    expect(lately.has(text(1))).toBe(true);
    for (let at = 0; at < 32; at += 1) {
      const digit = text(1)[at] === '0' ? '1' : '0';
      expect(lately.has(text(1).slice(0, at) + digit + text(1).slice(at + 1))).toBe(false);
    }
  });

  test('still knows most of 25,000, and nothing that it was not told', () => {
    const lately = new Lately();
    const told = Array.from({ length: 25_000 }, (_, n) => text(n));
    for (const each of told) lately.add(each);
    const known = told.filter((each) => lately.has(each)).length;
    expect(known).toBeGreaterThan(22_000);
    expect(known).toBeLessThan(25_000);
    expect(told.filter((_, n) => lately.has(text(-1 - n)))).toEqual([]);
  });

  test('forgets what comes to the same place first', () => {
    const lately = new Lately();
    const [first, second] = [`${'0'.repeat(24)}00000001`, `${'0'.repeat(24)}00000002`];
    lately.add(first);
    lately.add(second);
    expect([lately.has(first), lately.has(second)]).toEqual([false, true]);
  });
});
