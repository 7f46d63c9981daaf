import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError, type PoolClient } from 'pg';
import { Connections, decisive } from '../database/connections';
import { type Backend, classifyFailure, GuardError, LostOutcomeError } from '../database/errors';
import { queryOne } from '../database/sql';
import { type RefusalCode } from '../refusals';
import { type Job, type Order, type Outcome, refusedFor, type TakeOrder, type Task } from './orders';
import { isKept, readRecorded, writeKeys, writeRefused } from './request-keys';
import { endBackend } from './statements';
import type { StockHint } from './stock-hint';
import { Turn } from './turn';

/** How long the outcome of a group may stay open before its clients are told so. */
const RESOLVE_WITHIN_MS = 5_000;
/** A group that met other transactions is tried this often in all. */
const MAX_CONFLICTS = 6;
/** What the database did not take is looked at anew this often. */
const MAX_GUARDS = 3;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 400;

/**
 * Serves a group of orders, or one task, whatever goes wrong, and answers each exactly once.
 *
 * - It met another transaction: again, after a pause with jitter.
 * - The data of one order is bad in a way that nobody foresaw: its neighbours must not suffer. The group is split
 *   until the culprit is alone.
 * - An order is a purchase or reservation already, or its request was decided before: it is recognised, and its
 *   neighbours are served.
 * - The answer to a COMMIT was lost: see {@link Attempts.resolve}.
 */
@Injectable()
export class Attempts {
  private readonly logger = new Logger('Allocation');

  constructor(
    private readonly turn: Turn,
    private readonly connections: Connections,
  ) {}

