import type { Figure } from '../figure';
import { STORM, SUBJECT_TITLES, type SubjectKey } from '../plan';
import type { Results } from '../results';
import { LEVELS } from '../sections/connections';
import { TWO_INSTANCES } from '../sections/instances';
import { OPEN_LOOP } from '../sections/latency';
import { LIST_NAMES, READERS, STATES } from '../sections/lists';
import { WITH_READERS } from '../sections/readers';
import { ROWS } from '../sections/rows';
import { ratioOf, type Selector, summaryOf } from './select';
import { table, whole } from './table';
import { endpointFigures, endpointsOf, type Target } from './targets';

const HEAD = [
  ...['requests/s', 'p50 ms', 'p99 ms', 'max ms', 'to the no-op'],
  ...['generator µs', 'server µs', 'sessions µs', 'upkeep µs', 'idle %', 'rounds'],
];

type Row = readonly [title: string, selector: Selector, noop?: Selector];

/** A line for each of what was measured, medians of the rounds. */
function speeds(figures: readonly Figure[], title: string, rows: readonly Row[]): string[] {
  const lines = rows.flatMap(([name, selector, noop]): string[][] => {
    const summary = summaryOf(figures, selector);
    if (summary === undefined) return [];
    const { requests_per_second: speed, p50_ms: p50, p99_ms: p99, max_ms: max, generator_us: us } = summary;
    const { server_us: server, sessions_us: sessions, upkeep_us: upkeep, idle } = summary;
    const to = noop && ratioOf(figures, selector, noop);
    const lost = summary.turned_away > 0 ? ` (${whole(summary.turned_away)} turned away)` : '';
    const rounds = summary.rounds.map(whole).join(' · ') + lost;
    return [
      [
        name,
        whole(speed),
        p50.toFixed(2),
        p99.toFixed(1),
        max.toFixed(0),
        to?.value.toFixed(3) ?? '',
        ...[us, server, sessions, upkeep].map((time) => time?.toFixed(1) ?? ''),
        idle === undefined ? '' : (100 * idle).toFixed(0),
        rounds,
      ],
    ];
  });
  return lines.length === 0 ? [] : [...table([title, ...HEAD], lines), ''];
}

/** (name of it, workload, who), with the no-op server that answers the same. */
const WORKLOAD_ROWS: readonly (readonly [string, string, SubjectKey, Partial<Selector>?, string?])[] = [
  ['no-op POST', 'hot_option', 'a'],
  ['selling one hot option', 'hot_option', 'b'],
  ['the same, beside tokens', 'hot_option', 'b', { variant: 'beside tokens' }],
  ['with an Idempotency-Key each', 'buy_keyed', 'b'],
  ['with a token', 'buy_authenticated', 'b'],
  ['with a limit for each user', 'buy_limited', 'b', {}, 'hot_option'],
  ['sold out', 'sold_out', 'b', {}, 'hot_option'],
  ['1,000 events', 'many_events', 'b'],
  ['1,000 events, conditional UPDATE', 'many_events', 'c'],
  ['no-op, reservations', 'reserve', 'a'],
  ['reserving, a limit for each user', 'reserve', 'b'],
  ['reserving, a limit and a key each', 'reserve_keyed', 'b'],
  ['reserving three kinds', 'reserve_several', 'b'],
  ['no-op, payments', 'pay', 'a'],
  ['paying', 'pay', 'b'],
  ['no-op GET', 'get_option', 'a'],
  ['reading one option', 'get_option', 'b'],
];

export function strategyTable({ figures }: Results): string[] {
  const rows = Object.entries(SUBJECT_TITLES).map(([key, title]): Row => {
    const section = 'strategies';
    return [`(${key}) ${title}`, { section, subject: key as SubjectKey }, { section, subject: 'a' }];
  });
  return speeds(figures, `one hot option, ${STORM} connections`, rows);
}

export function soldOutTable({ sold_out: all }: Results): string[] {
  if (all.length === 0) return [];
  const rows = all.map(({ subject, tickets, buyers, confirmed, purchased }) => [
    `(${subject}) ${SUBJECT_TITLES[subject]}`,
    ...[tickets, buyers, confirmed].map(whole),
    purchased === null ? 'writes none' : whole(purchased),
  ]);
  return [
    ...table(
      ['few tickets, many buyers', 'tickets', 'connections', 'answered 201', 'purchases in the table'],
      rows,
    ),
    '',
  ];
}

