import { type Effect, quantityOf, type Taken } from './effects';
import type { Model, Reservation } from './model';

/** @returns how many tickets of some options a user, or everybody together, has more after an effect. */
export function gainOf(before: Model, effect: Effect, options: readonly string[], user?: string): number {
  const change = changeOf(before, effect);
  if (change === undefined || (user !== undefined && change.of.user !== user)) return 0;
  return change.sign * quantityOf(change.of.items, options);
}

/** @returns whose tickets become more or less; those of a payment that fails, if the time is over. */
function changeOf(before: Model, effect: Effect): { of: Taken; sign: 1 | -1 } | undefined {
  const less = (of: Taken | undefined) => of && { of, sign: -1 as const };
  switch (effect.kind) {
    case 'bought':
    case 'reserved':
      return { of: effect, sign: 1 };
    case 'cancelled':
      return less(before.reservations.get(effect.id));
    case 'failed':
      return less(before.reservations.get(effect.reservation));
    case 'returned':
      return less(before.purchases.get(effect.id));
    default:
      return undefined;
  }
}

/** @returns every amount that there may be between changes, in whatever order they come. */
export function amounts(before: number, changes: readonly number[]): number[] {
  const found = new Set([before]);
  for (const change of changes) for (const amount of [...found]) found.add(amount + change);
  return [...found].filter((amount) => amount >= 0);
}

/**
 * @returns whether a reservation may have been active within a transaction, and if so from when to when it may have
 *   lasted then
 */
export function lastingAmid(
  { id, status, atMs, untilMs }: Reservation,
  effects: readonly Effect[],
  holdMaxMs: number,
): readonly [earliestMs: number, latestMs: number] | undefined {
  const isOfIt = (effect: Effect): boolean => {
    if (effect.kind === 'extended' || effect.kind === 'cancelled') return effect.id === id;
    return 'reservation' in effect && effect.reservation === id;
  };
  const own = effects.filter(isOfIt);
  const wasActive = status === 'active' || own.some(({ kind }) => kind === 'failed');
  if (own.length === 0 || !wasActive) return undefined;
  const extended = own.find((effect) => effect.kind === 'extended');
  const isCancelled = own.some(({ kind }) => kind === 'cancelled');
  const latestMs = isCancelled ? atMs + holdMaxMs : untilMs;
  return [untilMs, extended?.untilMs ?? latestMs];
}
