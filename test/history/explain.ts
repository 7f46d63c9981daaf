import { type Claim, claimsOf } from './claims';
import { isElsewhere } from './effects';
import { match } from './evidence';
import { follow } from './follow';
import type { Transaction } from './journal';
import { Model, type Option } from './model';
import { type Done, sentenceOf } from './operations';
import { decidedMs, type Rules, toldMs } from './rules';

/** What was done to one event, and what happened to it in which order. */
export interface History {
  readonly done: readonly Done[];
  readonly transactions: readonly Transaction[];
  /** As they were in the beginning. */
  readonly options: ReadonlyMap<string, Option>;
}

/** Of an answer, what it claims and is not yet known to have been true. */
interface Open {
  readonly done: Done;
  claims: Claim[];
}

/** Longer than anybody waits between the clock and the commit. */
const MEMORY_MS = 5_000;

/**
 * Repeats what happened on the model, and looks whether everything that was told was true when it was told.
 *
 * Between two transactions there is a state. It begins when the first has written, or later, and is over when
 * somebody has the answer of the second, or earlier. Whoever asked in that time may have seen it, with whatever had
 * run out by then.
 *
 * @returns whatever the model cannot explain, and the model at the end
 */
export function explain(
  { done, transactions, options }: History,
  rules: Rules,
): { wrongs: string[]; model: Model } {
  const model = new Model(options);
  const { wrongs: unmatched, settledMs } = match(done, transactions, rules.holdMs);
  const wrongs = [...unmatched];
  const open: Open[] = [];
  for (const each of done) {
    const claims = claimsOf(each, model, rules.holdMaxMs);
    if (claims === undefined) wrongs.push(`${sentenceOf(each)}, which cannot be`);
    else if (claims.length > 0) open.push({ done: each, claims });
  }

  let sinceMs = -Infinity;
  for (const [index, transaction] of transactions.entries()) {
    // What the gateway does is nobody's state: nothing is said of it.
    if (!transaction.effects.every(isElsewhere)) {
      const untilMs = settledMs[index] ?? Infinity;
      close(open, sinceMs, untilMs, (claim, firstMs, lastMs) => wasTrue(claim, model, firstMs, lastMs));
      close(open, transaction.beganMs, untilMs, (claim) => wasTrueAmid(claim, model, transaction));
      sinceMs = transaction.writtenMs;
    }
    wrongs.push(...follow(transaction, model, rules));
    model.forget(sinceMs - MEMORY_MS);
  }
  close(open, sinceMs, Infinity, (claim, firstMs, lastMs) => wasTrue(claim, model, firstMs, lastMs));
  return {
    wrongs: [...wrongs, ...open.map((each) => `${sentenceOf(each.done)}, which was true at no instant`)],
    model,
  };
}

/** Strikes out what is true of those answers that may have seen this time. */
function close(
  open: Open[],
  sinceMs: number,
  untilMs: number,
  isTrue: (claim: Claim, firstMs: number, lastMs: number) => boolean,
): void {
  for (const each of open) {
    const { sentMs, answeredMs } = each.done.answer;
    const [firstMs, lastMs] = [Math.max(sentMs, sinceMs), Math.min(answeredMs, untilMs)];
    if (firstMs <= lastMs) each.claims = each.claims.filter((claim) => !isTrue(claim, firstMs, lastMs));
  }
  const left = open.filter(({ claims }) => claims.length > 0);
  if (left.length < open.length) open.splice(0, open.length, ...left);
}

function wasTrue(claim: Claim, model: Model, firstMs: number, lastMs: number): boolean {
  return [...model.instants(claim.options, firstMs, lastMs)].some((atMs) => claim.isTrue(model, atMs));
}

function wasTrueAmid(claim: Claim, before: Model, transaction: Transaction): boolean {
  if (claim.wasTrueAmid === undefined) return false;
  const { effects, writtenMs } = transaction;
  const instants = before.instants(claim.options, decidedMs(transaction), toldMs(effects) ?? writtenMs);
  return [...instants].some((atMs) => claim.wasTrueAmid?.(before, effects, atMs));
}
