import { codeOf } from '../support/shop';
import { type Effect, type Item, type Taken, totalOf } from './effects';
import type { Transaction } from './journal';
import { type Done, isOpen, paymentOf, sentenceOf } from './operations';

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
  for (const each of done) {
    for (const subject of subjectsOf(each)) bySubject.set(subject, [...(bySubject.get(subject) ?? []), each]);
  }
  const wrongs: string[] = [];
  const had = new Map<Done, Set<Effect['kind']>>();
  // What a request does in several transactions: one begins when the one before is there.
  const goesOn = new Map<string, number>();
  const settledMs = [...transactions].reverse().map((transaction) => {
    const answeredMs = transaction.effects.map((effect) => {
      const subject = subjectOf(effect, transaction);
      if (subject === null) return Infinity;
      const found = (bySubject.get(subject) ?? []).filter(
        (each) =>
          isDuring(each, transaction) && hasEffect(each, effect, holdMs) && !isUsedUp(each, effect, had),
      );
      if (found.length === 0)
        wrongs.push(`nobody was told of ${JSON.stringify(effect)} in ${timesOf(transaction)}`);
      for (const each of found) had.set(each, (had.get(each) ?? new Set()).add(effect.kind));
      const toldMs = found.map((each) => (isOpen(each.answer) ? Infinity : each.answer.answeredMs));
      return Math.min(Math.max(...toldMs), goesOn.get(subject) ?? Infinity);
    });
    for (const effect of transaction.effects) {
      const subject = subjectOf(effect, transaction);
      if (subject !== null && isOfSeveral(effect)) goesOn.set(subject, transaction.writtenMs);
    }
    return Math.min(...answeredMs);
  });
  const lost = done.filter((each) => {
    const must = mustHave(each);
    return must !== undefined && had.get(each)?.has(must) !== true;
  });
  return {
    wrongs: [...wrongs, ...lost.map((each) => `${sentenceOf(each)}, but has no such effect`)],
    settledMs: settledMs.reverse(),
  };
}

/** @returns what a request may have changed; nothing when it was refused. */
function subjectsOf({ operation, event, answer }: Done): string[] {
  const { kind } = operation;
  if (kind === 'pay') {
    const payment = paymentOf(answer);
    return payment === undefined ? [] : [payment, operation.id];
  }
  if (kind === 'refund' && isOpen(answer)) return [operation.id];
  if (answer.status < 200 || answer.status >= 300) return [];
  if (kind === 'call off' || kind === 'count') return [event];
  if ('option' in operation) return [operation.option];
  return 'id' in operation ? [operation.id] : [answer.body.data?.id ?? ''];
}

/** @returns what an effect is about; nothing when it follows from another one. */
function subjectOf(effect: Effect, { effects }: Transaction): string | null {
  switch (effect.kind) {
    case 'resized':
      return effect.option;
    case 'became':
      return effect.payment;
    case 'repaid':
      return null;
    case 'refund begun':
    case 'refund done':
    case 'given back':
      return effect.purchase ?? effect.payment;
    case 'cancelled':
      return effects.find(({ kind }) => kind === 'event cancelled') === undefined ? effect.id : null;
    default:
      return effect.id;
  }
}

/** @returns the effect that a request has exactly once. Extending or cancelling again is a success without one. */
function mustHave({ operation, answer }: Done): Effect['kind'] | undefined {
  const isSuccess = answer.status >= 200 && answer.status < 300;
  switch (operation.kind) {
    case 'buy':
      return isSuccess ? 'bought' : undefined;
    case 'reserve':
      return isSuccess ? 'reserved' : undefined;
    case 'resize':
      return isSuccess ? 'resized' : undefined;
    case 'refund':
      return isSuccess || isOpen(answer) ? 'returned' : undefined;
    case 'pay':
      if (isSuccess) return 'paid';
      if (paymentOf(answer) === undefined) return undefined;
      if (isOpen(answer)) return 'paying';
      return codeOf(answer) === 'event_cancelled' ? 'turned back' : 'failed';
    default:
      return undefined;
  }
}

function isUsedUp(done: Done, { kind }: Effect, had: ReadonlyMap<Done, ReadonlySet<string>>): boolean {
  return mustHave(done) === kind && had.get(done)?.has(kind) === true;
}

