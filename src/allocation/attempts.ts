import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import { Connections } from '../database/connections';
import { type Backend, classifyFailure, type Failure, LostOutcomeError } from '../database/errors';
import { queryOne } from '../database/sql';
import { type Problem, type RefusalCode } from '../refusals';
import type { Outcome, PurchaseOrder } from './orders';
import { Sale } from './sale';
import { endBackend } from './statements';
import { GuardError } from './steps';
import type { StockHint } from './stock-hint';

/** How long the outcome of a group may stay open before its clients are told so. */
const RESOLVE_WITHIN_MS = 5_000;
/** A group that met other transactions is tried this often in all. */
const MAX_CONFLICTS = 6;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 400;

/**
 * Sells to a group whatever goes wrong, and answers every order exactly once.
 *
 * - It met another transaction: again, after a pause with jitter.
 * - The data of one order is bad in a way that nobody foresaw: its neighbours must not suffer. The group is split
 *   until the culprit is alone.
 * - An order is a purchase already: it recognises itself, and its neighbours are sold to.
 * - The answer to a COMMIT was lost: see {@link Attempts.resolve}.
 */
@Injectable()
export class Attempts {
  private readonly logger = new Logger('Allocation');

  constructor(
    private readonly sale: Sale,
    private readonly connections: Connections,
  ) {}

  /** @returns one outcome for each order, in order; a `refused` also stands for 500 and 503. Never throws. */
  async serve(orders: readonly PurchaseOrder[], hint: StockHint): Promise<Outcome[]> {
    let mayBeMade = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await (mayBeMade ? this.sale.sellAgain(orders, hint) : this.sale.sell(orders, hint));
      } catch (error) {
        if (error instanceof LostOutcomeError) return this.resolve(orders, hint, error);
        if (!mayBeMade && isMadeAlready(error)) {
          mayBeMade = true;
          continue;
        }
        const failure = failureOf(error);
        if (failure === 'data' || failure === 'bug') {
          return this.split(orders, error, (part) => this.serve(part, hint));
        }
        // Nothing was committed: an interrupted transaction is rolled back by the server.
        if (failure !== 'conflict' || attempt === MAX_CONFLICTS) return this.giveUp(orders, error);
      }
      await pause(attempt);
    }
  }

  /**
   * The connection died while it was committing: the outcome is unknown, and the old server process may still be
   * at it. First that process is ended, or is seen to have gone, so that nothing arrives late. Then the same orders
   * are sent again with the same ids, under the same row locks, where each recognises what it did the first time.
   * Never a new id, never two answers, never two sales.
   */
  private async resolve(
    orders: readonly PurchaseOrder[],
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
        if (unsettled.size === 0) return await this.sale.sellAgain(orders, hint);
      } catch (error) {
        if (error instanceof LostOutcomeError) unsettled.add(error.backend);
        else if (failureOf(error) === 'data' || failureOf(error) === 'bug') {
          return this.split(orders, error, (part) => this.resolve(part, hint, lost, deadline));
        }
      }
      await pause(attempt);
    }
    this.logger.error({ err: lost, orders: orders.map(({ id }) => id) }, 'The outcome of orders is unknown');
    return orders.map(({ id }) => ({ refused: { code: 'outcome_unknown', meta: { purchase_id: id } } }));
  }

  private async isGone(backend: Backend | undefined): Promise<boolean> {
    if (backend === undefined) return false;
    const row = await this.connections.use((client) =>
      queryOne(client, endBackend, [backend.pid, backend.startedAt]),
    );
    return row?.gone ?? true;
  }

  private async split(
    orders: readonly PurchaseOrder[],
    error: unknown,
    serve: (part: readonly PurchaseOrder[]) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    if (orders.length <= 1) {
      this.logger.error({ err: error, order: orders[0] }, 'An order failed for a reason that nobody foresaw');
      const cause = error instanceof Error ? error : new Error(String(error));
      return orders.map(() => ({ refused: { code: 'internal_error' }, cause }));
    }
    const middle = Math.ceil(orders.length / 2);
    const before = await serve(orders.slice(0, middle));
    return [...before, ...(await serve(orders.slice(middle)))];
  }

  private giveUp(orders: readonly PurchaseOrder[], error: unknown): Outcome[] {
    this.logger.warn({ err: error, orders: orders.length }, 'Orders were refused; nothing was changed');
    const code: RefusalCode = failureOf(error) === 'conflict' ? 'overloaded' : 'database_unavailable';
    return refuseAll(orders, { code });
  }
}

function failureOf(error: unknown): Failure {
  return error instanceof GuardError ? 'conflict' : classifyFailure(error);
}

/** An id that is there already is the order's own success: nobody else has it. */
function isMadeAlready(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '23505' && error.constraint === 'pk_purchases';
}

function refuseAll(orders: readonly PurchaseOrder[], refused: Problem): Outcome[] {
  return orders.map(() => ({ refused }));
}

/** Twice as long each time, and never the same for two instances that met. */
async function pause(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  await sleep(longest * (0.5 + Math.random() / 2));
}
