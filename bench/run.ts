import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from './cleanup';
import { Databases } from './databases';
import { planOf } from './plan';
import { machineOf, reportOf } from './report';
import { textOf } from './report-text';
import { startSubjects } from './subjects';
import { measureAll, type Measurement } from './workloads';

/**
 * How fast one hot ticket option sells, next to what HTTP alone costs and to the two usual ways, in one run on
 * one machine and one database server. Figures in themselves say more about the machine; the ratios travel.
 *
 * Ends with exit code 1 when a single ticket, answer or connection is not accounted for. A target that is missed
 * is told, and no failure: it may be the machine's.
 */
async function main(cleanup: Cleanup): Promise<number> {
  const plan = planOf(process.argv.slice(2));
  const logFolder = await mkdtemp(join(tmpdir(), 'holdfast-bench-logs-'));
  cleanup.add(() => rm(logFolder, { recursive: true, force: true }));

  const databases = await Databases.open(cleanup);
  const machine = machineOf(databases.version);
  const subjects = await startSubjects(databases, logFolder, cleanup);
  const measurements = await measureAll(subjects, plan, tell);
  const rssMib = subjects.b.server.memoryMib().peak;
  const report = reportOf(measurements, { plan, rssMib, machine });

  await cleanup.run();
  console.log(textOf(report));
  console.log(JSON.stringify(report));
  return report.problems.length === 0 ? 0 : 1;
}

function tell({ workload, subject, connections, result, problems }: Measurement): void {
  if (cleanup.interrupted) return;
  const speed = `${Math.round(result.requestsPerSecond)} requests/s, p99 ${result.p99Ms.toFixed(1)} ms`;
  const verdict = problems.length === 0 ? '' : `  PROBLEM: ${problems.join('; ')}`;
  console.log(`(${subject}) ${workload} ${connections}: ${speed}${verdict}`);
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
