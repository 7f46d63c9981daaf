import { Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { Refusal, refusal } from '../refusals';
import { classifyFailure, LostOutcomeError, mayPanic, NotConnectedError } from './errors';
import { Gate } from './gate';
import { backendOf } from './session';

/** How many connections there are for everything but the lanes; a class, so that it can be injected. */
export class ConnectionSettings {
  constructor(readonly besideLanes: number) {}
}

/** How the pool is doing. */
export interface PoolState {
  /** Connections that are open, and those of them that nobody has. */
  readonly open: number;
  readonly idle: number;
  /** How many wait for a connection, and how many for being let to the pool, which is for all but the lanes. */
  readonly waiting: number;
  readonly atGate: number;
}

/** Lends the connections of the pool, and knows which of them can be lent again. */
@Injectable()
export class Connections {
  /** Set once the database is there with the schema of this code; before that nothing is lent. */
  isOpen = false;

  private readonly gate: Gate;

  constructor(
    private readonly dataSource: DataSource,
    settings: ConnectionSettings,
  ) {
    this.gate = new Gate(settings.besideLanes);
  }

  /** How many connections there are, and how many wait for one. */
  get pool(): PoolState {
    const { totalCount: open = 0, idleCount: idle = 0, waitingCount: waiting = 0 } = this.master ?? {};
    return { open, idle, waiting, atGate: this.gate.depth };
  }

  /**
   * Lends a connection for the time of `work`.
   *
   * @throws NotConnectedError when none could be had, so that nothing was sent; else whatever `work` throws.
   */
  async use<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.acquire();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // After an ordinary error of a statement the connection is as good as new.
      const kind = classifyFailure(error);
      client.release(kind === 'interrupted' || kind === 'bug' || error instanceof LostOutcomeError);
      throw error;
    }
  }

  /**
   * Runs `work` in a transaction. When it throws, nothing of it stays.
   *
   * @param worthCommitting asked when `work` has come to its end; if not, the transaction is rolled back
   * @throws LostOutcomeError when the answer to COMMIT did not come; NotConnectedError; what `work` throws.
   */
  async transaction<T>(
    work: (client: PoolClient) => Promise<T>,
    worthCommitting: (result: T) => boolean = () => true,
  ): Promise<T> {
    return this.use(async (client) => {
      await client.query('BEGIN');
      let result: T;
      try {
        result = await work(client);
      } catch (error) {
        await rollBack(client, error);
        throw error;
      }
      if (!worthCommitting(result)) {
        await client.query('ROLLBACK');
        return result;
      }
      await decisive(client, () => commit(client));
      return result;
    });
  }

  /**
   * A transaction whose BEGIN travels with the first statements and whose COMMIT with the last, so that it takes two
   * round trips where it would take five.
   *
   * @param work sends its first statements and awaits them together with `begun`; then decides, and sends what is to
   *   be written without awaiting it. What must not be committed has to fail in the database, since COMMIT is on its
   *   way by then; after a failed statement it rolls back.
   * @throws LostOutcomeError when the answer to COMMIT did not come; NotConnectedError; what `work` throws.
   */
  async pipeline<T>(work: (client: PoolClient, begun: Promise<unknown>) => Promise<Written<T>>): Promise<T> {
    return this.use(async (client) => {
      const begun = begin(client);
      let written: Written<T>;
      try {
        written = await work(client, begun);
      } catch (error) {
        await rollBack(client, error);
        throw error;
      }
      if (written.statements.length === 0) {
        await client.query('ROLLBACK');
        return written.result;
      }
      await decisive(client, () => allOf([...written.statements, commit(client)]));
      return written.result;
    });
  }

  /**
   * A transaction that is sent whole, in one flight. What must not be committed has to fail in the database.
   *
   * @param send sends the statements, without awaiting them
   * @param lockMs how long it waits for each lock, if that is another time than that of the session
   * @returns what the last of them answered
   * @throws LostOutcomeError when the answer to COMMIT did not come; NotConnectedError; what the statements throw.
   */
  async flight<T>(
    send: (client: PoolClient) => readonly [...Promise<unknown>[], Promise<T>],
    lockMs?: number,
  ): Promise<T> {
    return this.use((client) =>
      decisive(client, async () => {
        const begun = begin(client, lockMs);
        const statements = send(client);
        await allOf([begun, ...statements, commit(client)]);
        return statements[statements.length - 1] as Promise<T>;
      }),
    );
  }

  /** Runs `work`, which only reads, so that all its statements see the same moment. */
  async snapshot<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.use(async (client) => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      try {
        return await work(client);
      } finally {
        // An interrupted connection is closed by the one who lent it.
        await client.query('ROLLBACK').catch(() => undefined);
      }
    });
  }

  /**
   * For reads and for writes outside the lanes: they leave the lanes their connections, and failures of the database
   * become the refusals that a client gets.
   *
   * @param created what to name when it is open whether it was written
   * @throws Refusal `overloaded` or `database_unavailable` when nothing was changed, `outcome_unknown` when that is
   *   open.
   */
  async answer<T>(work: (client: PoolClient) => Promise<T>, created?: Record<string, string>): Promise<T> {
    try {
      return await this.gate.pass(() => this.use(work));
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (error instanceof LostOutcomeError) {
        throw refusal('outcome_unknown', created === undefined ? {} : { meta: created });
      }
      const kind = classifyFailure(error);
      if (kind === 'unavailable' || kind === 'interrupted') throw refusal('database_unavailable');
      throw error;
    }
  }

  private async acquire(): Promise<PoolClient> {
    if (!this.isOpen) throw new NotConnectedError('the database is not ready yet');
    const { master } = this;
    if (master === undefined) throw new NotConnectedError('the database is not ready yet');
    try {
      return await master.connect();
    } catch (error) {
      throw new NotConnectedError('no connection to the database could be had', { cause: error });
    }
  }

  /** TypeORM keeps its pg.Pool here, once it has one; its own query runner has no place for prepared statements. */
  private get master(): Pool | undefined {
    return (this.dataSource.driver as unknown as { master?: Pool }).master;
  }
}

