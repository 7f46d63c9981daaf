import { cpus, loadavg, totalmem } from 'node:os';
import { type BenchPlan, CONNECTIONS, STORM, SUBJECT_KEYS, type SubjectKey } from './plan';
import type { Measurement, Workload } from './workloads';

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

interface Machine {
  readonly cpus: number;
  readonly cpu: string;
  readonly memory_gib: number;
  readonly node: string;
  readonly postgres: string;
  /** Of the last minute before the bench. */
  readonly load_average: number;
  readonly date: string;
}

interface Target {
  readonly name: string;
  readonly wanted: string;
  readonly measured: number | null;
  readonly reached: boolean;
}

export interface Report {
  readonly hot_option: Readonly<Record<string, Readonly<Record<SubjectKey, Summary>>>>;
  readonly sold_out: Readonly<Record<string, Readonly<Record<'b', Summary>>>>;
  readonly ratios: Readonly<Record<string, number>>;
  readonly rss_mib: number | null;
  readonly targets: readonly Target[];
  readonly problems: readonly string[];
  readonly plan: BenchPlan;
  readonly machine: Machine;
}

interface Surroundings {
  readonly plan: BenchPlan;
  readonly rssMib: number | null;
  readonly machine: Machine;
}

/** Medians over the rounds, ratios of the medians, and the targets against both. */
export function reportOf(measurements: readonly Measurement[], surroundings: Surroundings): Report {
  const at = (workload: Workload, subject: SubjectKey, connections: number): Summary =>
    summarise(
      measurements.filter(
        (one) => one.workload === workload && one.subject === subject && one.connections === connections,
      ),
    );
  const hot = CONNECTIONS.map((connections) => {
    const [a, b, c, d] = SUBJECT_KEYS.map((key) => at('hot_option', key, connections)) as FourSummaries;
    return [connections, { a, b, c, d }] as const;
  });
  const soldOut = at('sold_out', 'b', STORM);
  const ratios: Record<string, number> = {};
  for (const [connections, { a, b, c, d }] of hot) {
    const speed = b.requests_per_second;
    ratios[`b_to_a_${connections}`] = round(speed / a.requests_per_second, 3);
    ratios[`c_to_a_${connections}`] = round(c.requests_per_second / a.requests_per_second, 3);
    ratios[`d_to_a_${connections}`] = round(d.requests_per_second / a.requests_per_second, 3);
    ratios[`b_to_c_${connections}`] = round(speed / c.requests_per_second, 2);
    ratios[`b_to_d_${connections}`] = round(speed / d.requests_per_second, 2);
  }
  const storm = at('hot_option', 'b', STORM);
  const refusing = soldOut.requests_per_second;
  ratios[`sold_out_to_sale_${STORM}`] = round(refusing / storm.requests_per_second, 2);
  ratios[`sold_out_to_a_${STORM}`] = round(refusing / at('hot_option', 'a', STORM).requests_per_second, 3);
  return {
    hot_option: Object.fromEntries(hot),
    sold_out: { [STORM]: { b: soldOut } },
    ratios,
    rss_mib: surroundings.rssMib,
    targets: targetsOf(ratios, storm, surroundings.rssMib),
    problems: measurements.flatMap((one) => one.problems),
    plan: surroundings.plan,
    machine: surroundings.machine,
  };
}

type FourSummaries = [Summary, Summary, Summary, Summary];

function targetsOf(
  ratios: Readonly<Record<string, number>>,
  storm: Summary,
  rssMib: number | null,
): Target[] {
  const atLeast = (name: string, key: string, least: number): Target => {
    const measured = ratios[key] ?? null;
    return { name, wanted: `at least ${least}`, measured, reached: measured !== null && measured >= least };
  };
  const below = (name: string, measured: number | null, limit: number): Target => {
    return { name, wanted: `below ${limit}`, measured, reached: measured !== null && measured < limit };
  };
  return [
    atLeast(`(b)/(a) at ${STORM} connections`, `b_to_a_${STORM}`, 0.4),
    atLeast(`(b)/(c) at ${STORM} connections`, `b_to_c_${STORM}`, 8),
    below(`p99 of (b) at ${STORM} connections, ms`, storm.p99_ms, 100),
    below('resident memory of (b), MiB', rssMib, 384),
    atLeast('refusing a sold-out option / selling', `sold_out_to_sale_${STORM}`, 1),
  ];
}

function summarise(measurements: readonly Measurement[]): Summary {
  const results = measurements.map((one) => one.result);
  return {
    requests_per_second: Math.round(median(results.map((result) => result.requestsPerSecond))),
    p50_ms: round(median(results.map((result) => result.p50Ms)), 2),
    p99_ms: round(median(results.map((result) => result.p99Ms)), 2),
    max_ms: round(Math.max(...results.map((result) => result.maxMs)), 2),
    generator_us: round(median(results.map((result) => result.generatorMicroseconds)), 1),
    rounds: results.map((result) => Math.round(result.requestsPerSecond)),
  };
}

/** To be asked before the work begins: the load average tells what else was going on. */
export function machineOf(postgres: string): Machine {
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memory_gib: round(totalmem() / 2 ** 30, 1),
    node: process.version,
    postgres,
    load_average: round(loadavg()[0] ?? 0, 2),
    date: new Date().toISOString(),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
