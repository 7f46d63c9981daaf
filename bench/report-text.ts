import { SUBJECT_KEYS, SUBJECT_TITLES } from './plan';
import type { Report, Summary } from './report';

/** A report for people: fixed columns, no colours. */
export function textOf(report: Report): string {
  const lines = ['', heading()];
  for (const [connections, bySubject] of Object.entries(report.hot_option)) {
    lines.push(`One hot ticket option, ${connections} connections`);
    for (const key of SUBJECT_KEYS) {
      const ratio = bySubject[key].requests_per_second / bySubject.a.requests_per_second;
      lines.push(row(`(${key}) ${SUBJECT_TITLES[key]}`, bySubject[key], ratio));
    }
    const times = (report.ratios[`b_to_c_${connections}`] ?? NaN).toFixed(1);
    const timesLocked = (report.ratios[`b_to_d_${connections}`] ?? NaN).toFixed(1);
    lines.push(`  (b)/(c) ${times}   (b)/(d) ${timesLocked}`);
  }
  for (const [connections, { b }] of Object.entries(report.sold_out)) {
    lines.push(`Sold out, ${connections} connections`);
    lines.push(row(`(b) ${SUBJECT_TITLES.b}`, b, report.ratios[`sold_out_to_a_${connections}`] ?? NaN));
  }
  lines.push(`Resident memory of (b) at most ${report.rss_mib ?? 'unknown'} MiB`);
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

const TITLE_WIDTH = 38;

function heading(): string {
  return columns('', ['requests/s', 'p50 ms', 'p99 ms', 'max ms', 'to (a)']);
}

function row(
  title: string,
  { requests_per_second: speed, p50_ms, p99_ms, max_ms }: Summary,
  ratio: number,
): string {
  const times = [p50_ms, p99_ms, max_ms].map((ms) => ms.toFixed(1));
  return columns(`  ${title}`, [String(speed), ...times, ratio.toFixed(3)]);
}

function columns(title: string, cells: readonly string[]): string {
  return title.padEnd(TITLE_WIDTH) + cells.map((cell) => cell.padStart(11)).join('');
}
