import { type Figure, median, round } from '../figure';
import { CROWD, DURABLE_KEYS, STORM } from '../plan';
import type { Results } from '../results';
import { FEW_READERS, LIST_NAMES, READERS, STATES } from '../sections/lists';
import { OPEN_LOOP } from '../sections/latency';
import { TWO_INSTANCES } from '../sections/instances';
import { WITH_READERS } from '../sections/readers';
import { SIZES, STATISTICS_READERS } from '../sections/statistics';
import { type Ratio, ratio, ratioOf, select, type Selector, summaryOf } from './select';

export interface Target {
  readonly name: string;
  readonly wanted: string;
  readonly measured: number;
  /** Of each round, where it is a median of several. */
  readonly rounds: readonly number[];
  readonly reached: boolean;
}

/** Every target of what was measured; of what was not, none. */
export function targetsOf(results: Results): Target[] {
  const { figures } = results;
  return [
    ...selling(figures),
    ...reserving(figures),
    ...atScale(figures),
    ...ofTheProcess(results),
    ...ofExpiry(results),
    ...ofLists(figures),
    ...ofStatistics(figures),
  ];
}

const HOT: Selector = { section: 'strategies' };
const at = (workload: string, more: Partial<Selector> = {}): Selector => ({
  section: 'workloads',
  workload,
  ...more,
});

function selling(figures: readonly Figure[]): Target[] {
  const sale = at('hot_option');
  const others = DURABLE_KEYS.filter((key) => key !== 'c').map((subject): Selector => ({ ...HOT, subject }));
  return [
    ...atLeast('selling / no-op', ratioOf(figures, HOT, { ...HOT, subject: 'a' }), 0.45),
    ...atLeast('selling / conditional UPDATE', ratioOf(figures, HOT, { ...HOT, subject: 'c' }), 8),
    ...atLeast('selling / the best other durable way', ratioOf(figures, HOT, others), 3),
    ...atLeast('selling with a key each / no-op', toNoop(figures, 'buy_keyed'), 0.35),
    ...atLeast('selling with a key each / without', ratioOf(figures, at('buy_keyed'), sale), 0.75),
    ...atLeast(
      'selling with a token / without',
      ratioOf(figures, at('buy_authenticated'), at('hot_option', { variant: 'beside tokens' })),
      0.8,
    ),
    ...atLeast(
      'refusing what is sold out / no-op',
      ratioOf(figures, at('sold_out'), at('hot_option', { subject: 'a' })),
      0.6,
    ),
    ...atLeast('selling for 1,000 events / no-op', toNoop(figures, 'many_events'), 0.3),
    ...atLeast('reading one option / no-op GET', toNoop(figures, 'get_option'), 0.5),
  ];
}

function reserving(figures: readonly Figure[]): Target[] {
  return [
    ...atLeast('reserving with a limit / no-op', toNoop(figures, 'reserve'), 0.3),
    ...atLeast('reserving with a limit and a key each / no-op', toNoop(figures, 'reserve_keyed'), 0.25),
    ...atLeast('reserving three kinds / no-op', toNoop(figures, 'reserve_several'), 0.2),
    ...atLeast('paying / no-op', toNoop(figures, 'pay'), 0.12),
  ];
}

function toNoop(figures: readonly Figure[], workload: string): Ratio | undefined {
  return ratioOf(figures, at(workload), at(workload, { subject: 'a' }));
}

function atScale(figures: readonly Figure[]): Target[] {
  const readers: Selector = { section: 'readers', variant: WITH_READERS };
  const two: Selector = { section: 'instances', variant: TWO_INSTANCES };
  const rows = (count: number): Selector => ({ section: 'rows', variant: `${count} purchases` });
  const clients = (connections: number, subject: Selector['subject'] = 'b'): Selector => ({
    ...{ section: 'connections', connections, subject },
  });
  const open = select(figures, { section: 'latency', variant: OPEN_LOOP, connections: 512 });
  const worst = select(figures, two).map((one) => one.max_ms);
  return [
    ...atLeast(
      'selling beside 2,000 reads a second / alone',
      ratioOf(figures, readers, { section: 'readers' }),
      0.8,
    ),
    ...atLeast('selling by two instances / by one', ratioOf(figures, two, { section: 'instances' }), 0.9),
    ...below('longest wait of a client of two instances, ms', worst, 1_000, Math.max),
    ...atLeast(
      'selling with 10,000,000 purchases / with 10,000',
      ratioOf(figures, rows(10_000_000), rows(10_000)),
      0.9,
    ),
    ...atMost(
      'p50 of one idle client / of a conditional UPDATE',
      ratioOf(figures, clients(1), clients(1, 'c'), 'p50_ms'),
      1.5,
    ),
    ...atLeast(
      `selling to ${thousands(CROWD)} connections / to ${STORM}`,
      ratioOf(figures, clients(CROWD), clients(STORM)),
      0.7,
    ),
    ...below(
      'p99 of an open loop at half speed, ms',
      open.map((one) => one.p99_ms),
      25,
    ),
  ];
}

