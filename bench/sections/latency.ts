import type { Bench } from '../bench';
import { takeTurn } from '../measure';
import { startService } from '../subjects';
import { close } from './close';

const SECTION = 'latency';

/** Twice as many connections as in a storm, so that a request does not wait for one. */
const CONNECTIONS = 512;

export const OPEN_LOOP = 'open loop at half speed';

/** A hot option at full speed, and at half of what was just reached by buyers who come when they want. */
export async function measureLatency(bench: Bench): Promise<void> {
  const subject = await startService(bench.surroundings, 'latency');
  const turn = { section: SECTION, workload: 'hot_option', subject, withCurve: true } as const;
  for (let round = 0; round < bench.plan.rounds; round++) {
    const { result } = await takeTurn(bench, round, turn);
    const perSecond = Math.round(result.requestsPerSecond / 2);
    await takeTurn(bench, round, {
      ...{ ...turn, connections: CONNECTIONS, variant: OPEN_LOOP, share: 2 },
      load: { perSecond },
    });
  }
  await close(bench, SECTION, [subject]);
}
