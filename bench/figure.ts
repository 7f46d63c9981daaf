import type { LoadResult } from './load';
import type { SectionName, SubjectKey } from './plan';

/** What one turn of one load gave. */
export interface Figure {
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
  /** Share of all answers, milliseconds; where the whole curve is wanted. */
  readonly curve?: readonly (readonly [number, number])[];
}

export type FigureKey = Pick<
  Figure,
  'section' | 'workload' | 'subject' | 'variant' | 'connections' | 'round'
>;

/** A result in the units and digits in which it is kept. */
export function figureOf(key: FigureKey, result: LoadResult, withCurve = false): Figure {
  return {
    ...key,
    requests_per_second: round(result.requestsPerSecond, 1),
    p50_ms: round(result.p50Ms, 3),
    p99_ms: round(result.p99Ms, 2),
    max_ms: round(result.maxMs, 1),
    generator_us: round(result.generatorMicroseconds, 1),
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