  /** @returns one outcome for each order, in order; a `refused` also stands for 500 and 503. Never throws. */
  async serve(jobs: readonly Job[], hint: StockHint): Promise<Outcome[]> {
    let mayBeMade = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(jobs, hint, mayBeMade);
      } catch (error) {
        if (error instanceof LostOutcomeError) return this.resolve(jobs, hint, error);
        if (!mayBeMade && isMadeAlready(error)) {
          mayBeMade = true;
          continue;
        }
        const failure = classifyFailure(error);
        if (failure === 'data' || failure === 'bug') {
          return this.split(jobs, error, (part) => this.serve(part, hint));
        }
        // The books of one of them may be wrong; its neighbours must not wait for that.
        if (error instanceof GuardError && attempt === MAX_GUARDS) {
          return this.split(jobs, error, (part) => this.serve(part, hint));
        }
        // Nothing was committed: an interrupted transaction is rolled back by the server.
        if (failure !== 'conflict' || attempt === MAX_CONFLICTS) return this.giveUp(jobs, error);
      }
      await pause(attempt);
    }
  }

  /** @returns whether a group may be served by {@link serveTogether}. */
  mayJoin(jobs: readonly Job[], hint: StockHint): boolean {
    const takes = takesOf(jobs);
    return takes?.length === jobs.length && hint.mayJoin(takes);
  }

  /**
   * Serves the groups of several events at once. Never throws.
   *
   * @param groups each of another event, and such that they {@link mayJoin}
   * @returns the outcomes of each group; null for one of which nothing has come. That is to be served by itself, so that
   *   the trouble of one event is none of the others'
   */
  async serveTogether(groups: readonly (readonly Job[])[], hint: StockHint): Promise<(Outcome[] | null)[]> {
    const takes = groups.map(takesOf).filter((group) => group !== undefined);
    try {
      return await this.turn.serveTogether(takes, hint);
    } catch (error) {
      if (!(error instanceof LostOutcomeError)) {
        // Served by themselves they may well come off, and nobody would know why that was slow.
        const failure = classifyFailure(error);
        if (!isMadeAlready(error) && (failure === 'bug' || failure === 'data'))
          this.logger.warn({ err: error, events: groups.length }, 'Orders of several events failed together');
        return groups.map(() => null);
      }
      const deadline = performance.now() + RESOLVE_WITHIN_MS;
      const outcomes: Outcome[][] = [];
      for (const jobs of groups) outcomes.push(await this.resolve(jobs, hint, error, deadline));
      return outcomes;
    }
  }

  /**
   * The connection died while it was committing: the outcome is unknown, and the old server process may still be
   * at it. First that process is ended, or is seen to have gone, so that nothing arrives late. Then the same orders
   * are sent again with the same ids, under the same row locks, where each recognises what it did the first time.
   * Never a new id, never two answers, never two sales.
   */
  private async resolve(
    jobs: readonly Job[],
    hint: StockHint,
    lost: LostOutcomeError,
    deadline = performance.now() + RESOLVE_WITHIN_MS,
  ): Promise<Outcome[]> {
    const unsettled = new Set<Backend | undefined>([lost.backend]);
    for (let attempt = 1; performance.now() < deadline; attempt += 1) {
      try {
        for (const backend of unsettled) {
          if (await this.isGone(backend)) unsettled.delete(backend);
        }
        if (unsettled.size === 0) return await this.once(jobs, hint, true);
      } catch (error) {
        if (error instanceof LostOutcomeError) unsettled.add(error.backend);
        else if (classifyFailure(error) === 'data' || classifyFailure(error) === 'bug') {
          return this.split(jobs, error, (part) => this.resolve(part, hint, lost, deadline));
        }
      }
      await pause(attempt);
    }
    this.logger.error({ err: lost, jobs: jobs.map(({ id }) => id) }, 'The outcome of orders is unknown');
    return jobs.map((job) => refusedFor({ code: 'outcome_unknown', meta: nameOf(job) }));
  }

  private async once(jobs: readonly Job[], hint: StockHint, again: boolean): Promise<Outcome[]> {
    const [first] = jobs;
    if (first?.kind === 'task') {
      return [await this.runTask(first, again)];
    }
    const [order, ...rest] = jobs.filter((job): job is Order => job.kind !== 'task');
    if (order === undefined) return [];
    return again ? this.turn.serveAgain([order, ...rest], hint) : this.turn.serve([order, ...rest], hint);
  }

  /** A task with a key is done once: the key is written in its transaction, or by itself when it is refused. */
  private async runTask(task: Task, again: boolean): Promise<Outcome> {
    const { key, eventId } = task;
    const run = async (client: PoolClient): Promise<Outcome> => {
      const known = key && (await readRecorded(client, [task], again)).get(key.id);
      if (known !== undefined) return { known };
      const outcome = await task.run(client, again);
      if (key !== undefined && outcome.made !== undefined)
        await writeKeys(client, eventId, [[task, outcome]]);
      return outcome;
    };
    const outcome = await this.connections.transaction(run, ({ made }) => made !== undefined);
    if (key === undefined || outcome.refused === undefined || !isKept(key, outcome)) return outcome;
    const others = await this.connections.use((client) =>
      decisive(client, () => writeRefused(client, eventId, [[task, outcome]])),
    );
    const known = others.get(key.id);
    return known === undefined ? outcome : { known };
  }

  private async isGone(backend: Backend | undefined): Promise<boolean> {
    if (backend === undefined) return false;
    const row = await this.connections.use((client) =>
      queryOne(client, endBackend, [backend.pid, backend.startedAt]),
    );
    return row?.gone ?? true;
  }

  private async split(
    jobs: readonly Job[],
    error: unknown,
    serve: (part: readonly Job[]) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    if (jobs.length <= 1) {
      this.logger.error({ err: error, job: jobs[0] }, 'An order failed for a reason that nobody foresaw');
      const cause = error instanceof Error ? error : new Error(String(error));
      return jobs.map(() => ({ ...refusedFor({ code: 'internal_error' }), cause }));
    }
    const middle = Math.ceil(jobs.length / 2);
    const before = await serve(jobs.slice(0, middle));
    return [...before, ...(await serve(jobs.slice(middle)))];
  }

  private giveUp(jobs: readonly Job[], error: unknown): Outcome[] {
    this.logger.warn({ err: error, jobs: jobs.length }, 'Orders were refused; nothing was changed');
    const code: RefusalCode = classifyFailure(error) === 'conflict' ? 'overloaded' : 'database_unavailable';
    return jobs.map(() => refusedFor({ code }));
  }
}

/** @returns those who want tickets, if there are any. */
function takesOf(jobs: readonly Job[]): readonly [TakeOrder, ...TakeOrder[]] | undefined {
  const [first, ...rest] = jobs.filter(
    (job): job is TakeOrder => job.kind === 'buy' || job.kind === 'reserve',
  );
  return first === undefined ? undefined : [first, ...rest];
}

/** What a client can look for whose outcome is not known. */
function nameOf(job: Job): Record<string, string> {
  switch (job.kind) {
    case 'task':
      return { id: job.id };
    case 'buy':
      return { purchase_id: job.id };
    case 'pay':
    case 'settle':
      return { payment_id: job.id };
    case 'refund':
    case 'refunded':
      return job.purchaseId === null ? { refund_id: job.id } : { purchase_id: job.purchaseId };
    default:
      return { reservation_id: job.id };
  }
}

/** An id that is there already is the order's own success: nobody else has it. */
function isMadeAlready(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    error.code === '23505' &&
    /^pk_(purchases|reservations|holds|payments|refunds|idempotency_keys)$/.test(error.constraint ?? '')
  );
}

/** Twice as long each time, and never the same for two instances that met. */
async function pause(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  await sleep(longest * (0.5 + Math.random() / 2));
}
