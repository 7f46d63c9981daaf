import { keepEvidence } from './evidence';
import { optionsOf } from './options';
import { writePage } from './page';
import { Random } from './random';
import { liveThrough, type RoundResult } from './round';
import { markdownOf, Sums } from './summary';
import { cleanUp } from './world/cleanup';

/** Each round has a fresh database, so that what is checked afterwards stays small. */
const ROUND_MS = 60_000;

/**
 * Hurts the service for minutes or hours, in rounds, and looks after each whether anything was lost, done twice or told
 * wrong.
 *
 * Ends with exit code 1 when there was an anomaly; then everything that was told is kept in a file.
 */
async function main(): Promise<number> {
  const { seed, minutes, write } = optionsOf(process.argv.slice(2));
  console.log(`seed ${seed}: ${minutes} minutes`);
  const random = new Random(seed);
  const sums = new Sums();
  const evidence: string[] = [];
  const begunMs = performance.now();
  const leftMs = (): number => minutes * 60_000 - (performance.now() - begunMs);
  do {
    const round = await liveThrough({ seed: random.below(2 ** 31), ms: Math.min(ROUND_MS, leftMs()) });
    sums.add(round);
    tell(round);
    if (round.anomalies.length === 0) continue;
    const file = await keepEvidence(round);
    evidence.push(file);
    console.log(`  kept: ${file}`);
  } while (leftMs() > 1_000);
  const summary = sums.sum(seed, performance.now() - begunMs, evidence);
  console.log(`\n${markdownOf(summary)}\n`);
  if (write) await writePage(markdownOf(summary));
  console.log(JSON.stringify(summary));
  return summary.anomalies === 0 ? 0 : 1;
}

function tell({ seed, told, thrown, anomalies, longestRecoveryMs, looked }: RoundResult): void {
  const took = `longest recovery ${(longestRecoveryMs / 1_000).toFixed(1)} s, ${looked} places looked at`;
  console.log(`round ${seed}: ${told.length} operations, ${thrown.length} faults, ${took}`);
  for (const each of anomalies.slice(0, 20)) console.log(`  ANOMALY: ${each}`);
  if (anomalies.length > 20) console.log(`  and ${anomalies.length - 20} more`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
}

main()
  .catch(async (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    await cleanUp();
    return 1;
  })
  .then((code) => process.exit(code))
  .catch(() => process.exit(1));
