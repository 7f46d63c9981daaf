import type { ExpiryReport } from './expiry';
import type { ListReport } from './lists';
import { STORM } from '../plan';
import type { StatisticsReport } from './statistics';
import type { Summary } from './summary';

export interface Target {
  readonly name: string;
  readonly wanted: string;
  readonly measured: number | null;
  readonly reached: boolean;
}

/** What the targets are held against. */
export interface Measured {
  readonly ratios: Readonly<Record<string, number>>;
  readonly storm: Summary;
  readonly rssMib: number | null;
  readonly expiry: ExpiryReport | null;
  readonly lists: ListReport | null;
  readonly statistics: StatisticsReport | null;
}

/** Every target of what was measured. */
export function targetsOf({ ratios, storm, rssMib, expiry, lists, statistics }: Measured): Target[] {
  const ratio = (key: string) => ratios[key] ?? null;
  return [
    atLeast(`(b)/(a) at ${STORM} connections`, ratio(`b_to_a_${STORM}`), 0.4),
    atLeast(`(b)/(c) at ${STORM} connections`, ratio(`b_to_c_${STORM}`), 8),
    below(`p99 of (b) at ${STORM} connections, ms`, storm.p99_ms, 100),
    below('resident memory of (b), MiB', rssMib, 384),
    atLeast('refusing a sold-out option / selling', ratio(`sold_out_to_sale_${STORM}`), 1),
    atLeast('buying with an Idempotency-Key each / without', ratio(`buy_keyed_to_sale_${STORM}`), 0.75),
    atLeast('buying with a token / without', ratio(`buy_authenticated_to_sale_${STORM}`), 0.8),
    atLeast(`reserving / (a) at ${STORM} connections`, ratio(`reserve_to_a_${STORM}`), 0.28),
    atLeast(
      `reserving three kinds / (a) at ${STORM} connections`,
      ratio(`reserve_several_to_a_${STORM}`),
      0.2,
    ),
    atLeast(`paying / (a) at ${STORM} connections`, ratio(`pay_to_a_${STORM}`), 0.1),
    ...(expiry === null
      ? []
      : [
          below('100,000 reservations run out, s until they are back', expiry.seconds, 5),
          atLeast('a sale meanwhile / alone', expiry.speed_ratio, 0.8),
        ]),
    ...Object.entries(lists ?? {}).map(([list, { worst_p99_ms: worst }]) =>
      below(`p99 of ${list.replaceAll('_', ' ')}, few readers, ms`, worst, 10),
    ),
    ...(statistics === null ? [] : ofStatistics(statistics)),
  ];
}

/** Of all of them, the one that is furthest from what is wanted. */
function ofStatistics({ endpoints }: StatisticsReport): Target[] {
  const worst = (figure: 'worst_p99_ms' | 'p50_ratio') =>
    Object.entries(endpoints).reduce<{ name: string; value: number }>(
      (most, [name, { [figure]: value }]) => (value > most.value ? { name, value } : most),
      { name: 'none', value: 0 },
    );
  const slowest = worst('worst_p99_ms');
  const growing = worst('p50_ratio');
  return [
    below(`p99 of statistics, the slowest (${slowest.name}), ms`, slowest.value, 10),
    atMost(
      `p50 of statistics with 10,000,000 purchases / 10,000, the worst (${growing.name})`,
      growing.value,
      1.5,
    ),
  ];
}

function atMost(name: string, measured: number, most: number): Target {
  return { name, wanted: `at most ${most}`, measured, reached: measured <= most };
}

function atLeast(name: string, measured: number | null, least: number): Target {
  return { name, wanted: `at least ${least}`, measured, reached: measured !== null && measured >= least };
}

function below(name: string, measured: number | null, limit: number): Target {
  return { name, wanted: `below ${limit}`, measured, reached: measured !== null && measured < limit };
}
