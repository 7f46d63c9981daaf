import type { LoadResult } from '../load';

export interface Summary {
  readonly requests_per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  /** Of the generator itself, for each request. */
  readonly generator_us: number;
  /** Each round's requests_per_second: how far the rounds lie apart. */
  readonly rounds: readonly number[];
}

/** Medians over the rounds. */
export function summarise(results: readonly LoadResult[]): Summary {
  return {
    requests_per_second: Math.round(median(results.map((result) => result.requestsPerSecond))),
    p50_ms: round(median(results.map((result) => result.p50Ms)), 2),
    p99_ms: round(median(results.map((result) => result.p99Ms)), 2),
    max_ms: round(Math.max(...results.map((result) => result.maxMs)), 2),
    generator_us: round(median(results.map((result) => result.generatorMicroseconds)), 1),
    rounds: results.map((result) => Math.round(result.requestsPerSecond)),
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
