import { countFigures } from './count-figures';
import { withClient } from './databases';
import { DISTINCT_ID, type ListedRange } from './load/distinct-ids';
import type { LoadResult } from './load';
import { type BenchPlan, type Stage, stagesOf, SUBJECT_TITLES, type SubjectKey } from './plan';
import { serviceToken } from './tokens';
import { inventToPay, reserveToPay } from './payable-reservations';
import { load } from './servers';
import type { Subject } from './subjects';
import { auditOf, verify } from './verify';
import { verifyPaid } from './verify-paid';
import { FEW, inventOptions, makeOptions, type WorkloadName, WORKLOADS } from './workloads';

export interface Measurement {
  readonly workload: WorkloadName;
  readonly subject: SubjectKey;
  readonly connections: number;
  readonly result: LoadResult;
  /** What makes the figure worthless, in sentences. */
  readonly problems: readonly string[];
}

/** More than any service has managed here, so that a load is never short of reservations to pay. */
const MOST_PAID_PER_SECOND = 15_000;

type Subjects = Readonly<Record<SubjectKey, Subject>>;

/** Everything in turn, round after round: what the machine does meanwhile strikes all of them alike. */
export async function measureAll(
  subjects: Subjects,
  plan: BenchPlan,
  tell: (measurement: Measurement) => void,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  const visited = new Set<string>();
  for (let round = 0; round < plan.rounds; round++) {
    for (const stage of stagesOf(plan)) {
      for (const subject of stage.subjects.map((key) => subjects[key])) {
        const path = `${subject.key} ${stage.workload}`;
        const warmUpSeconds = visited.has(path) ? plan.warmUpSeconds : plan.firstWarmUpSeconds;
        visited.add(path);
        const measurement = await measure(stage, subject, { ...plan, warmUpSeconds });
        measurements.push(measurement);
        tell(measurement);
      }
    }
  }
  return measurements;
}

/**
 * Counts every ticket of every subject again. The other ways to sell keep no statistics, to their advantage; so those
 * are made up for them first.
 *
 * @returns one sentence for each thing that does not fit.
 */
export async function auditAll(subjects: Subjects): Promise<string[]> {
  const problems: string[] = [];
  for (const { key, databaseUrl } of Object.values(subjects)) {
    if (databaseUrl === undefined) continue;
    if (key !== 'b') await withClient(databaseUrl, countFigures);
    problems.push(...(await auditOf(databaseUrl)).map((problem) => `${SUBJECT_TITLES[key]}: ${problem}`));
  }
  return problems;
}

/** One load on ticket options of its own, counted again afterwards. */
async function measure(
  { workload, connections }: Stage,
  { key, databaseUrl, server, secured }: Subject,
  { seconds, warmUpSeconds }: BenchPlan,
): Promise<Measurement> {
  const { path, noopPath, document, paysReservations, keyed, authenticated, ...terms } = WORKLOADS[workload];
  const isNoop = databaseUrl === undefined;
  const options = isNoop ? inventOptions(terms) : await makeOptions(server.port, terms);
  const body = JSON.stringify(document(options, DISTINCT_ID));
  const to = { method: 'POST', path: isNoop ? noopPath : path, body } as const;
  const { port } = authenticated === true && secured !== undefined ? secured.server : server;
  const request = {
    ...to,
    ...(keyed === true && { key: DISTINCT_ID }),
    ...(authenticated === true && { token: await serviceToken() }),
  };
  const listed =
    paysReservations === true ? await toPay(databaseUrl, options, warmUpSeconds + seconds) : null;
  const ofListed = listed === null ? {} : { listed };
  const result = await load({ port, connections, warmUpSeconds, seconds, request, ...ofListed });

  const problems = [...unexpected(result, workload === 'sold_out' ? [201, 400] : [201])];
  if (workload === 'sold_out') problems.push(...notSoldOut(result));
  if (!isNoop && listed !== null) {
    const paying = { reserved: listed.count, priceCents: terms.priceCents ?? 0, result };
    problems.push(...(await verifyPaid(databaseUrl, options[0] ?? '', paying)));
  } else if (!isNoop) {
    const sale = { allocation: terms.allocation, quantity: 1, result };
    problems.push(...(await verify(databaseUrl, options, sale)));
  }
  const where = `${SUBJECT_TITLES[key]}, ${workload}, ${connections} connections`;
  return {
    workload,
    subject: key,
    connections,
    result,
    problems: problems.map((problem) => `${where}: ${problem}`),
  };
}

/** Makes reservations for every request that a load could send. */
async function toPay(
  databaseUrl: string | undefined,
  [ticketOptionId = '']: readonly string[],
  seconds: number,
): Promise<ListedRange> {
  if (databaseUrl === undefined) return inventToPay();
  return reserveToPay(databaseUrl, ticketOptionId, Math.ceil(seconds * MOST_PAID_PER_SECOND));
}

/** @returns one sentence for each kind of answer or failure that should not have been. */
export function unexpected(result: LoadResult, allowed: readonly number[]): string[] {
  const problems = Object.entries(result.failures).map(
    ([reason, count]) => `${count} connections: ${reason}`,
  );
  if (result.unanswered > 0) problems.push(`${result.unanswered} requests without an answer`);
  if (result.measured === 0) problems.push('no answer in the measured time');
  if (result.spent) problems.push('it ended early: there was nothing left to ask for');
  for (const [status, count] of Object.entries(result.statuses)) {
    if (!allowed.includes(Number(status))) problems.push(`${count} answers with status ${status}`);
  }
  return problems;
}

function notSoldOut({ statuses }: LoadResult): string[] {
  const bought = statuses['201'] ?? 0;
  return bought === FEW ? [] : [`${bought} of ${FEW} tickets were sold`];
}
