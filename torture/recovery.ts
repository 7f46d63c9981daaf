import type { Thrown } from './faults/faults';
import type { Told } from './work/told';

/** Nothing may take longer to come back. */
export const RECOVERED_WITHIN_MS = 30_000;

const INSTANCES = 2;
const READS: ReadonlySet<string> = new Set(['look', 'read']);

/**
 * @returns for each fault how long it took until both instances had acknowledged a change that was asked for after it, in
 *   milliseconds; Infinity when one never did
 */
export function recoveriesMs(told: readonly Told[], thrown: readonly Thrown[]): number[] {
  const changes = told.filter(({ outcome, wish }) => outcome === 'done' && !READS.has(wish.kind));
  return thrown.map(({ overMs }) => {
    const first = Array.from({ length: INSTANCES }, () => Infinity);
    for (const { instance, sentMs, answeredMs } of changes)
      if (sentMs >= overMs) first[instance] = Math.min(first[instance] ?? Infinity, answeredMs);
    return Math.max(...first) - overMs;
  });
}