export function workloadTable({ figures }: Results): string[] {
  const section = 'workloads';
  const rows = WORKLOAD_ROWS.map(([title, workload, subject, more = {}, noop = workload]): Row => [
    title,
    { section, workload, subject, ...more },
    { section, workload: noop, subject: 'a' },
  ]);
  return speeds(figures, `${STORM} connections`, rows);
}

export function connectionsTable({ figures }: Results): string[] {
  const keys = Object.keys(SUBJECT_TITLES) as SubjectKey[];
  const rows = keys.flatMap((subject): string[][] => {
    const cells = LEVELS.map((connections) => {
      const summary = summaryOf(figures, { section: 'connections', subject, connections });
      return summary === undefined
        ? ''
        : `${whole(summary.requests_per_second)} (${summary.p50_ms.toFixed(1)})`;
    });
    return cells.every((cell) => cell === '') ? [] : [[`(${subject}) ${SUBJECT_TITLES[subject]}`, ...cells]];
  });
  if (rows.length === 0) return [];
  return [...table(['requests/s (p50 ms), by connections', ...LEVELS.map(whole)], rows), ''];
}

export function scaleTable({ figures }: Results): string[] {
  const rows: Row[] = [
    ['latency: closed loop at full speed', { section: 'latency' }],
    [`latency: ${OPEN_LOOP}`, { section: 'latency', variant: OPEN_LOOP, connections: 512 }],
    ['a sale alone', { section: 'readers' }],
    ['a sale beside 2,000 reads a second', { section: 'readers', variant: WITH_READERS }],
    ['these reads', { section: 'readers', workload: 'get_option', variant: WITH_READERS, connections: 128 }],
    ['one instance', { section: 'instances' }],
    ['two instances', { section: 'instances', variant: TWO_INSTANCES }],
    ...ROWS.map((rows): Row => [
      `${whole(rows)} purchases in the table`,
      { section: 'rows', variant: `${rows} purchases` },
    ]),
    ['a long sale', { section: 'long_sale' }],
  ];
  return speeds(figures, 'Holdfast selling one hot option', rows);
}

export function processTable({ memory, start_seconds: starts, fill_seconds: fills }: Results): string[] {
  const rows = [
    ...memory.map(({ section, peak_mib }) => [
      `most resident memory, ${section.replaceAll('_', ' ')}`,
      `${peak_mib} MiB`,
    ]),
    ...starts.map((seconds) => ['ready after its start on 10,000,000 purchases', `${seconds.toFixed(2)} s`]),
    ...Object.entries(fills).map(([size, seconds]) => [
      `${whole(Number(size))} purchases were written in`,
      `${seconds} s`,
    ]),
  ];
  return rows.length === 0 ? [] : [...table(['process', ''], rows), ''];
}

export function expiryTable({ expiry }: Results): string[] {
  if (expiry.length === 0) return [];
  const rows = expiry.map(({ seconds, before, during, after }) => [
    seconds === null ? 'never' : `${seconds.toFixed(1)} s`,
    ...[before, during, after].map((speed) => `${whole(speed)}/s`),
    (during / ((before + after) / 2)).toFixed(2),
  ]);
  const head = [
    '100,000 given back within',
    'sale of another event before',
    'meanwhile',
    'afterwards',
    'ratio',
  ];
  return [...table(head, rows), ''];
}

export function listTable({ figures }: Results): string[] {
  const rows = LIST_NAMES.flatMap((workload) =>
    STATES.flatMap((variant) =>
      READERS.map((connections): Row => [
        `${workload.replaceAll('_', ' ')}, ${variant}, ${connections}`,
        { section: 'lists', workload, variant, connections },
      ]),
    ),
  );
  return speeds(figures, 'pages of 20 out of 1,000,000 reservations, connections', rows);
}

export function statisticsTable({ figures }: Results): string[] {
  const rows = endpointsOf(figures).map((name) => {
    const { few, many, growth, worst } = endpointFigures(figures, name);
    return [name, few.toFixed(2), many.toFixed(2), growth.toFixed(2), worst.toFixed(1)];
  });
  if (rows.length === 0) return [];
  return [
    ...table(['statistics', 'p50 ms, 10,000', 'p50 ms, 10,000,000', 'ratio', 'worst p99 ms'], rows),
    '',
  ];
}

export function targetTable(targets: readonly Target[]): string[] {
  const rows = targets.map(({ name, wanted, measured, reached, rounds }) => [
    name,
    wanted,
    String(measured),
    reached ? 'reached' : '**MISSED**',
    rounds.length > 1 ? rounds.join(' · ') : '',
  ]);
  return rows.length === 0 ? [] : [...table(['what is wanted', '', 'measured', '', 'rounds'], rows), ''];
}