/** Whether a request was there before the transaction wrote, and its answer was not, unless it was that it goes on. */
function isDuring({ answer }: Done, { writtenMs }: Transaction): boolean {
  return answer.sentMs <= writtenMs && (answer.answeredMs >= writtenMs || isOpen(answer));
}

/** Whether it is a later step of a request that has several transactions. */
function isOfSeveral(effect: Effect): boolean {
  switch (effect.kind) {
    case 'charged':
    case 'called off':
    case 'failed':
    case 'given back':
      return true;
    case 'refund done':
      return effect.cents > 0;
    default:
      return false;
  }
}

function hasEffect({ operation, answer }: Done, effect: Effect, holdMs: number): boolean {
  switch (effect.kind) {
    case 'bought':
      return operation.kind === 'buy' && isTakenBy(operation, answer, effect);
    case 'reserved':
      return (
        operation.kind === 'reserve' &&
        isTakenBy(operation, answer, effect) &&
        effect.untilMs === effect.atMs + holdMs &&
        effect.untilMs === Date.parse(String(answer.body.data?.attributes['expires_at']))
      );
    case 'extended':
      return operation.kind === 'extend' && operation.untilMs === effect.untilMs;
    case 'cancelled':
      return operation.kind === 'cancel' || (operation.kind === 'pay' && effect.wasPaying);
    case 'resized':
      return (
        operation.kind === 'resize' &&
        operation.allocation === effect.allocation &&
        operation.priceCents === effect.priceCents
      );
    case 'event cancelled':
      return operation.kind === 'call off';
    case 'returned':
      return operation.kind === 'refund';
    case 'refund begun':
    case 'refund done':
    case 'given back':
      return operation.kind === (effect.purchase === null ? 'pay' : 'refund');
    default:
      return operation.kind === 'pay' && isPossible(operation, effect) && isPaidBy(answer, effect);
  }
}

/** Whether what was taken is what was asked for, and the service says when and for how much, while it was asked. */
function isTakenBy(
  { user, items }: { user: string; items: readonly Item[] },
  { body, sentMs, answeredMs }: Done['answer'],
  effect: Taken,
): boolean {
  const told = body.data?.attributes ?? {};
  const taken = effect.items.map(({ option, quantity }) => ({ option, quantity }));
  return (
    user === effect.user &&
    JSON.stringify(items) === JSON.stringify(taken) &&
    told['total_cents'] === totalOf(effect.items) &&
    effect.atMs === Date.parse(String(told['created_at'])) &&
    sentMs <= effect.atMs &&
    effect.atMs <= answeredMs
  );
}

/** Whether it can have been paid like that. */
function isPossible({ by }: Extract<Done['operation'], { kind: 'pay' }>, effect: Effect): boolean {
  if (effect.kind !== 'paid') return true;
  const isCharged = by['token'] !== undefined && !REFUSED.has(by['token']);
  return by['currency'] === undefined && (isCharged || effect.cents === 0);
}

/** What the gateway does not take. */
const REFUSED: ReadonlySet<string> = new Set(['card_error', 'payment_error']);

/** Whether the payer was told the truth. */
function isPaidBy(answer: Done['answer'], effect: Effect): boolean {
  if (isOpen(answer)) return true;
  const { data, included } = answer.body;
  switch (effect.kind) {
    case 'paid':
      return data?.attributes['status'] === 'succeeded' && data.attributes['amount_cents'] === effect.cents;
    case 'became': {
      const purchase = included?.find(({ id }) => id === effect.id)?.attributes;
      return (
        purchase?.['status'] === 'completed' &&
        purchase['total_cents'] === totalOf(effect.items) &&
        purchase['quantity'] === effect.items[0]?.quantity
      );
    }
    case 'failed':
      return codeOf(answer) === (effect.code === 'voided' ? 'payment_error' : effect.code);
    case 'turned back':
      return codeOf(answer) === effect.code;
    default:
      return true;
  }
}

function timesOf({ beganMs, writtenMs }: Transaction): string {
  return `a transaction from ${beganMs} to ${writtenMs}`;
}
