import type { Bench } from '../bench';
import { figureOf } from '../figure';
import type { LoadPlan } from '../load';
import { takeTurns, unexpected } from '../measure';
import { load } from '../servers';
import { type Shop, startService } from '../subjects';
import { close } from './close';

const SECTION = 'readers';

export const WITH_READERS = 'with readers';
const READS_PER_SECOND = 2_000;
const CONNECTIONS = 128;

const ROUNDS = 4;

/** A sale alone, and the same while thousands ask every second what is left. */
export async function measureReaders(bench: Bench): Promise<void> {
  const subject = await startService(bench.surroundings, 'readers');
  const turn = { section: SECTION, workload: 'hot_option', subject } as const;
  for (let round = 0; round < ROUNDS; round++) {
    await takeTurns(bench, round, [
      turn,
      {
        ...{ ...turn, variant: WITH_READERS },
        meanwhile: ([id = ''], plan) => read(bench, round, subject, id, plan),
      },
    ]);
  }
  await close(bench, SECTION, [subject]);
}

/** Asks from the sale's first request to its last. */
async function read(
  { recorder }: Bench,
  round: number,
  { server, key }: Shop,
  ticketOptionId: string,
  { warmUpSeconds, seconds }: LoadPlan,
): Promise<string[]> {
  const result = await load({
    ...{ ports: [server.port], connections: CONNECTIONS, perSecond: READS_PER_SECOND },
    ...{ warmUpSeconds, seconds, request: { method: 'GET', path: `/ticket_options/${ticketOptionId}` } },
  });
  const names = { section: SECTION, workload: 'get_option', variant: WITH_READERS } as const;
  recorder.add(figureOf({ ...names, subject: key, connections: CONNECTIONS, round }, result), []);
  return unexpected(result, [200]).map((problem) => `reading meanwhile: ${problem}`);
}
