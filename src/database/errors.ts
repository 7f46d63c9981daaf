import { DatabaseError } from 'pg';

/** The database answers, but not as the promises need it (too old, not durable). The message is one sentence. */
export class UnfitDatabaseError extends Error {}

/** No connection could be had, so nothing was sent and nothing changed. */
export class NotConnectedError extends Error {}

/**
 * What was decided did not come out of the statement that was to write it: somebody else was faster, or the guess was
 * wrong. Nothing was written.
 */
export class GuardError extends Error {}

/**
 * A statement was sent whose effect may be durable, and its answer never came.
 * Only the database knows now; see `allocation/attempts.ts` for how it is asked.
 */
export class LostOutcomeError extends Error {
  constructor(
    /** The server process that may still be at it. */
    readonly backend: Backend | undefined,
    cause: unknown,
  ) {
    super('the answer of the database was lost', { cause });
  }
}

/** One server process, told apart from a later one that got the same process id. */
export interface Backend {
  readonly pid: number;
  readonly startedAt: string;
}

/**
 * What a failed statement means for the work that it belongs to:
 *
 * - `conflict`: it met another transaction; the same work can succeed when it is done again;
 * - `data`: the data is at fault; the same work fails again (SQLSTATE classes 22 and 23);
 * - `unavailable`: the server's trouble; nothing was changed;
 * - `interrupted`: the connection or the server process ended meanwhile; whether a COMMIT got through is open;
 * - `bug`: anything else, for example a syntax error.
 */
export type Failure = 'conflict' | 'data' | 'unavailable' | 'interrupted' | 'bug';

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function classifyFailure(error: unknown): Failure {
  if (error instanceof GuardError) return 'conflict';
  if (error instanceof NotConnectedError) return 'unavailable';
  if (!(error instanceof DatabaseError)) return isConnectionError(error) ? 'interrupted' : 'bug';
  const state = error.code ?? '';
  // 40003 says it in so many words: statement completion unknown.
  if (state === '40003') return 'interrupted';
  if (state.startsWith('40')) return 'conflict';
  if (state.startsWith('22') || state.startsWith('23')) return 'data';
  // 57P03: the server does not take connections yet. 57014 (statement timeout, cancel) can strike a statement
  // that has committed already, as can 57P01 and 57P02 (shutdown, crash of a neighbour).
  if (state === '57P03') return 'unavailable';
  if (state.startsWith('57') || state.startsWith('08')) return 'interrupted';
  // 55P03 lock not available in time, 25006 read-only server, 53 out of resources, 58 I/O trouble, 25P03 idle in
  // transaction for too long, 42501/28/3D no access (any more).
  if (/^(55P03|25006|25P03|53|58|28|3D|42501)/.test(state)) return 'unavailable';
  return 'bug';
}

/**
 * Whether a server process may have ended with this error. One that cannot write its log panics, and says nothing else than
 * others whose disk is full (53100): the part of the log with the COMMIT in it may have been written before. So it is with
 * trouble of input and output (58) and with what should never happen (XX).
 */
export function mayPanic(error: unknown): boolean {
  return error instanceof DatabaseError && /^(53|58|XX)/.test(error.code ?? '');
}

/** node-postgres reports lost connections as plain errors, with a system code or one of these sentences. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return true;
  return /connection terminated|connection error|not queryable|client was closed|query read timeout/i.test(
    error.message,
  );
}