function ofTheProcess({ memory, start_seconds: starts }: Results): Target[] {
  const peaks = memory.map(({ peak_mib }) => peak_mib);
  return [
    ...below('most resident memory in any section, MiB', peaks, 384, Math.max),
    ...below('ready after its start on 10,000,000 purchases, s', starts, 3),
  ];
}

function ofExpiry({ expiry }: Results): Target[] {
  if (expiry.length === 0) return [];
  const speeds = expiry.map(({ before, during, after }) => during / ((before + after) / 2));
  return [
    ...below(
      '100,000 reservations run out, s until they are back',
      expiry.map(({ seconds }) => seconds ?? Infinity),
      5,
    ),
    ...atLeast('a sale meanwhile / before and after', ratio(speeds), 0.8),
  ];
}

function ofLists(figures: readonly Figure[]): Target[] {
  const few = READERS.filter((connections) => connections <= FEW_READERS);
  return LIST_NAMES.flatMap((workload) => {
    const p99s = STATES.flatMap((variant) =>
      few.flatMap(
        (connections) =>
          summaryOf(figures, { section: 'lists', workload, variant, connections })?.p99_ms ?? [],
      ),
    );
    return below(`p99 of ${workload.replaceAll('_', ' ')}, few readers, the worst, ms`, p99s, 10, Math.max);
  });
}

/** What one endpoint of the statistics took: the highest p99, and how p50 grew with the purchases. */
export function endpointFigures(figures: readonly Figure[], workload: string) {
  const one = (size: number, connections: number) =>
    summaryOf(figures, { section: 'statistics', workload, variant: `${size} purchases`, connections });
  const all = SIZES.flatMap((size) => STATISTICS_READERS.flatMap((readers) => one(size, readers) ?? []));
  const [few = NaN, many = NaN] = SIZES.map((size) => one(size, STATISTICS_READERS[0])?.p50_ms ?? NaN);
  return { few, many, growth: round(many / few, 2), worst: Math.max(...all.map(({ p99_ms }) => p99_ms)) };
}

/** @returns the endpoints of the statistics that were measured. */
export function endpointsOf(figures: readonly Figure[]): string[] {
  return [
    ...new Set(figures.filter(({ section }) => section === 'statistics').map(({ workload }) => workload)),
  ];
}

/** Of all of them, the one that is furthest from what is wanted. */
function ofStatistics(figures: readonly Figure[]): Target[] {
  const all = endpointsOf(figures).map((name) => ({ name, ...endpointFigures(figures, name) }));
  const slowest = [...all].sort((x, y) => y.worst - x.worst)[0];
  const growing = [...all].sort((x, y) => y.growth - x.growth)[0];
  if (slowest === undefined || growing === undefined) return [];
  return [
    ...below(`p99 of statistics, the slowest (${slowest.name}), ms`, [slowest.worst], 10),
    ...atMost(
      `p50 of statistics with 10,000,000 purchases / with 10,000, the worst (${growing.name})`,
      { value: growing.growth, rounds: [] },
      1.5,
    ),
  ];
}

function atLeast(name: string, measured: Ratio | undefined, least: number): Target[] {
  if (measured === undefined) return [];
  const { value, rounds } = measured;
  return [{ name, wanted: `at least ${least}`, measured: value, rounds, reached: value >= least }];
}

function atMost(name: string, measured: Ratio | undefined, most: number): Target[] {
  if (measured === undefined) return [];
  const { value, rounds } = measured;
  return [{ name, wanted: `at most ${most}`, measured: value, rounds, reached: value <= most }];
}

/** @param of what of the values counts: the median, or the highest */
function below(
  name: string,
  values: readonly number[],
  limit: number,
  of: (...values: number[]) => number = (...all) => median(all),
): Target[] {
  if (values.length === 0) return [];
  const measured = round(of(...values), 2);
  return [{ name, wanted: `below ${limit}`, measured, rounds: values, reached: measured < limit }];
}

function thousands(value: number): string {
  return value.toLocaleString('en-US');
}
