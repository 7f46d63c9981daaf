import { type ExpiryReport, expiryReportOf } from './report/expiry';
import type { ExpiryRound } from './expiry';
import { type ListReport, listReportOf } from './report/lists';
import type { ListMeasurement } from './lists';
import type { Machine } from './report/machine';
import type { Measurement } from './measure';
import { type BenchPlan, STORM, type Stage, stagesOf, type SubjectKey } from './plan';
import { type StatisticsReport, statisticsReportOf } from './report/statistics';
import type { StatisticsResults } from './statistics';
import { round, summarise, type Summary } from './report/summary';
import { type Target, targetsOf } from './report/targets';
import type { WorkloadName } from './workloads';

type BySubject = Readonly<Partial<Record<SubjectKey, Summary>>>;
/** By number of connections and subject. */
type WorkloadReport = Readonly<Record<string, BySubject>>;

export type Report = Readonly<Record<WorkloadName, WorkloadReport>> & {
  /** Only in a full run. */
  readonly expiry: ExpiryReport | null;
  /** Only in a full run. */
  readonly lists: ListReport | null;
  /** Only in a full run. */
  readonly statistics: StatisticsReport | null;
  readonly ratios: Readonly<Record<string, number>>;
  readonly rss_mib: number | null;
  readonly targets: readonly Target[];
  readonly problems: readonly string[];
  readonly plan: BenchPlan;
  readonly machine: Machine;
};

/** Everything that was measured. */
export interface Results {
  readonly plan: BenchPlan;
  readonly machine: Machine;
  readonly rssMib: number | null;
  readonly measurements: readonly Measurement[];
  readonly expiry: readonly ExpiryRound[];
  readonly lists: readonly ListMeasurement[];
  readonly statistics: StatisticsResults | null;
  /** What is not the matter of a single measurement. */
  readonly problems: readonly string[];
}

/** Medians over the rounds, ratios of the medians, and the targets against both. */
export function reportOf(results: Results): Report {
  const { plan, machine, rssMib, measurements } = results;
  const at = (workload: WorkloadName, connections: number, subject: SubjectKey): Summary =>
    summarise(
      measurements
        .filter(
          (one) => one.workload === workload && one.subject === subject && one.connections === connections,
        )
        .map(({ result }) => result),
    );
  const stages = stagesOf(plan);
  const bySubject = ({ workload, connections, subjects }: Stage): BySubject =>
    Object.fromEntries(subjects.map((subject) => [subject, at(workload, connections, subject)]));
  const byWorkload = (workload: WorkloadName): WorkloadReport =>
    Object.fromEntries(
      stages
        .filter((stage) => stage.workload === workload)
        .map((stage) => [stage.connections, bySubject(stage)]),
    );
  const speed = (workload: WorkloadName, connections: number, subject: SubjectKey): number =>
    at(workload, connections, subject).requests_per_second;
  const ratios = Object.assign({}, ...stages.map((stage) => ratiosOf(stage, speed))) as Report['ratios'];
  const expiry = results.expiry.length > 0 ? expiryReportOf(results.expiry) : null;
  const lists = results.lists.length > 0 ? listReportOf(results.lists) : null;
  const statistics = results.statistics && statisticsReportOf(results.statistics);
  return {
    hot_option: byWorkload('hot_option'),
    sold_out: byWorkload('sold_out'),
    buy_limited: byWorkload('buy_limited'),
    buy_keyed: byWorkload('buy_keyed'),
    buy_authenticated: byWorkload('buy_authenticated'),
    reserve: byWorkload('reserve'),
    reserve_keyed: byWorkload('reserve_keyed'),
    reserve_several: byWorkload('reserve_several'),
    pay: byWorkload('pay'),
    ...{ expiry, lists, statistics, ratios },
    rss_mib: rssMib,
    targets: targetsOf({ ratios, storm: at('hot_option', STORM, 'b'), rssMib, expiry, lists, statistics }),
    problems: [
      ...[
        ...[...measurements, ...results.expiry, ...results.lists],
        ...(results.statistics?.measurements ?? []),
      ].flatMap((one) => one.problems),
      ...results.problems,
    ],
    ...{ plan, machine },
  };
}

type Speed = (workload: WorkloadName, connections: number, subject: SubjectKey) => number;

function ratiosOf({ workload, connections, subjects, noopOf = workload }: Stage, speed: Speed) {
  const ratios: Record<string, number> = {};
  const noop = speed(noopOf, connections, 'a');
  const ours = speed(workload, connections, 'b');
  if (workload !== 'hot_option') ratios[`${workload}_to_a_${connections}`] = round(ours / noop, 3);
  if (workload === 'sold_out') {
    ratios[`sold_out_to_sale_${connections}`] = round(ours / speed(noopOf, connections, 'b'), 2);
  }
  if (workload === 'buy_keyed' || workload === 'buy_authenticated') {
    ratios[`${workload}_to_sale_${connections}`] = round(ours / speed('hot_option', connections, 'b'), 2);
  }
  if (workload !== 'hot_option') return ratios;
  ratios[`b_to_a_${connections}`] = round(ours / noop, 3);
  for (const key of ['c', 'd'] as const) {
    if (!subjects.includes(key)) continue;
    const theirs = speed(workload, connections, key);
    ratios[`${key}_to_a_${connections}`] = round(theirs / noop, 3);
    ratios[`b_to_${key}_${connections}`] = round(ours / theirs, 2);
  }
  return ratios;
}
