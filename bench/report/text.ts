import type { ExpiryReport } from './expiry';
import type { ListReport } from './lists';
import { type Stage, stagesOf, SUBJECT_TITLES } from '../plan';
import type { Report } from '../report';
import type { StatisticsReport } from './statistics';
import type { Summary } from './summary';
import type { WorkloadName } from '../workloads';

const TITLES: Readonly<Record<WorkloadName, string>> = {
  hot_option: 'One hot ticket option',
  sold_out: 'Sold out',
  buy_limited: 'One hot ticket option with a limit for each user',
  buy_keyed: 'One hot ticket option, an Idempotency-Key each',
  buy_authenticated: 'One hot ticket option, with a token',
  reserve: 'Reserving one kind, with a limit for each user',
  reserve_keyed: 'Reserving one kind, with a limit and an Idempotency-Key each',
  reserve_several: 'Reserving three kinds, each with a limit for each user',
  pay: 'Paying reservations',
};

/** A report for people: fixed columns, no colours. */
export function textOf(report: Report): string {
  const lines = ['', heading('to (a)')];
  for (const stage of stagesOf(report.plan)) lines.push(...stageLines(report, stage));
  if (report.expiry !== null) lines.push(...expiryLines(report.expiry));
  if (report.lists !== null) lines.push('', heading(), ...listLines(report.lists));
  if (report.statistics !== null) lines.push('', heading('to few'), ...statisticsLines(report.statistics));
  lines.push('', `Resident memory of (b) at most ${report.rss_mib ?? 'unknown'} MiB`);
  const { cpus, cpu, node, postgres, load_average } = report.machine;
  lines.push(
    `${cpus} × ${cpu}, Node ${node}, PostgreSQL ${postgres}, load average before: ${load_average}`,
    '',
  );
  for (const { name, wanted, measured, reached } of report.targets) {
    lines.push(`${reached ? 'reached' : 'MISSED '}  ${name}: ${measured ?? 'unknown'}, wanted ${wanted}`);
  }
  lines.push(...report.problems.map((problem) => `PROBLEM  ${problem}`), '');
  return lines.join('\n');
}

function stageLines(report: Report, { workload, connections, subjects, noopOf = workload }: Stage): string[] {
  const noop = report[noopOf][connections]?.a?.requests_per_second ?? NaN;
  const lines = [`${TITLES[workload]}, ${connections} connections`];
  for (const key of subjects) {
    const summary = report[workload][connections]?.[key];
    if (summary === undefined) continue;
    const ratio = (summary.requests_per_second / noop).toFixed(3);
    lines.push(row(`  (${key}) ${SUBJECT_TITLES[key]}`, summary, ratio));
  }
  const times = ['c', 'd'].flatMap((key) => {
    const ratio = report.ratios[`b_to_${key}_${connections}`];
    return workload === 'hot_option' && ratio !== undefined ? [`(b)/(${key}) ${ratio.toFixed(1)}`] : [];
  });
  if (times.length > 0) lines.push(`  ${times.join('   ')}`);
  return lines;
}

function expiryLines({ rounds }: ExpiryReport): string[] {
  return [
    '100,000 reservations of one event run out at the same instant, while another event sells',
    ...rounds.map(
      ({ seconds, before, during, after, speed_ratio }) =>
        `  given back within ${seconds?.toFixed(2) ?? 'too many'} s; the sale ${before}/s before, ${during}/s meanwhile, ` +
        `${after}/s afterwards: ${speed_ratio.toFixed(3)}`,
    ),
  ];
}

function listLines(lists: ListReport): string[] {
  return Object.entries(lists).flatMap(([list, { states }]) => [
    `Reading ${list.replaceAll('_', ' ')}, out of 1,000,000 reservations`,
    ...Object.entries(states).flatMap(([state, byReaders]) =>
      Object.entries(byReaders).map(([connections, summary]) =>
        row(`  ${state}, ${connections} connections`, summary),
      ),
    ),
  ]);
}

function statisticsLines({ endpoints, fill_seconds: seconds }: StatisticsReport): string[] {
  return [
    ...Object.entries(endpoints).flatMap(([name, { purchases, p50_ratio }]) => [
      `Statistics, ${name}`,
      ...Object.entries(purchases).flatMap(([size, byReaders], index) =>
        Object.entries(byReaders).map(([readers, summary]) =>
          row(
            `  ${size} purchases, ${readers} connections`,
            summary,
            index > 0 && readers === '1' ? p50_ratio.toFixed(2) : '',
          ),
        ),
      ),
    ]),
    ...Object.entries(seconds).map(([size, time]) => `${size} purchases were written in ${time} s`),
  ];
}

const TITLE_WIDTH = 38;

function heading(...more: readonly string[]): string {
  return columns('', ['requests/s', 'p50 ms', 'p99 ms', 'max ms', ...more]);
}

function row(title: string, summary: Summary, ...more: readonly string[]): string {
  const { requests_per_second: speed, p50_ms, p99_ms, max_ms } = summary;
  const times = [p50_ms, p99_ms, max_ms].map((ms) => ms.toFixed(1));
  return columns(title, [String(speed), ...times, ...more]);
}

function columns(title: string, cells: readonly string[]): string {
  return title.padEnd(TITLE_WIDTH) + cells.map((cell) => cell.padStart(11)).join('');
}