/** What a pipeline has come to: its result, and the statements that were sent to write it; none when there is nothing to commit. */
interface Written<T> {
  readonly result: T;
  readonly statements: readonly Promise<unknown>[];
}

/** Sends BEGIN. Its failure is that of everything behind it, so nobody has to wait for it. */
function begin(client: PoolClient, lockMs?: number): Promise<unknown> {
  const begun = client.query(lockMs === undefined ? 'BEGIN' : `BEGIN; SET LOCAL lock_timeout = ${lockMs}`);
  begun.catch(() => undefined);
  return begun;
}

async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}`);
}

/** An interrupted connection is not asked again; closing it rolls back as well. */
async function rollBack(client: PoolClient, error: unknown): Promise<void> {
  if (classifyFailure(error) !== 'interrupted') await client.query('ROLLBACK').catch(() => undefined);
}

/**
 * Awaits statements that were sent together. All of them have been answered when it returns, or throws.
 *
 * @throws the error of the first that failed: the others only fail after it
 */
export async function allOf<const T extends readonly Promise<unknown>[]>(
  sent: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(sent);
  return Promise.all(sent);
}

/**
 * Runs the statement that makes the work durable: COMMIT, or a single statement that is its own transaction.
 *
 * @throws LostOutcomeError when the connection ended before the answer, or with it; else the statement's own error.
 */
export async function decisive<T>(client: PoolClient, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const isOpen =
      classifyFailure(error) === 'interrupted' || (mayPanic(error) && !(await hasOutlived(client)));
    if (isOpen) throw new LostOutcomeError(backendOf(client), error);
    throw error;
  }
}

/** A server process that has survived its error has rolled back. The severity would tell, if the server did not translate it. */
async function hasOutlived(client: PoolClient): Promise<boolean> {
  return client.query('SELECT').then(
    () => true,
    () => false,
  );
}
