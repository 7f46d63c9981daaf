import { type Effect, totalOf } from './effects';
import type { Transaction } from './journal';
import { isExpired, type Model, type Reservation } from './model';

export interface Rules {
  readonly holdMs: number;
  readonly holdMaxMs: number;
}

/** @returns when a transaction looked at the clock, if it tells. */
export function toldMs(effects: readonly Effect[]): number | undefined {
  return effects.flatMap((effect) => ('atMs' in effect ? [effect.atMs] : []))[0];
}

/** @returns when a transaction looked at the clock; if it does not tell, the first moment at which it can have. */
export function decidedMs({ effects, beganMs }: Transaction): number {
  return toldMs(effects) ?? beganMs;
}

/** @returns what is wrong with changing a reservation or taking something as things are. */
export function wrongsBefore(effect: Effect, model: Model, transaction: Transaction, rules: Rules): string[] {
  // Whatever it says, it was not before it began.
  const atMs = Math.max(decidedMs(transaction), transaction.beganMs);
  switch (effect.kind) {
    case 'extended':
    case 'cancelled':
      return changeWrongs(effect, model, atMs, rules);
    case 'paying':
    case 'paid':
      return paymentWrongs(effect, model, atMs);
    case 'failed':
      return attemptWrongs(effect, model.reservation(effect.reservation));
    case 'bought':
    case 'reserved':
      return takeWrongs(effect, model);
    default:
      return [];
  }
}

function changeWrongs(
  effect: Extract<Effect, { kind: 'extended' | 'cancelled' }>,
  model: Model,
  atMs: number,
  { holdMaxMs }: Rules,
): string[] {
  const reservation = model.reservation(effect.id);
  const name = `reservation ${effect.id} was ${effect.kind} at ${atMs} or later`;
  // With its event, also what was being paid and was over by then.
  const isWithEvent = model.isCancelled && effect.kind === 'cancelled' && effect.wasPaying;
  const status = reservation.status === 'active' || isWithEvent ? '' : reservation.status;
  const isTooLong = effect.kind === 'extended' && effect.untilMs > reservation.atMs + holdMaxMs;
  return [
    ...(status === '' ? [] : [`${name}, although it was ${status}`]),
    ...(isExpired(reservation, atMs) && !isWithEvent
      ? [`${name}, although it was over at ${reservation.untilMs}`]
      : []),
    ...(isTooLong ? [`${name}, for too long`] : []),
  ];
}

/** A charge begins in time, for all of it, and nobody else pays; and it ends as what it began for. */
function paymentWrongs(
  effect: Extract<Effect, { kind: 'paying' | 'paid' }>,
  model: Model,
  atMs: number,
): string[] {
  const reservation = model.reservation(effect.reservation);
  const name = `reservation ${effect.reservation} was ${effect.kind} at ${atMs} or later by ${effect.id}`;
  const begins = effect.kind === 'paying' || effect.cents === 0;
  return [
    ...(model.isCancelled ? [`${name}, although its event was cancelled`] : []),
    ...(effect.cents === totalOf(reservation.items) ? [] : [`${name}, for ${effect.cents} cents`]),
    ...(begins && isExpired(reservation, atMs)
      ? [`${name}, although it was over at ${reservation.untilMs}`]
      : []),
    ...(begins && reservation.status !== 'active' ? [`${name}, although it was ${reservation.status}`] : []),
    ...(begins ? [] : attemptWrongs(effect, reservation)),
  ];
}

function attemptWrongs({ id, kind }: Effect & { id: string }, { status, payment }: Reservation): string[] {
  if (status === 'paying' && payment === id) return [];
  return [`payment ${id} has ${kind}, but its reservation was ${status} by ${String(payment)}`];
}

/** Nothing of what is cancelled, at the price of the day, and only what is free without a payment. */
function takeWrongs(effect: Extract<Effect, { kind: 'bought' | 'reserved' }>, model: Model): string[] {
  const name = `${effect.id} was ${effect.kind}`;
  const isAtPrice = effect.items.every(
    ({ option, unitCents }) => unitCents === model.option(option).priceCents,
  );
  return [
    ...(model.isCancelled ? [`${name}, although the event was cancelled`] : []),
    ...(isAtPrice ? [] : [`${name} at another price`]),
    ...(effect.kind === 'bought' && totalOf(effect.items) > 0 ? [`${name} without a payment`] : []),
  ];
}

/** @returns what is wrong when all of a transaction is done. */
export function wrongsAfter(transaction: Transaction, model: Model): string[] {
  const { effects, beganMs, writtenMs } = transaction;
  const firstMs = decidedMs(transaction);
  const lastMs = toldMs(effects) ?? writtenMs;
  const wrongs: string[] = [];
  const isOneMoment = effects.every((effect) => !('atMs' in effect) || effect.atMs === firstMs);
  if (!isOneMoment || firstMs < beganMs || lastMs > writtenMs) {
    wrongs.push(`a transaction says that it was at ${firstMs}, but was from ${beganMs} to ${writtenMs}`);
  }
  for (const effect of effects) {
    wrongs.push(...stockWrongs(effect, model, lastMs));
    if (effect.kind === 'paid') wrongs.push(...soldWrongs(effect, effects, model));
    if (effect.kind === 'became' && !effects.some(({ kind }) => kind === 'paid'))
      wrongs.push(`purchase ${effect.id} was paid with ${effect.payment} when nothing was`);
  }
  return [...wrongs, ...leftWrongs(effects, model, lastMs)];
}

/** What was paid becomes what was held, all of it, and nothing else. */
function soldWrongs(
  { id, reservation }: Extract<Effect, { kind: 'paid' }>,
  effects: readonly Effect[],
  model: Model,
): string[] {
  const { user, items } = model.reservation(reservation);
  const became = effects.filter((effect) => effect.kind === 'became').filter(({ payment }) => payment === id);
  const got = became.flatMap((purchase) => purchase.items.map((item) => ({ user: purchase.user, ...item })));
  const nameOf = (item: object): string => Object.values(item).join();
  const expected = items.map((item) => nameOf({ user, ...item })).toSorted();
  const isAll = expected.join(' ') === got.map(nameOf).toSorted().join(' ');
  return isAll ? [] : [`payment ${id} bought ${got.map(nameOf).join(' ')} instead of ${expected.join(' ')}`];
}

/** Nothing of a cancelled event is still to be had. */
function leftWrongs(effects: readonly Effect[], model: Model, atMs: number): string[] {
  const isEnd = effects.some(({ kind }) => kind === 'event cancelled');
  if (!isEnd && !(model.isCancelled && effects.some(({ kind }) => kind === 'failed'))) return [];
  return [...model.reservations.values()]
    .filter(({ status, untilMs }) => status === 'active' && untilMs > atMs)
    .map(({ id }) => `reservation ${id} was left active by ${atMs}, although its event was cancelled`);
}

function stockWrongs(effect: Effect, model: Model, atMs: number): string[] {
  const isTake = effect.kind === 'bought' || effect.kind === 'reserved' || effect.kind === 'became';
  if (!isTake && effect.kind !== 'resized') return [];
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
