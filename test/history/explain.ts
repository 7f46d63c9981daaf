import { type Claim, claimsOf } from './claims';
import { match } from './evidence';
import type { Transaction } from './journal';
import { type Effect, Model, type Option } from './model';
import { type Done, sentenceOf } from './operations';

/** What was done to one event, and what happened to it in which order. */
export interface History {
  readonly done: readonly Done[];
  readonly transactions: readonly Transaction[];
  /** As they were in the beginning. */
  readonly options: ReadonlyMap<string, Option>;
}

export interface Rules {
  readonly holdMs: number;
  readonly holdMaxMs: number;
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
    const untilMs = settledMs[index] ?? Infinity;
    close(open, sinceMs, untilMs, (claim, firstMs, lastMs) => wasTrue(claim, model, firstMs, lastMs));
    close(open, transaction.beganMs, untilMs, (claim) => wasTrueAmid(claim, model, transaction));
    wrongs.push(...apply(transaction, model, rules));
    sinceMs = transaction.writtenMs;
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
  const instants = before.instants(claim.options, decidedMs(transaction), createdMs(effects) ?? writtenMs);
  return [...instants].some((atMs) => claim.wasTrueAmid?.(before, effects, atMs));
}

/** @returns when a transaction looked at the clock, which it tells if it took anything; or the first moment at which it can have. */
function decidedMs({ effects, beganMs }: Transaction): number {
  return createdMs(effects) ?? beganMs;
}

function createdMs(effects: readonly Effect[]): number | undefined {
  return effects.flatMap((effect) => ('createdMs' in effect ? [effect.createdMs] : []))[0];
}

/** Lets the model follow. @returns what a transaction should not have done */
function apply(transaction: Transaction, model: Model, rules: Rules): string[] {
  const { effects, beganMs, writtenMs } = transaction;
  const firstMs = decidedMs(transaction);
  const lastMs = createdMs(effects) ?? writtenMs;
  const wrongs = effects.flatMap((effect) => changeWrongs(effect, model, firstMs, rules));
  const isOneMoment = effects.every((effect) => !('createdMs' in effect) || effect.createdMs === firstMs);
  if (!isOneMoment || firstMs < beganMs || lastMs > writtenMs) {
    wrongs.push(`a transaction says that it was at ${firstMs}, but was from ${beganMs} to ${writtenMs}`);
  }
  for (const effect of effects) model.apply(effect);
  return [...wrongs, ...effects.flatMap((effect) => stateWrongs(effect, model, lastMs))];
}

/** What is wrong with changing a reservation as it was. */
function changeWrongs(effect: Effect, model: Model, atMs: number, { holdMaxMs }: Rules): string[] {
  if (effect.kind !== 'extended' && effect.kind !== 'cancelled') return [];
  const { createdMs: madeMs, isCancelled, untilMs } = model.reservation(effect.id);
  const name = `reservation ${effect.id} was ${effect.kind} at ${atMs} or later`;
  return [
    ...(isCancelled ? [`${name}, although it was cancelled`] : []),
    ...(atMs >= untilMs ? [`${name}, although it was over at ${untilMs}`] : []),
    ...(effect.kind === 'extended' && effect.untilMs > madeMs + holdMaxMs ? [`${name}, for too long`] : []),
  ];
}

/** What is wrong after it. */
function stateWrongs(effect: Effect, model: Model, atMs: number): string[] {
  if (effect.kind === 'extended' || effect.kind === 'cancelled') return [];
  const options = effect.kind === 'resized' ? [effect.option] : effect.items.map(({ option }) => option);
  const oversold = options
    .map((option) => ({ option, left: model.remaining(option, atMs) }))
    .filter(({ left }) => left < 0)
    .map(({ option, left }) => `option ${option} has ${left} remaining at ${atMs}`);
  if (effect.kind === 'resized') return oversold;
  const scopes = options.flatMap((option) => [
    model.scopeOf(option, 'ticket_option'),
    model.scopeOf(option, 'event'),
  ]);
  const passed = scopes
    .map(({ options: within, limit }) => ({ limit, has: model.has(effect.user, within, atMs) }))
    .filter(({ limit, has }) => has > limit)
    .map(({ limit, has }) => `user ${effect.user} has ${has} at ${atMs}, over the limit of ${limit}`);
  return [...oversold, ...passed];
}
