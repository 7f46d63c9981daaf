import type { LoadResult } from './load';
import type { SectionName, SubjectKey } from './plan';
import type { ProcessorTime } from './processors';

/** What one turn of one load gave. */
export interface Figure extends Partial<ProcessorTime> {
  readonly section: SectionName;
  readonly workload: string;
  readonly subject: SubjectKey;
  /** What is different from the plain case; empty if nothing is. */
  readonly variant: string;
  readonly connections: number;
  readonly round: number;
  readonly requests_per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  /** Processor time of the generator for each request. */
  readonly generator_us: number;
  /** Answers of 503, if there were any; none of them counts as a request. */
  readonly turned_away?: number;
  /** Share of all answers, milliseconds; where the whole curve is wanted. */
  readonly curve?: readonly (readonly [number, number])[];
}

export type FigureKey = Pick<
  Figure,
  'section' | 'workload' | 'subject' | 'variant' | 'connections' | 'round'
>;

interface Extras {
  readonly withCurve?: boolean | undefined;
  readonly turnedAway?: number | undefined;
  readonly processors?: ProcessorTime | undefined;
}

/** A result in the units and digits in which it is kept. */
export function figureOf(
  key: FigureKey,
  result: LoadResult,
  { withCurve = false, turnedAway = 0, processors }: Extras = {},
): Figure {
  // Some of these came before the measured time: all of them are taken off, to be safe.
  const share = Math.max(0, 1 - turnedAway / Math.max(1, result.measured));
  return {
    ...key,
    requests_per_second: round(result.requestsPerSecond * share, 1),
    p50_ms: round(result.p50Ms, 3),
    p99_ms: round(result.p99Ms, 2),
    max_ms: round(result.maxMs, 1),
    generator_us: round(result.generatorMicroseconds, 1),
    ...processors,
    ...(turnedAway > 0 && { turned_away: turnedAway }),
    ...(withCurve && { curve: result.percentiles.map(([share, ms]) => [share, round(ms, 2)] as const) }),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

export function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
