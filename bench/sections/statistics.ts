import type { Bench } from '../bench';
import { get } from '../documents';
import { figureOf } from '../figure';
import type { LoadResult } from '../load';
import { DISTINCT_ID } from '../load/distinct-ids';
import { unexpected } from '../measure';
import { load } from '../servers';
import { busiestDay, SELLING_EVENTS } from '../sold-tickets';
import type { Shop } from '../subjects';

/** Purchases in the tables: the cost of reading statistics should not grow with them. */
export const SIZES = [10_000, 10_000_000] as const;

/** One reader after the other, and a few at once. */
export const STATISTICS_READERS = [1, 4] as const;

const SECTION = 'statistics';
/** Of a plan's usual seconds. */
const SHARE = 0.3;
const WARM_UP_SECONDS = 0.4;

/** Two services, with few and with many purchases, read in turns: what the machine does meanwhile strikes both alike. */
export async function measureStatistics(bench: Bench): Promise<void> {
  const shops: { size: number; shop: Shop; paths: ReadonlyMap<string, string> }[] = [];
  for (const size of SIZES) {
    const shop = await bench.stocked.get(size);
    shops.push({ size, shop, paths: pathsOf(await busiestDay(shop.databaseUrl)) });
  }
  for (const endpoint of shops[0]?.paths.keys() ?? []) {
    for (const connections of STATISTICS_READERS) {
      for (const { size, shop, paths } of shops.reverse()) {
        const path = paths.get(endpoint) ?? '';
        const result = await read(shop.server.port, path, connections, SHARE * bench.plan.seconds);
        const strange = [...unexpected(result, [200]), ...(await saysNothing(shop.server.port, path))];
        const problems = strange.map((problem) => `statistics, ${endpoint}, ${size} purchases: ${problem}`);
        const key = {
          section: SECTION,
          workload: endpoint,
          subject: 'b',
          variant: `${size} purchases`,
        } as const;
        bench.recorder.add(figureOf({ ...key, connections, round: 0 }, result), problems);
      }
    }
  }
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

function read(port: number, path: string, connections: number, seconds: number): Promise<LoadResult> {
  return load({
    ...{ ports: [port], connections, warmUpSeconds: WARM_UP_SECONDS, seconds, knownUsers: SELLING_EVENTS },
    request: { method: 'GET', path },
  });
}

/** To read nothing would be fast and say nothing. */
async function saysNothing(port: number, path: string): Promise<string[]> {
  const { data } = (await get(port, path)) as { data: object };
  return Array.isArray(data) && data.length === 0 ? ['it lists nothing'] : [];
}
