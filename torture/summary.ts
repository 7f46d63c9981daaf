import { FAULT_NAMES } from './faults/faults';
import type { RoundResult } from './round';
import type { Outcome } from './work/told';

type Counts = Record<string, number>;

/** What became of all rounds: the last line that the command prints, as JSON. */
export interface Summary {
  readonly seed: number;
  readonly date: string;
  readonly durationSeconds: number;
  readonly rounds: number;
  readonly faults: Counts;
  /** Kinds of faults that could not be thrown on this machine. */
  readonly notThrown: readonly string[];
  readonly operations: Readonly<Record<string, Readonly<Record<Outcome, number>>>>;
  /** Requests that clients had under way at the same time, in the mean. */
  readonly meanInFlight: number;
  /** Operations of single options that were put in order by the checker. */
  readonly ordered: number;
  readonly longestRecoverySeconds: number;
  readonly anomalies: number;
  /** Where everything that was told lies, when something was wrong. */
  readonly evidence: readonly string[];
}

/** What has been summed up so far; it does not keep what was told. */
export class Sums {
  private readonly faults: Counts = {};
  private readonly operations: Record<string, Record<Outcome, number>> = {};
  private readonly notThrown = new Set<string>();
  private rounds = 0;
  private ordered = 0;
  private askedMs = 0;
  private passedMs = 0;
  private longestRecoveryMs = 0;
  private anomalies = 0;

  add({ told, thrown, impossible, ordered, longestRecoveryMs, anomalies }: RoundResult): void {
    this.rounds += 1;
    this.ordered += ordered;
    this.anomalies += anomalies.length;
    this.longestRecoveryMs = Math.max(this.longestRecoveryMs, longestRecoveryMs);
    for (const { name } of thrown) this.faults[name] = (this.faults[name] ?? 0) + 1;
    for (const name of impossible) this.notThrown.add(name);
    let [firstMs, lastMs] = [Infinity, -Infinity];
    for (const { wish, outcome, sentMs, answeredMs } of told) {
      const counts = (this.operations[wish.kind] ??= { done: 0, refused: 0, unchanged: 0, unknown: 0 });
      counts[outcome] += 1;
      this.askedMs += answeredMs - sentMs;
      firstMs = Math.min(firstMs, sentMs);
      lastMs = Math.max(lastMs, answeredMs);
    }
    this.passedMs += Math.max(0, lastMs - firstMs);
  }

  /** @param passedMs how long it all took, with everything that was looked at afterwards */
  sum(seed: number, passedMs: number, evidence: readonly string[]): Summary {
    return {
      ...{ seed, date: new Date().toISOString().slice(0, 10), durationSeconds: Math.round(passedMs / 1_000) },
      ...{ rounds: this.rounds, faults: this.faults, notThrown: [...this.notThrown] },
      ...{ operations: this.operations, meanInFlight: Math.round((10 * this.askedMs) / this.passedMs) / 10 },
      ...{ ordered: this.ordered, longestRecoverySeconds: Math.round(this.longestRecoveryMs / 100) / 10 },
      ...{ anomalies: this.anomalies, evidence },
    };
  }
}

/** For people, and for the page. */
export function markdownOf(summary: Summary): string {
  const { seed, date, durationSeconds, rounds, faults, operations, notThrown } = summary;
  const count = (outcome: Outcome): number =>
    Object.values(operations).reduce((sum, each) => sum + each[outcome], 0);
  const duration = durationSeconds < 600 ? `${durationSeconds} s` : `${Math.round(durationSeconds / 60)} min`;
  const missing = notThrown.length === 0 ? '' : ` Not possible on that machine: ${notThrown.join(', ')}.`;
  return [
    `Seed ${seed}, ${date}: ${duration} in ${rounds} rounds, ${summary.meanInFlight} requests in flight in the mean.`,
    `**Anomalies: ${summary.anomalies}.** The longest recovery took ${summary.longestRecoverySeconds} s. ` +
      `${figure(summary.ordered)} operations of single ticket options were put in order.${missing}`,
    '',
    '| operation | acknowledged | refused | not changed (503) | outcome unknown |',
    '|---|---:|---:|---:|---:|',
    ...Object.entries(operations).map(
      ([kind, each]) =>
        `| ${kind} | ${figure(each.done)} | ${figure(each.refused)} | ${figure(each.unchanged)} | ${figure(each.unknown)} |`,
    ),
    `| **all** | ${figure(count('done'))} | ${figure(count('refused'))} | ${figure(count('unchanged'))} | ${figure(count('unknown'))} |`,
    '',
    '| fault | thrown |',
    '|---|---:|',
    ...FAULT_NAMES.map((name) => `| ${name} | ${faults[name] ?? 0} |`),
  ].join('\n');
}

function figure(value: number): string {
  return value.toLocaleString('en-US');
}
