import type { Model, Operation } from './linearizable';

/** What happened to one ticket option; `id` is that of a reservation, and quantities are tickets of this option. */
export type OptionInput =
  | { readonly kind: 'buy'; readonly quantity: number; readonly atMs: number }
  | {
      readonly kind: 'reserve';
      readonly id: string;
      readonly quantity: number;
      readonly atMs: number;
      readonly untilMs: number;
    }
  | { readonly kind: 'extend'; readonly id: string; readonly untilMs: number }
  /** Cancelled, or found that there was nothing to cancel. */
  | { readonly kind: 'cancel'; readonly id: string }
  /** A charge begins; it succeeds, or it comes to nothing. */
  | { readonly kind: 'begin'; readonly id: string }
  | { readonly kind: 'settle' | 'fail'; readonly id: string }
  | { readonly kind: 'refund'; readonly quantity: number }
  | { readonly kind: 'resize'; readonly allocation: number }
  | { readonly kind: 'call off' }
  /** Counters were told; those that were not are left out. */
  | ({ readonly kind: 'look' } & Partial<Counters>)
  /** More was asked for than there was. */
  | { readonly kind: 'too many'; readonly quantity: number }
  | { readonly kind: 'called off before' };

export interface Counters {
  readonly allocation: number;
  readonly sold: number;
  readonly reserved: number;
  readonly remaining: number;
}

interface Hold {
  readonly quantity: number;
  readonly untilMs: number;
  readonly isPaying: boolean;
}

export interface OptionState {
  readonly allocation: number;
  readonly sold: number;
  readonly isCalledOff: boolean;
  /** Whoever writes looks at the clock under the lock, so no later writer sees an earlier time. */
  readonly clockMs: number;
  readonly holds: ReadonlyMap<string, Hold>;
}

/** Nobody looks at the clock and answers so much later: a hold that was over before that need not be kept. */
const MEMORY_MS = 20_000;

/** Clients' and database's clocks are the same one here, in whole milliseconds. */
const ROUNDED_MS = 1;

/**
 * One ticket option as its clients see it: an allocation, what is sold, and holds that count until their instant.
 *
 * That a hold is over is nobody's operation. It follows from the clock, and which time an operation saw is known only
 * within bounds: somewhere between its call and its return, and under the lock not before the writers ahead of it.
 * Where a success says when it was decided (`created_at`), that is the time. Where it is open, a writer gets the
 * earliest that fits, which leaves most to those behind it; a reader fits if any time does.
 */
export function optionModel(allocation: number): Model<OptionState, OptionInput> {
  const initial = { allocation, sold: 0, isCalledOff: false, clockMs: 0, holds: new Map<string, Hold>() };
  return { initial, step, isRead, isLost, unnoticed, textOf };
}

function isRead(_state: OptionState, { kind }: OptionInput): boolean {
  return kind === 'look' || kind === 'too many' || kind === 'called off before';
}

/** Somebody behind it in time has written before it. */
function isLost({ clockMs }: OptionState, { input }: Operation<OptionInput>): boolean {
  return 'atMs' in input && input.atMs < clockMs;
}

function textOf({ allocation, sold, isCalledOff, clockMs, holds }: OptionState): string {
  const held = [...holds].map(
    ([id, { quantity, untilMs, isPaying }]) => `${id}:${quantity}${isPaying ? 'p' : `@${untilMs}`}`,
  );
  return `${allocation} ${sold} ${isCalledOff ? 'off' : 'on'} ${clockMs} ${held.sort().join(' ')}`;
}

