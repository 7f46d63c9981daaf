import type { Transaction } from './journal';
import type { Effect, Taken } from './model';
import { type Done, sentenceOf } from './operations';

/** Who did what: every effect was somebody's success, and every success had its effect, once. */
interface Evidence {
  readonly wrongs: readonly string[];
  /** For each transaction, by when it had certainly been committed: somebody had its answer. */
  readonly settledMs: readonly number[];
}

/**
 * Finds for each effect whose request had it.
 *
 * @param holdMs how long a reservation lasts if nobody extends it
 */
export function match(done: readonly Done[], transactions: readonly Transaction[], holdMs: number): Evidence {
  const bySubject = new Map<string, Done[]>();
  for (const each of done.filter(({ answer }) => answer.status >= 200 && answer.status < 300)) {
    const subject = subjectOf(each);
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), each]);
  }
  const wrongs: string[] = [];
  const explained = new Set<Done>();
  const settledMs = transactions.map((transaction) => {
    const answeredMs = transaction.effects.map((effect) => {
      const subject = effect.kind === 'resized' ? effect.option : effect.id;
      const found = (bySubject.get(subject) ?? []).filter(
        (each) =>
          isDuring(each, transaction) && hasEffect(each, effect, holdMs) && !isUsedUp(each, explained),
      );
      if (found.length === 0)
        wrongs.push(`nobody was told of ${JSON.stringify(effect)} in ${timesOf(transaction)}`);
      for (const each of found) explained.add(each);
      return found.length === 0 ? Infinity : Math.max(...found.map(({ answer }) => answer.answeredMs));
    });
    return Math.min(...answeredMs);
  });
  const lost = [...bySubject.values()].flat().filter((each) => hasOneEffect(each) && !explained.has(each));
  return {
    wrongs: [...wrongs, ...lost.map((each) => `${sentenceOf(each)}, but has no such effect`)],
    settledMs,
  };
}

function subjectOf({ operation, answer }: Done): string {
  if ('option' in operation) return operation.option;
  return 'id' in operation ? operation.id : (answer.body.data?.id ?? '');
}

/** Extending or cancelling again is a success without an effect; these have exactly one. */
function hasOneEffect({ operation: { kind } }: Done): boolean {
  return kind === 'buy' || kind === 'reserve' || kind === 'resize';
}

function isUsedUp(done: Done, explained: ReadonlySet<Done>): boolean {
  return hasOneEffect(done) && explained.has(done);
}

/** Whether a request was there before the transaction wrote, and its answer was not. */
function isDuring({ answer }: Done, { writtenMs }: Transaction): boolean {
  return answer.sentMs <= writtenMs && answer.answeredMs >= writtenMs;
}

function hasEffect({ operation, answer }: Done, effect: Effect, holdMs: number): boolean {
  switch (effect.kind) {
    case 'bought':
      return operation.kind === 'buy' && isTakenBy(operation, answer, effect);
    case 'reserved':
      return (
        operation.kind === 'reserve' &&
        isTakenBy(operation, answer, effect) &&
        effect.untilMs === effect.createdMs + holdMs &&
        effect.untilMs === Date.parse(String(answer.body.data?.attributes['expires_at']))
      );
    case 'extended':
      return operation.kind === 'extend' && operation.untilMs === effect.untilMs;
    case 'cancelled':
      return operation.kind === 'cancel';
    case 'resized':
      return operation.kind === 'resize' && operation.allocation === effect.allocation;
  }
}

/** Whether what was taken is what was asked for, and the service says when, while it was asked. */
function isTakenBy(
  { user, items }: Pick<Taken, 'user' | 'items'>,
  { body, sentMs, answeredMs }: Done['answer'],
  effect: Taken,
): boolean {
  return (
    user === effect.user &&
    JSON.stringify(items) === JSON.stringify(effect.items) &&
    effect.createdMs === Date.parse(String(body.data?.attributes['created_at'])) &&
    sentMs <= effect.createdMs &&
    effect.createdMs <= answeredMs
  );
}

function timesOf({ beganMs, writtenMs }: Transaction): string {
  return `a transaction from ${beganMs} to ${writtenMs}`;
}
