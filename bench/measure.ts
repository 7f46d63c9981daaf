import type { Bench } from './bench';
import { countFigures } from './count-figures';
import { withClient } from './databases';
import type { Counted } from './differences';
import { figureOf } from './figure';
import { CHOSEN_ID, DISTINCT_ID, type ListedRange } from './load/distinct-ids';
import type { LoadPlan, LoadResult } from './load';
import { inventToPay, reserveToPay } from './payable-reservations';
import { type SectionName, STORM, SUBJECT_TITLES } from './plan';
import { Processors } from './processors';
import { load } from './servers';
import { fold } from './strategies/stock';
import { STRATEGIES } from './strategies';
import type { Subject } from './subjects';
import { serviceToken } from './tokens';
import { auditOf, verify } from './verify';
import { verifyPaid } from './verify-paid';
import {
  allocationFor,
  inventOptions,
  makeOptions,
  type Workload,
  type WorkloadName,
  WORKLOADS,
} from './workloads';

/** One load on one server. */
export interface Turn {
  readonly section: SectionName;
  readonly workload: WorkloadName;
  readonly subject: Subject;
  readonly connections?: number;
  /** What is different from the plain case. */
  readonly variant?: string;
  /** Of a plan's usual seconds. */
  readonly share?: number;
  /** What the generator is to do otherwise. */
  readonly load?: Partial<Pick<LoadPlan, 'ports' | 'seconds' | 'perSecond' | 'windowSeconds'>>;
  /** Whether the whole curve of latencies is kept. */
  readonly withCurve?: boolean;
  /** Goes on as long as the load does; what it answers is added to the problems. */
  readonly meanwhile?: (ticketOptionIds: readonly string[], plan: LoadPlan) => Promise<string[]>;
}

/** What a turn has shown, beside its figure. */
export interface TurnResult {
  readonly result: LoadResult;
  /** What the tables say of each option; nothing of a server that has none. */
  readonly counted: readonly Counted[];
}

/** More than any service has managed here, so that a load is never short of reservations to pay. */
const MOST_PAID_PER_SECOND = 15_000;

const UNAVAILABLE = 503;

/** In less a slow server may not answer at all. */
const LEAST_SECONDS = 0.5;

/**
 * Turns that are compared, one right after the other, in every round the other way around than in the last: what the
 * machine does meanwhile, what grows and what is warm by then strikes all of them alike.
 */
export async function takeTurns(bench: Bench, round: number, turns: readonly Turn[]): Promise<void> {
  for (const turn of round % 2 === 0 ? turns : [...turns].reverse()) await takeTurn(bench, round, turn);
}

/** One load on ticket options of its own, counted again afterwards. */
export async function takeTurn(bench: Bench, round: number, turn: Turn): Promise<TurnResult> {
  const { section, workload: name, subject, connections = STORM, variant = '' } = turn;
  const workload = WORKLOADS[name];
  const plan = loadPlanOf(bench, turn, workload);
  const seconds = plan.warmUpSeconds + plan.seconds;
  const terms = { ...workload, allocation: allocationFor(subject.key, workload.allocation, seconds) };
  const isNoop = subject.databaseUrl === undefined;
  const options = isNoop ? inventOptions(terms) : await makeOptions(subject.server.port, terms);
  await fill(subject, options);
  const listed = workload.paysReservations === true ? await toPay(subject, options, seconds) : undefined;
  const whole: LoadPlan = {
    ...plan,
    ...(await requestOf(workload, options, isNoop)),
    ...(listed && { listed }),
    ...(workload.isSpread === true && { choices: options }),
  };
  const processors = new Processors(bench.surroundings.databases.postmaster);
  const [result, more = []] = await Promise.all([load(whole, processors), turn.meanwhile?.(options, whole)]);

  const allowed = workload.statuses ?? [201];
  // Another way to sell may turn buyers away when there are too many for it: that is told, and is no loss.
  const isOther = subject.key !== 'a' && subject.key !== 'b';
  const problems = [...unexpected(result, isOther ? [...allowed, UNAVAILABLE] : allowed), ...more];
  const { counted, differences } = await count(subject, options, terms, result, listed);
  problems.push(...differences);
  const key = { section, workload: name, subject: subject.key, variant, connections, round };
  const where = `${SUBJECT_TITLES[subject.key]}, ${name}, ${connections} connections`;
  bench.recorder.add(
    figureOf(key, result, {
      withCurve: turn.withCurve,
      turnedAway: result.statuses[UNAVAILABLE],
      processors: processors.perAnswer(result.measured),
    }),
    problems.map((problem) => `${where}: ${problem}`),
  );
  return { result, counted };
}