function step(state: OptionState, operation: Operation<OptionInput>): OptionState[] {
  const { input } = operation;
  switch (input.kind) {
    case 'buy':
    case 'reserve':
      return take(state, input, operation);
    case 'extend':
    case 'begin':
      return change(state, input, operation);
    case 'cancel':
      return cancel(state, input.id, operation);
    case 'settle':
    case 'fail':
      return end(state, input);
    case 'refund':
      return state.sold < input.quantity ? [] : [{ ...state, sold: state.sold - input.quantity }];
    case 'resize':
      return resize(state, input.allocation, operation);
    case 'call off': {
      const holds = new Map([...state.holds].filter(([, { isPaying }]) => isPaying));
      return [{ ...state, isCalledOff: true, holds }];
    }
    case 'called off before':
      return state.isCalledOff ? [state] : [];
    case 'too many':
      return sees(state, operation, ({ remaining }) => remaining < input.quantity) ? [state] : [];
    case 'look':
      return sees(state, operation, (now) => isAsTold(now, input)) ? [state] : [];
  }
}

/**
 * How long a hold lasts, and whether it is being paid, does not show in any counter before the time at which it is over. So
 * it does not matter when it changed, if whoever may be before was answered by then, and is about something else. (Whoever
 * writes and has no answer has seen an earlier time than this operation.)
 */
function unnoticed(
  state: OptionState,
  { input, returnMs }: Operation<OptionInput>,
  others: readonly Operation<OptionInput>[],
): OptionState | undefined {
  if (input.kind === 'cancel') return nothingToCancel(state, input.id, others) ? state : undefined;
  if (input.kind !== 'extend' && input.kind !== 'begin' && input.kind !== 'fail') return undefined;
  const found = state.holds.get(input.id);
  if (found?.isPaying !== (input.kind === 'fail') || state.isCalledOff) return undefined;
  // A writer ahead of it has seen it over.
  if (state.clockMs >= found.untilMs) return undefined;
  const isBefore = (endMs: number): boolean => endMs + ROUNDED_MS < found.untilMs;
  const isApart = ({ input: other, returnMs: endMs }: Operation<OptionInput>): boolean =>
    other.kind !== 'call off' &&
    !('id' in other && other.id === input.id) &&
    (endMs === Infinity || isBefore(endMs));
  const untilMs = input.kind === 'extend' ? input.untilMs : found.untilMs;
  if (untilMs < found.untilMs || !isBefore(returnMs) || !others.every(isApart)) return undefined;
  return hold(state, input.id, { ...found, untilMs, isPaying: input.kind === 'begin' });
}

/** Whether there is no such hold, and none can come before it is cancelled. */
function nothingToCancel(
  { holds }: OptionState,
  id: string,
  others: readonly Operation<OptionInput>[],
): boolean {
  return !holds.has(id) && !others.some(({ input }) => input.kind === 'reserve' && input.id === id);
}

function isAsTold(now: Counters, told: Partial<Counters>): boolean {
  const names = ['allocation', 'sold', 'reserved', 'remaining'] as const;
  return names.every((name) => told[name] === undefined || told[name] === now[name]);
}

/** @returns the counters at a time, with what is over counted back. */
export function countersAt({ allocation, sold, holds }: OptionState, atMs: number): Counters {
  let reserved = 0;
  for (const { quantity, untilMs, isPaying } of holds.values())
    if (isPaying || untilMs > atMs) reserved += quantity;
  return { allocation, sold, reserved, remaining: allocation - sold - reserved };
}

/** Whether a reader may have seen this at a time while it was asked. */
function sees(
  state: OptionState,
  { callMs, returnMs }: Operation<OptionInput>,
  isIt: (counters: Counters) => boolean,
): boolean {
  const [fromMs, toMs] = [callMs - ROUNDED_MS, returnMs + ROUNDED_MS];
  if (isIt(countersAt(state, fromMs))) return true;
  for (const { untilMs, isPaying } of state.holds.values()) {
    const isMeanwhile = !isPaying && untilMs > fromMs && untilMs <= toMs;
    if (isMeanwhile && isIt(countersAt(state, untilMs))) return true;
  }
  return false;
}

