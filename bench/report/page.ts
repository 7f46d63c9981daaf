import { SECONDS } from '../plan';
import type { Results } from '../results';
import { CHARTS } from '../charts';
import * as tables from './tables';
import { type Target, targetsOf } from './targets';

const BEGIN = '<!-- figures: begin (npm run bench writes what is between these two lines) -->';
const END = '<!-- figures: end -->';

const DOUBTFUL =
  '**Not to be relied on:** it was shortened, or the machine had other work. It shows what is measured, and that everything is accounted for.';

/** Everything that a run has measured, and what follows from it. */
export interface Report extends Results {
  readonly targets: readonly Target[];
}

export function reportOf(results: Results): Report {
  return { ...results, targets: targetsOf(results) };
}

/** The tables of a report, in the order of the page; also what is shown at the end of a run. */
export function textOf(report: Report): string {
  return sectionsOf(report, () => []).join('\n');
}

/** @returns the page with the figures of this run in place of those that were there. @throws Error where it has no place for them */
export function pageOf(page: string, report: Report): string {
  const [before, rest] = page.split(BEGIN);
  const [, after] = (rest ?? '').split(END);
  if (before === undefined || after === undefined) throw new Error('The page has no place for figures.');
  const text = sectionsOf(report, (name) => [`![${CHARTS[name].title}](benchmarks/${name}.svg)`, '']);
  return `${before}${BEGIN}\n\n${text.join('\n')}\n${END}${after}`;
}

function sectionsOf(report: Report, chart: (name: keyof typeof CHARTS) => string[]): string[] {
  const part = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`## ${title}`, '', ...lines];
  const withChart = (name: keyof typeof CHARTS, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [...lines, ...chart(name)];
  return [
    ...part('This run', runLines(report)),
    ...part('What is wanted', tables.targetTable(report.targets)),
    ...part('Ways to sell', [...tables.strategyTable(report), ...tables.soldOutTable(report)]),
    ...part('Every kind of request', tables.workloadTable(report)),
    ...part(
      'From one client to two thousand',
      withChart('throughput-connections', tables.connectionsTable(report)),
    ),
    ...part('At scale', scaleLines(report, chart)),
    ...part('The process', tables.processTable(report)),
    ...part('Reservations that run out', tables.expiryTable(report)),
    ...part('Lists', tables.listTable(report)),
    ...part('Statistics', tables.statisticsTable(report)),
  ];
}

function scaleLines(report: Report, chart: (name: keyof typeof CHARTS) => string[]): string[] {
  const lines = tables.scaleTable(report);
  const names = ['latency-percentiles', 'throughput-rows', 'long-sale'] as const;
  const measured = names.filter((name) => report.plan.sections.includes(CHARTS[name].section));
  return [...lines, ...measured.flatMap(chart)];
}

function runLines({ machine, plan, took_seconds: took, problems }: Report): string[] {
  const { cpus, cpu, memory_gib: memory, node, postgres, load_average: load, date } = machine;
  const duration = `${Math.floor(took / 60)} min ${took % 60} s`;
  return [
    `${date.slice(0, 16).replace('T', ' ')} UTC, ${duration}. ${cpus} × ${cpu}, ${memory} GiB; Node ${node}, PostgreSQL ${postgres}; load average before: ${load}.`,
    `${plan.rounds} rounds, each turn ${plan.seconds} s after ${plan.warmUpSeconds} s of warming up (${plan.firstWarmUpSeconds} s the first time).`,
    ...(plan.seconds < SECONDS || load > cpus / 2 ? [DOUBTFUL] : []),
    problems.length === 0
      ? 'Every ticket, answer and connection is accounted for.'
      : `**${problems.length} things are not accounted for:** ${problems.join('; ')}`,
    '',
  ];
}