function loadPlanOf({ plan, visited }: Bench, turn: Turn, workload: Workload) {
  const { subject, connections = STORM, share = 1 } = turn;
  const server = workload.authenticated === true ? (subject.secured ?? subject).server : subject.server;
  const path = `${server.port} ${turn.workload}`;
  const warmUpSeconds = visited.has(path) ? plan.warmUpSeconds * Math.sqrt(share) : plan.firstWarmUpSeconds;
  visited.add(path);
  return {
    ports: [server.port],
    connections,
    warmUpSeconds,
    seconds: Math.max(LEAST_SECONDS, plan.seconds * share),
    ...turn.load,
  };
}

async function requestOf(workload: Workload, options: readonly string[], isNoop: boolean) {
  const { method = 'POST', path, noopPath, document, keyed, authenticated, isSpread } = workload;
  const about = isSpread === true ? [CHOSEN_ID] : options;
  const request: LoadPlan['request'] = {
    method,
    path: (isNoop ? noopPath : path).replace(':id', options[0] ?? ''),
    ...(document && { body: JSON.stringify(document(about, DISTINCT_ID)) }),
    ...(keyed === true && { key: DISTINCT_ID }),
    ...(authenticated === true && { token: await serviceToken() }),
  };
  return { request };
}

/** Some ways to sell keep what they sell elsewhere. */
async function fill({ key, databaseUrl }: Subject, options: readonly string[]): Promise<void> {
  if (key === 'a' || key === 'b' || databaseUrl === undefined) return;
  const text = STRATEGIES[key].stock?.fill;
  if (text === undefined) return;
  await withClient(databaseUrl, async (client) => {
    for (const id of options) await client.query(text, [id]);
  });
}

/** Compares what was answered with the tables. */
async function count(
  { key, databaseUrl }: Subject,
  options: readonly string[],
  { allocation, isSpread, priceCents = 0, method }: Workload,
  result: LoadResult,
  listed: ListedRange | undefined,
): Promise<{ counted: readonly Counted[]; differences: string[] }> {
  const differences: string[] = [];
  if (databaseUrl === undefined) return { counted: [], differences };
  if (listed !== undefined) {
    const paying = { reserved: listed.count, priceCents, result };
    return { counted: [], differences: await verifyPaid(databaseUrl, options[0] ?? '', paying) };
  }
  const terms = key === 'a' || key === 'b' ? undefined : STRATEGIES[key];
  if (terms?.isForgetful === true) return { counted: [], differences };
  const { stock } = terms ?? {};
  if (stock !== undefined) {
    await withClient(databaseUrl, async (client) => {
      for (const id of options) differences.push(...(await fold(client, stock, id)));
    });
  }
  // What only reads has sold nothing.
  const told = method === 'GET' ? { statuses: {}, unanswered: 0 } : result;
  const verified = await verify(databaseUrl, options, { allocation, quantity: 1, result: told }, isSpread);
  return { counted: verified.counted, differences: [...differences, ...verified.problems] };
}

/** Makes reservations for every request that a load could send. */
async function toPay(
  { databaseUrl }: Subject,
  [ticketOptionId = '']: readonly string[],
  seconds: number,
): Promise<ListedRange> {
  if (databaseUrl === undefined) return inventToPay();
  return reserveToPay(databaseUrl, ticketOptionId, Math.ceil(seconds * MOST_PAID_PER_SECOND));
}

/**
 * Counts every ticket of every subject again. The other ways to sell keep no statistics, to their advantage; so those
 * are made up for them first.
 *
 * @returns one sentence for each thing that does not fit.
 */
export async function auditAll(subjects: readonly Subject[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { key, databaseUrl } of subjects) {
    if (databaseUrl === undefined) continue;
    if (key !== 'b') await withClient(databaseUrl, countFigures);
    problems.push(...(await auditOf(databaseUrl)).map((problem) => `${SUBJECT_TITLES[key]}: ${problem}`));
  }
  return problems;
}

/** @returns one sentence for each kind of answer or failure that should not have been. */
export function unexpected(
  result: Pick<LoadResult, 'failures' | 'unanswered' | 'measured' | 'spent' | 'statuses'>,
  allowed: readonly number[],
): string[] {
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
