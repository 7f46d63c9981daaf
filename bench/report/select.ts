import { type Figure, median, round } from '../figure';
import { type SectionName, STORM, type SubjectKey } from '../plan';
import type { ProcessorTime } from '../processors';

/** Which figures are meant; what is absent is Holdfast, the plain case, 256 connections. */
export interface Selector {
  readonly section: SectionName;
  readonly workload?: string;
  readonly subject?: SubjectKey;
  readonly variant?: string;
  readonly connections?: number;
}

/** Medians over the rounds. */
export interface Summary extends Partial<ProcessorTime> {
  readonly requests_per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** The highest of all rounds. */
  readonly max_ms: number;
  readonly generator_us: number;
  /** Answers of 503 in all rounds. */
  readonly turned_away: number;
  /** Each round's requests a second: how far the rounds lie apart. */
  readonly rounds: readonly number[];
}

type Measure = 'requests_per_second' | 'p50_ms';

/** @returns the figures that are meant, one for each round. */
export function select(figures: readonly Figure[], selector: Selector): readonly Figure[] {
  const { section, workload = 'hot_option', subject = 'b', variant = '', connections = STORM } = selector;
  return figures
    .filter(
      (one) =>
        one.section === section &&
        one.workload === workload &&
        one.subject === subject &&
        one.variant === variant &&
        one.connections === connections,
    )
    .sort((x, y) => x.round - y.round);
}

/** @returns undefined where nothing was measured. */
export function summaryOf(figures: readonly Figure[], selector: Selector): Summary | undefined {
  const rounds = select(figures, selector);
  if (rounds.length === 0) return undefined;
  return {
    requests_per_second: Math.round(median(rounds.map((one) => one.requests_per_second))),
    p50_ms: round(median(rounds.map((one) => one.p50_ms)), 3),
    p99_ms: round(median(rounds.map((one) => one.p99_ms)), 2),
    max_ms: Math.max(...rounds.map((one) => one.max_ms)),
    generator_us: round(median(rounds.map((one) => one.generator_us)), 1),
    ...processorsOf(rounds),
    turned_away: rounds.reduce((sum, one) => sum + (one.turned_away ?? 0), 0),
    rounds: rounds.map((one) => Math.round(one.requests_per_second)),
  };
}

/** Medians of what each answer took of the processors, where every round tells. */
function processorsOf(rounds: readonly Figure[]): Partial<ProcessorTime> {
  const all = rounds.flatMap(({ server_us, sessions_us, upkeep_us, idle }) =>
    server_us === undefined || sessions_us === undefined || upkeep_us === undefined || idle === undefined
      ? []
      : [{ server_us, sessions_us, upkeep_us, idle }],
  );
  if (all.length < rounds.length) return {};
  return {
    server_us: round(median(all.map((one) => one.server_us)), 1),
    sessions_us: round(median(all.map((one) => one.sessions_us)), 1),
    upkeep_us: round(median(all.map((one) => one.upkeep_us)), 1),
    idle: round(median(all.map((one) => one.idle)), 3),
  };
}

/** The ratio in each round in which both were measured, and the median of these. */
export interface Ratio {
  readonly value: number;
  readonly rounds: readonly number[];
}

/**
 * Pairs the figures by their round: they stood side by side then.
 *
 * @param to several for the best of them
 * @returns undefined where nothing was measured
 */
export function ratioOf(
  figures: readonly Figure[],
  of: Selector,
  to: Selector | readonly Selector[],
  measure: Measure = 'requests_per_second',
): Ratio | undefined {
  const others = (Array.isArray(to) ? (to as readonly Selector[]) : [to as Selector]).map((one) =>
    select(figures, one),
  );
  const rounds = select(figures, of).flatMap((one) => {
    const paired = others.flatMap((other) => other.filter(({ round: number }) => number === one.round));
    return paired.length === 0 ? [] : [one[measure] / Math.max(...paired.map((other) => other[measure]))];
  });
  return rounds.length === 0 ? undefined : ratio(rounds);
}

/** @returns the median of ratios, and all of them, in the digits in which they are told. */
export function ratio(rounds: readonly number[]): Ratio {
  return { value: round(median(rounds), 3), rounds: rounds.map((one) => round(one, 3)) };
}
