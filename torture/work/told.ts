import type { Item } from '../../test/history/effects';

/** Something that a client wants. */
export type Wish =
  | { readonly kind: 'buy' | 'reserve'; readonly user: string; readonly items: readonly Item[] }
  | { readonly kind: 'extend'; readonly id: string; readonly untilMs: number }
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'read'; readonly id: string }
  | { readonly kind: 'pay'; readonly id: string; readonly token: string }
  /** A purchase is given back. */
  | { readonly kind: 'refund'; readonly id: string }
  | { readonly kind: 'resize'; readonly option: string; readonly allocation: number }
  | { readonly kind: 'look'; readonly option: string }
  | { readonly kind: 'call off' };

/** A resource as JSON:API has it. */
interface Resource {
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Problem {
  readonly code: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly source?: { readonly pointer?: string };
}

export interface Answer {
  /** 0 when the connection ended without an answer, or none came in time. */
  readonly status: number;
  /** Nobody listened, so that nothing was sent. */
  readonly isUnsent?: boolean;
  readonly body: {
    readonly data?: Resource;
    readonly included?: readonly Resource[];
    readonly errors?: readonly Problem[];
  };
}

/**
 * What came of it for the client: it was done, it was refused, nothing was changed since the service was in trouble, or nobody
 * knows.
 */
export type Outcome = 'done' | 'refused' | 'unchanged' | 'unknown';

/** One operation of a client, with all its retries, and what it was told in the end. */
export interface Told {
  readonly wish: Wish;
  readonly event: string;
  /** The options that it is about. */
  readonly options: readonly string[];
  /** The key that made its retries one operation; without one it was sent once. */
  readonly key: string | undefined;
  readonly tries: number;
  /** Which instance gave the answer. */
  readonly instance: number;
  /** When it was first sent and when it was answered in the end, in milliseconds. */
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly outcome: Outcome;
  readonly answer: Answer;
}

/** @returns what was refused first, or the status of a success; 0 when there was no answer, `unsent` when there was no question */
export function codeOf({ status, body, isUnsent }: Answer): string {
  if (isUnsent === true) return 'unsent';
  return body.errors?.[0]?.code ?? String(status);
}

/** What is worth another try with the same key. */
const OPEN: ReadonlySet<string> = new Set(['0', 'outcome_unknown', 'internal_error']);
const UNCHANGED: ReadonlySet<string> = new Set([
  ...['unsent', 'overloaded', 'database_unavailable', 'idempotency_key_in_flight'],
]);

/** @returns what an answer means to a client that has sent its request once */
export function outcomeOf(answer: Answer): Outcome {
  const code = codeOf(answer);
  if (OPEN.has(code)) return 'unknown';
  if (UNCHANGED.has(code)) return 'unchanged';
  return answer.status < 300 ? 'done' : 'refused';
}

/** @returns the attempt to pay that an answer is about */
export function paymentOf({ answer: { body } }: Told): string | undefined {
  if (body.data !== undefined) return body.data.id;
  const id = body.errors?.[0]?.meta?.['payment_id'];
  return typeof id === 'string' ? id : undefined;
}

export function isTake(wish: Wish): wish is Extract<Wish, { kind: 'buy' | 'reserve' }> {
  return wish.kind === 'buy' || wish.kind === 'reserve';
}

/** For people. */
export function sentenceOf({ wish, answer, sentMs, answeredMs, tries }: Told): string {
  const code = codeOf(answer);
  return `${JSON.stringify(wish)} was told ${code} from ${sentMs} to ${answeredMs}, after ${tries} tries`;
}
