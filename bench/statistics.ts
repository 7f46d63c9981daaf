import { get } from './documents';
import { DISTINCT_ID } from './load/distinct-ids';
import type { LoadResult } from './load';
import { unexpected } from './measure';
import { load } from './servers';
import { busiestDay, fillWithPurchases, SELLING_EVENTS } from './sold-tickets';
import { type Shop, startService, type Surroundings } from './subjects';
import { auditOf } from './verify';

/** Purchases in the tables: the cost of reading statistics should not grow with them. */
export const SIZES = [10_000, 10_000_000] as const;
type Size = (typeof SIZES)[number];

/** One reader after the other, and a few at once. */
export const STATISTICS_READERS = [1, 4] as const;

const SECONDS = 1.5;
const WARM_UP_SECONDS = 0.5;

export interface StatisticsMeasurement {
  readonly endpoint: string;
  readonly size: Size;
  readonly connections: number;
  readonly result: LoadResult;
  readonly problems: readonly string[];
}

/** Everything that was measured of the statistics. */
export interface StatisticsResults {
  readonly measurements: readonly StatisticsMeasurement[];
  /** How long it took to fill the tables, by how many purchases. */
  readonly fillSeconds: Readonly<Record<number, number>>;
  readonly problems: readonly string[];
}

/** Two services, with few and with many purchases, read in turns: what the machine does meanwhile strikes both alike. */
export async function measureStatistics(
  surroundings: Surroundings,
  tell: (measurement: StatisticsMeasurement) => void,
): Promise<StatisticsResults> {
  const measurements: StatisticsMeasurement[] = [];
  const problems: string[] = [];
  const fillSeconds: Record<number, number> = {};
  const shops: { size: Size; shop: Shop; paths: ReadonlyMap<string, string> }[] = [];
  for (const size of SIZES) {
    const shop = await startService(surroundings, `statistics_${size}`);
    const startedAt = performance.now();
    await fillWithPurchases(shop.databaseUrl, size);
    fillSeconds[size] = (performance.now() - startedAt) / 1000;
    shops.push({ size, shop, paths: pathsOf(await busiestDay(shop.databaseUrl)) });
    // Those of millions are counted in the same way.
    if (size === SIZES[0]) problems.push(...(await auditOf(shop.databaseUrl)));
  }
  for (const endpoint of shops[0]?.paths.keys() ?? []) {
    for (const connections of STATISTICS_READERS) {
      for (const { size, shop, paths } of shops) {
        const path = paths.get(endpoint) ?? '';
        const where = `statistics, ${endpoint}, ${size} purchases, ${connections} connections`;
        const result = await read(shop.server.port, path, connections);
        const strange = [...unexpected(result, [200]), ...(await saysNothing(shop.server.port, path))];
        const told = strange.map((problem) => `${where}: ${problem}`);
        const measurement = { endpoint, size, connections, result, problems: told };
        measurements.push(measurement);
        tell(measurement);
      }
    }
  }
  await Promise.all(shops.map(({ shop }) => shop.server.stop()));
  return { measurements, fillSeconds, problems };
}

/** Each of them over as much as can be asked for; those of an event are of another one each time. */
function pathsOf({ eventId, from, to }: { eventId: string; from: Date; to: Date }): Map<string, string> {
  const sales = '/statistics/sales?filter[interval]=';
  const day = `&filter[from]=${from.toISOString()}&filter[to]=${to.toISOString()}`;
  const until = `&filter[to]=${to.toISOString()}`;
  const of = `&filter[event]=${eventId}`;
  return new Map([
    ['totals', '/statistics/totals'],
    ['events', '/statistics/events'],
    ['events by sell_through', '/statistics/events?sort=-sell_through'],
    ['events by revenue_cents', '/statistics/events?sort=-revenue_cents'],
    ['events by sold', '/statistics/events?sort=-sold'],
    ['one event', `/statistics/events/${DISTINCT_ID}`],
    ['kinds', '/statistics/kinds'],
    ['kinds of an event', `/statistics/kinds?filter[event]=${DISTINCT_ID}`],
    ['one kind', '/statistics/kinds/premium'],
    ['one kind of an event', `/statistics/kinds/${DISTINCT_ID}:premium`],
    ['sales of a day by minute', `${sales}minute${day}`],
    ['sales of 31 days by hour', `${sales}hour${until}`],
    ['sales of a year by day', `${sales}day`],
    ['sales of an event by minute', `${sales}minute${day}${of}`],
    ['sales of an event by hour', `${sales}hour${until}${of}`],
    ['sales of an event by day', `${sales}day${of}`],
  ]);
}

function read(port: number, path: string, connections: number): Promise<LoadResult> {
  return load({
    ...{ port, connections, warmUpSeconds: WARM_UP_SECONDS, seconds: SECONDS, knownUsers: SELLING_EVENTS },
    request: { method: 'GET', path },
  });
}

/** To read nothing would be fast and say nothing. */
async function saysNothing(port: number, path: string): Promise<string[]> {
  const { data } = (await get(port, path)) as { data: object };
  return Array.isArray(data) && data.length === 0 ? ['it lists nothing'] : [];
}
