import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from './cleanup';
import { Databases } from './databases';
import { EXPIRY_ROUNDS, type ExpiryRound, measureExpiry } from './expiry';
import { type ListMeasurement, measureLists } from './lists';
import type { LoadResult } from './load';
import { machineOf } from './report/machine';
import { auditAll, measureAll } from './measure';
import { planOf } from './plan';
import { reportOf } from './report';
import { textOf } from './report/text';
import { measureStatistics, type StatisticsResults } from './statistics';
import { startService, startSubjects, type Surroundings } from './subjects';
import { auditOf } from './verify';

/**
 * How fast one hot ticket option sells and is reserved, next to what HTTP alone costs and to the two usual ways, in one
 * run on one machine and one database server. Figures in themselves say more about the machine; the ratios travel.
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
  const surroundings = { databases, logFolder, cleanup };
  const subjects = await startSubjects(surroundings);
  const measurements = await measureAll(subjects, plan, ({ workload, subject, ...one }) => {
    tell(`(${subject}) ${workload} ${one.connections}`, one);
  });
  const rssMib = subjects.b.server.memoryMib().peak;
  const problems = await auditAll(subjects);

  await Promise.all(Object.values(subjects).map(({ server }) => server.stop()));
  const expiry = plan.quick ? [] : await expire(surroundings, problems);
  const lists = plan.quick ? [] : await list(surroundings, problems);
  const statistics = plan.quick ? null : await readStatistics(surroundings, problems);
  const report = reportOf({ plan, machine, rssMib, measurements, expiry, lists, statistics, problems });

  await cleanup.run();
  console.log(textOf(report));
  console.log(JSON.stringify(report));
  return report.problems.length === 0 ? 0 : 1;
}

async function expire(surroundings: Surroundings, problems: string[]): Promise<ExpiryRound[]> {
  const shop = await startService(surroundings, 'expiry');
  const rounds: ExpiryRound[] = [];
  while (rounds.length < EXPIRY_ROUNDS) {
    const round = await measureExpiry(shop);
    const { seconds, before, during, after } = round;
    const given = `given back within ${seconds ?? 'too many'} s`;
    say(`expiry: ${given}, sales ${before}/s, ${during}/s, ${after}/s`, round.problems);
    rounds.push(round);
  }
  problems.push(...(await auditOf(shop.databaseUrl)));
  await shop.server.stop();
  return rounds;
}

async function list(surroundings: Surroundings, problems: string[]): Promise<ListMeasurement[]> {
  const shop = await startService(surroundings, 'lists');
  const lists = await measureLists(shop, ({ list, state, ...one }) => {
    tell(`${list}, ${state}, ${one.connections}`, one);
  });
  problems.push(...lists.problems);
  await shop.server.stop();
  return lists.measurements;
}

async function readStatistics(surroundings: Surroundings, problems: string[]): Promise<StatisticsResults> {
  const results = await measureStatistics(surroundings, ({ endpoint, size, ...one }) => {
    tell(`statistics, ${endpoint}, ${size} purchases, ${one.connections}`, one);
  });
  problems.push(...results.problems);
  return results;
}

function tell(what: string, one: { result: LoadResult; problems: readonly string[] }): void {
  const { requestsPerSecond, p99Ms } = one.result;
  say(`${what}: ${Math.round(requestsPerSecond)} requests/s, p99 ${p99Ms.toFixed(1)} ms`, one.problems);
}

function say(sentence: string, problems: readonly string[]): void {
  if (cleanup.interrupted) return;
  console.log(sentence + (problems.length === 0 ? '' : `  PROBLEM: ${problems.join('; ')}`));
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
