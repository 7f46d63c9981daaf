import type { Bench } from '../bench';
import { takeTurns } from '../measure';
import { startInstance, startService } from '../subjects';
import { close } from './close';

const SECTION = 'instances';

export const TWO_INSTANCES = 'two instances';

const ROUNDS = 4;

/** The same number of buyers at one instance, and half of them at each of two on the same database. */
export async function measureInstances(bench: Bench): Promise<void> {
  const subject = await startService(bench.surroundings, 'instances');
  const second = await startInstance(bench.surroundings, 'service-second', subject.databaseUrl);
  const turn = { section: SECTION, workload: 'hot_option', subject } as const;
  const ports = [subject.server.port, second.server.port];
  for (let round = 0; round < ROUNDS; round++) {
    await takeTurns(bench, round, [turn, { ...turn, variant: TWO_INSTANCES, load: { ports } }]);
  }
  await second.server.stop();
  await close(bench, SECTION, [subject]);
}
