import { type Effect, type Model, quantityOf } from './model';

/** @returns how many tickets of some options a user, or everybody together, has more after an effect. */
export function gainOf(before: Model, effect: Effect, options: readonly string[], user?: string): number {
  if (effect.kind === 'extended' || effect.kind === 'resized') return 0;
  const taken = effect.kind === 'cancelled' ? before.reservations.get(effect.id) : effect;
  if (taken === undefined || (user !== undefined && taken.user !== user)) return 0;
  return quantityOf(taken.items, options) * (effect.kind === 'cancelled' ? -1 : 1);
}

/** @returns every amount that there may be between changes, in whatever order they come. */
export function amounts(before: number, changes: readonly number[]): number[] {
  const found = new Set([before]);
  for (const change of changes) for (const amount of [...found]) found.add(amount + change);
  return [...found].filter((amount) => amount >= 0);
}
