import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench';
import { Cleanup } from './cleanup';
import { Databases } from './databases';
import { planOf } from './plan';
import { machineOf } from './report/machine';
import { reportOf, textOf } from './report/page';
import { keep, write } from './report/files';
import { Recorder } from './results';
import { MEASURE } from './sections';
import { Stocked } from './stocked';

/**
 * How fast tickets are sold, reserved, paid and read, next to what HTTP alone costs and to other ways to sell, in one run
 * on one machine and one database server. Figures in themselves say more about the machine; the ratios travel.
 *
 * Ends with exit code 1 when a single ticket, answer or connection is not accounted for. A target that is missed
 * is told, and no failure: it may be the machine's.
 */
async function main(cleanup: Cleanup): Promise<number> {
  const plan = planOf(process.argv.slice(2));
  const recorder = new Recorder((line) => {
    if (!cleanup.interrupted) console.log(line);
  });
  const logFolder = await mkdtemp(join(tmpdir(), 'holdfast-bench-logs-'));
  cleanup.add(() => rm(logFolder, { recursive: true, force: true }));
  const databases = await Databases.open(cleanup);
  const machine = machineOf(databases.version);
  const surroundings = { databases, logFolder, cleanup };
  const stocked = new Stocked(surroundings, recorder);
  const bench: Bench = { plan, surroundings, recorder, stocked, visited: new Set() };
  for (const section of plan.sections) await MEASURE[section](bench);
  await stocked.stop();
  await cleanup.run();

  const report = reportOf(recorder.results(plan, machine));
  console.log(`\n${textOf(report)}`);
  if (plan.writes) {
    await keep(report);
    for (const file of await write()) console.log(`Written: ${file}`);
  }
  console.log(JSON.stringify(report));
  return report.problems.length === 0 ? 0 : 1;
}

const cleanup = new Cleanup();
main(cleanup)
  .catch((error: unknown) => {
    if (!cleanup.interrupted) console.error(error instanceof Error ? error.message : error);
    return 1;
  })
  .then(async (code) => {
    await cleanup.run();
    if (!cleanup.interrupted) process.exit(code);
  })
  .catch(() => process.exit(1));