/** @returns the earliest time that a writer can have had, from which on something is so; nothing when it never is */
function earliest(
  state: OptionState,
  { callMs, returnMs }: Operation<OptionInput>,
  isSo: (counters: Counters) => boolean,
): number | undefined {
  const firstMs = Math.max(state.clockMs, callMs - ROUNDED_MS);
  const ends = [...state.holds.values()].flatMap(({ untilMs, isPaying }) =>
    !isPaying && untilMs > firstMs && untilMs <= returnMs + ROUNDED_MS ? [untilMs] : [],
  );
  return [firstMs, ...ends.sort((one, other) => one - other)].find((atMs) => isSo(countersAt(state, atMs)));
}

function take(
  state: OptionState,
  input: Extract<OptionInput, { kind: 'buy' | 'reserve' }>,
  { callMs, returnMs }: Operation<OptionInput>,
): OptionState[] {
  const { atMs, quantity } = input;
  const isMeanwhile = atMs >= callMs - ROUNDED_MS && atMs <= returnMs + ROUNDED_MS;
  const isFree = countersAt(state, atMs).remaining >= quantity;
  if (!isMeanwhile || atMs < state.clockMs || state.isCalledOff || !isFree) return [];
  if (input.kind === 'buy') return [{ ...state, clockMs: atMs, sold: state.sold + quantity }];
  const { id, untilMs } = input;
  return [hold({ ...state, clockMs: atMs }, id, { quantity, untilMs, isPaying: false })];
}

/** Extends a hold, which never shortens it, or begins to pay it: only while it lasts. */
function change(
  state: OptionState,
  input: Extract<OptionInput, { kind: 'extend' | 'begin' }>,
  { callMs }: Operation<OptionInput>,
): OptionState[] {
  const clockMs = Math.max(state.clockMs, callMs - ROUNDED_MS);
  const found = state.holds.get(input.id);
  if (found === undefined || found.isPaying || found.untilMs <= clockMs) return [];
  if (input.kind === 'extend' && input.untilMs < found.untilMs) return [];
  const changed = input.kind === 'begin' ? { isPaying: true } : { untilMs: input.untilMs };
  return [hold({ ...state, clockMs }, input.id, { ...found, ...changed })];
}

function cancel(state: OptionState, id: string, { callMs, returnMs }: Operation<OptionInput>): OptionState[] {
  const clockMs = Math.max(state.clockMs, callMs - ROUNDED_MS);
  const found = state.holds.get(id);
  if (found === undefined) return [state];
  if (found.isPaying) return [];
  const wasOver = found.untilMs <= returnMs + ROUNDED_MS;
  const over = { ...state, clockMs: Math.max(clockMs, found.untilMs) };
  return [...(found.untilMs > clockMs ? [drop({ ...state, clockMs }, id)] : []), ...(wasOver ? [over] : [])];
}

function end(state: OptionState, { kind, id }: { kind: 'settle' | 'fail'; id: string }): OptionState[] {
  const found = state.holds.get(id);
  if (found?.isPaying !== true) return [];
  if (kind === 'settle') return [{ ...drop(state, id), sold: state.sold + found.quantity }];
  return [state.isCalledOff ? drop(state, id) : hold(state, id, { ...found, isPaying: false })];
}

/** Never below what is held and sold. */
function resize(state: OptionState, allocation: number, operation: Operation<OptionInput>): OptionState[] {
  const clockMs = earliest(state, operation, ({ sold, reserved }) => sold + reserved <= allocation);
  return clockMs === undefined ? [] : [{ ...state, clockMs, allocation }];
}

function hold(state: OptionState, id: string, changed: Hold): OptionState {
  const kept = [...state.holds].filter(
    ([, { isPaying, untilMs }]) => isPaying || untilMs > state.clockMs - MEMORY_MS,
  );
  return { ...state, holds: new Map(kept).set(id, changed) };
}

function drop(state: OptionState, id: string): OptionState {
  return { ...state, holds: new Map([...state.holds].filter(([other]) => other !== id)) };
}
