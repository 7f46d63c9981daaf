import { randomUUID } from 'node:crypto';
import { DISTINCT_ID } from './distinct-ids';
import { purchase, send, ticketOption } from './documents';
import type { LoadResult } from './load';
import { type BenchPlan, CONNECTIONS, STORM, SUBJECT_KEYS, SUBJECT_TITLES, type SubjectKey } from './plan';
import { load } from './servers';
import type { Subject } from './subjects';
import { verify } from './verify';

export type Workload = 'hot_option' | 'sold_out';

export interface Measurement {
  readonly workload: Workload;
  readonly subject: SubjectKey;
  readonly connections: number;
  readonly result: LoadResult;
  /** What makes the figure worthless, in sentences. */
  readonly problems: readonly string[];
}

/** More than any round can sell. */
const PLENTY = 100_000_000;

/** Few enough to be gone within the warm-up, so that the measured time sees nothing but refusals. */
const FEW = 100;

/** Everything in turn, round after round: what the machine does meanwhile strikes all of them alike. */
export async function measureAll(
  subjects: Readonly<Record<SubjectKey, Subject>>,
  plan: BenchPlan,
  tell: (measurement: Measurement) => void,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  const visited = new Set<Subject>();
  const run = async (workload: Workload, subject: Subject, connections: number): Promise<void> => {
    const warmUpSeconds = visited.has(subject) ? plan.warmUpSeconds : plan.firstWarmUpSeconds;
    visited.add(subject);
    const measurement = await measure(workload, subject, connections, { ...plan, warmUpSeconds });
    measurements.push(measurement);
    tell(measurement);
  };
  for (let round = 0; round < plan.rounds; round++) {
    for (const connections of CONNECTIONS) {
      for (const key of SUBJECT_KEYS) await run('hot_option', subjects[key], connections);
    }
    await run('sold_out', subjects.b, STORM);
  }
  return measurements;
}

/** One load on a ticket option of its own, counted again afterwards. */
async function measure(
  workload: Workload,
  subject: Subject,
  connections: number,
  { seconds, warmUpSeconds }: BenchPlan,
): Promise<Measurement> {
  const { key, databaseUrl, server } = subject;
  const { port } = server;
  const allocation = workload === 'sold_out' ? FEW : PLENTY;
  const ticketOptionId =
    databaseUrl === undefined
      ? randomUUID()
      : (await send(port, '/ticket_options', ticketOption(allocation))).id;
  const body = JSON.stringify(purchase(ticketOptionId, DISTINCT_ID));
  const request = { method: 'POST', path: '/purchases', body } as const;
  const result = await load({ port, connections, warmUpSeconds, seconds, request });

  const problems = unexpected(result, workload);
  if (databaseUrl !== undefined) {
    problems.push(...(await verify(databaseUrl, ticketOptionId, { allocation, quantity: 1, result })));
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

function unexpected(result: LoadResult, workload: Workload): string[] {
  const problems = Object.entries(result.failures).map(
    ([reason, count]) => `${count} connections: ${reason}`,
  );
  if (result.unanswered > 0) problems.push(`${result.unanswered} requests without an answer`);
  if (result.measured === 0) problems.push('no answer in the measured time');
  const allowed = workload === 'sold_out' ? ['201', '400'] : ['201'];
  for (const [status, count] of Object.entries(result.statuses)) {
    if (!allowed.includes(status)) problems.push(`${count} answers with status ${status}`);
  }
  const bought = result.statuses['201'] ?? 0;
  if (workload === 'sold_out' && bought !== FEW) problems.push(`${bought} of ${FEW} tickets were sold`);
  return problems;
}
