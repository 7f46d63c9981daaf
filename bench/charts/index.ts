import { median } from '../figure';
import { STORM, SUBJECT_TITLES, type SubjectKey } from '../plan';
import { select, summaryOf } from '../report/select';
import type { Results } from '../results';
import { LEVELS } from '../sections/connections';
import { OPEN_LOOP } from '../sections/latency';
import { ROWS } from '../sections/rows';
import { chart, type Line } from './svg';

/** Told apart by lightness as well as by hue. */
const COLORS: Readonly<Record<SubjectKey, string>> = {
  a: '#6e7781',
  b: '#0550ae',
  c: '#bf3989',
  d: '#bc4c00',
  e: '#9a6700',
  f: '#1a7f37',
  g: '#8250df',
  h: '#afb8c1',
};
const OTHER = '#bc4c00';

/** Each is of one section, and there where that was measured. */
export const CHARTS = {
  'throughput-connections': {
    section: 'connections',
    title: 'Requests a second, by connections',
    draw: throughputByConnections,
  },
  'latency-percentiles': {
    section: 'latency',
    title: 'Latency of a sale, by percentile',
    draw: latencyPercentiles,
  },
  'throughput-rows': {
    section: 'rows',
    title: 'Sales a second, by purchases in the table',
    draw: throughputByRows,
  },
  'long-sale': { section: 'long_sale', title: 'A long sale of one option', draw: longSale },
} as const;

function throughputByConnections({ figures }: Results): string {
  const lines = (Object.keys(SUBJECT_TITLES) as SubjectKey[]).flatMap((subject): Line[] => {
    const points = LEVELS.flatMap((connections): [number, number][] => {
      const summary = summaryOf(figures, { section: 'connections', subject, connections });
      return summary === undefined ? [] : [[connections, summary.requests_per_second]];
    });
    const line = { name: SUBJECT_TITLES[subject], color: COLORS[subject], points, isMain: subject === 'b' };
    return points.length === 0 ? [] : [line];
  });
  const x = { title: 'connections', kind: 'log', ticks: LEVELS } as const;
  const y = { title: 'requests a second', kind: 'log' } as const;
  return chart(
    CHARTS['throughput-connections'].title,
    'one hot option; medians of the rounds; both axes logarithmic',
    [{ x, y, lines }],
  );
}

function latencyPercentiles({ figures }: Results): string {
  const curve = (
    name: string,
    color: string,
    variant: string,
    connections: number,
    isMain: boolean,
  ): Line => {
    const rounds = select(figures, { section: 'latency', variant, connections }).map(
      ({ curve = [] }) => curve,
    );
    const points = (rounds[0] ?? []).flatMap(([share], index): [number, number][] =>
      // The highest of all has no place on this axis.
      share < 1 ? [[1 / (1 - share), median(rounds.map((round) => round[index]?.[1] ?? NaN))]] : [],
    );
    return { name, color, points, isMain };
  };
  const lines = [
    curve(`closed loop, ${STORM} connections`, OTHER, '', STORM, false),
    curve(OPEN_LOOP, COLORS.b, OPEN_LOOP, 512, true),
  ];
  const label = (value: number): string => `p${Number((100 - 100 / value).toPrecision(4))}`;
  const x = { title: 'percentile', kind: 'log', ticks: [2, 4, 10, 20, 50, 100, 200, 1000], label } as const;
  const y = { title: 'milliseconds', kind: 'log' } as const;
  const note = 'medians of the rounds; the open loop counts from the moment a request was due';
  return chart(CHARTS['latency-percentiles'].title, note, [{ x, y, lines }]);
}

function throughputByRows({ figures }: Results): string {
  const points = ROWS.flatMap((rows): [number, number][] => {
    const summary = summaryOf(figures, { section: 'rows', variant: `${rows} purchases` });
    return summary === undefined ? [] : [[rows, summary.requests_per_second]];
  });
  const lines = [{ name: SUBJECT_TITLES.b, color: COLORS.b, points, isMain: true }];
  const x = { title: 'purchases in the table before', kind: 'log', ticks: ROWS } as const;
  const y = { title: 'sales a second', kind: 'linear' } as const;
  return chart(
    CHARTS['throughput-rows'].title,
    `one hot option, ${STORM} connections; medians of the rounds`,
    [{ x, y, lines }],
  );
}

function longSale({ long_sale: moments }: Results): string {
  const x = { title: 'seconds since the sale began', kind: 'linear' } as const;
  const panel = (
    title: string,
    name: string,
    color: string,
    of: (moment: (typeof moments)[number]) => number | null,
  ) => ({
    x,
    y: { title, kind: 'linear' } as const,
    lines: [
      {
        ...{ name, color },
        points: moments.flatMap((moment): [number, number][] => {
          const value = of(moment);
          return value === null ? [] : [[moment.seconds, value]];
        }),
      },
    ],
  });
  return chart(CHARTS['long-sale'].title, `${STORM} connections at full speed, every 5 s`, [
    panel('sales a second', 'sales a second', COLORS.b, (moment) => moment.requests_per_second),
    panel('p99, ms', 'p99 of these 5 s, ms', OTHER, (moment) => moment.p99_ms),
    panel('MiB', 'resident memory, MiB', COLORS.f, (moment) => moment.rss_mib),
  ]);
}
