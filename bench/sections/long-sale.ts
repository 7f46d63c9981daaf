import { setTimeout as wait } from 'node:timers/promises';
import type { Bench } from '../bench';
import type { LoadPlan } from '../load';
import { takeTurn } from '../measure';
import type { ServerProcess } from '../servers';
import { startService } from '../subjects';
import { close } from './close';

const SECTION = 'long_sale';
const WINDOW_SECONDS = 5;

/** One option at full speed for minutes: long enough for checkpoints and autovacuum. */
export async function measureLongSale(bench: Bench): Promise<void> {
  const { recorder, plan } = bench;
  const subject = await startService(bench.surroundings, 'long_sale');
  const resident: (number | null)[] = [];
  const { result } = await takeTurn(bench, 0, {
    ...{ section: SECTION, workload: 'hot_option', subject },
    load: { seconds: plan.longSeconds, windowSeconds: WINDOW_SECONDS },
    meanwhile: (_options, load) => weigh(subject.server, load, resident),
  });
  result.windows.forEach(({ requestsPerSecond, p99Ms }, index) => {
    recorder.longSale.push({
      ...{ seconds: WINDOW_SECONDS * (index + 1), requests_per_second: Math.round(requestsPerSecond) },
      ...{ p99_ms: Math.round(p99Ms * 10) / 10, rss_mib: resident[index] ?? null },
    });
  });
  await close(bench, SECTION, [subject]);
}

/** Notes the resident memory at the end of each window; the generator needs a moment to connect, so to about a second. */
async function weigh(
  server: ServerProcess,
  { warmUpSeconds, seconds }: LoadPlan,
  resident: (number | null)[],
): Promise<string[]> {
  await wait(1000 * warmUpSeconds);
  for (let window = WINDOW_SECONDS; window <= seconds; window += WINDOW_SECONDS) {
    await wait(1000 * WINDOW_SECONDS);
    resident.push(server.memoryMib().now);
  }
  return [];
}
