import type { Bench } from '../bench';
import { get } from '../documents';
import { figureOf } from '../figure';
import { analyse, fillWithReservations, LISTED_USERS } from '../listed-reservations';
import type { LoadResult } from '../load';
import { DISTINCT_ID } from '../load/distinct-ids';
import { unexpected } from '../measure';
import { load } from '../servers';
import { startService, stopAll } from '../subjects';
import { auditOf } from '../verify';
import { makeOptions, WORKLOADS } from '../workloads';

/** One reader alone, a few, and a moderate load. */
export const READERS = [1, 4, 8] as const;
/** With so many a list is wanted within its time. */
export const FEW_READERS = 4;

/** A table nobody has analysed yet, and one that has its statistics. */
export const STATES = ['fresh', 'analysed'] as const;
export const LIST_NAMES = [
  'reservations_of_user',
  'active_reservations_of_user',
  'active_reservations',
  'options_of_event',
] as const;
type ListName = (typeof LIST_NAMES)[number];

const SECTION = 'lists';
const OPTIONS = 10;
/** Of a plan's usual seconds. */
const SHARE = 0.5;
const WARM_UP_SECONDS = 0.5;

/** Reads pages of 20 out of a million reservations, each of another user where users are asked for. */
export async function measureLists(bench: Bench): Promise<void> {
  const { recorder } = bench;
  const shop = await startService(bench.surroundings, SECTION);
  const { databaseUrl, server } = shop;
  const options = await makeOptions(server.port, { ...WORKLOADS.hot_option, options: OPTIONS });
  await fillWithReservations(databaseUrl, options);
  recorder.problems.push(...(await auditOf(databaseUrl)));
  const paths = pathsOf(await eventOf(server.port, options[0] ?? ''));
  for (const state of STATES) {
    if (state === 'analysed') await analyse(databaseUrl);
    for (const list of LIST_NAMES) {
      recorder.problems.push(...(await emptyList(server.port, paths[list])));
      for (const connections of READERS) {
        const result = await read(server.port, paths[list], connections, SHARE * bench.plan.seconds);
        const problems = unexpected(result, [200]).map((problem) => `${list}, ${state}: ${problem}`);
        const key = { section: SECTION, workload: list, subject: 'b', variant: state } as const;
        recorder.add(figureOf({ ...key, connections, round: 0 }, result), problems);
      }
    }
  }
  recorder.memory.push({ section: SECTION, peak_mib: await stopAll([shop]) });
  await bench.surroundings.databases.drop(databaseUrl);
}

function pathsOf(eventId: string): Readonly<Record<ListName, string>> {
  return {
    reservations_of_user: `/reservations?filter[user]=${DISTINCT_ID}`,
    active_reservations_of_user: `/reservations?filter[user]=${DISTINCT_ID}&filter[status]=active`,
    active_reservations: '/reservations?filter[status]=active',
    options_of_event: `/events/${eventId}/ticket_options`,
  };
}

function read(port: number, path: string, connections: number, seconds: number): Promise<LoadResult> {
  return load({
    ...{ ports: [port], connections, warmUpSeconds: WARM_UP_SECONDS, seconds, knownUsers: LISTED_USERS },
    request: { method: 'GET', path },
  });
}

/** A list of nothing would be fast and say nothing; a single user may have nothing that is active. */
async function emptyList(port: number, path: string): Promise<string[]> {
  if (path.includes(`${DISTINCT_ID}&`)) return [];
  const { data } = (await get(port, path)) as { data: readonly unknown[] };
  return data.length > 0 ? [] : [`${path} lists nothing`];
}

async function eventOf(port: number, ticketOptionId: string): Promise<string> {
  const document = await get(port, `/ticket_options/${ticketOptionId}`);
  const { data } = document as { data: { relationships: { event: { data: { id: string } } } } };
  return data.relationships.event.data.id;
}
