import { type Answer, codeOf, type Problem } from '../support/shop';
import { amounts, gainOf } from './amid';
import { type Effect, type Item, type Model, quantityOf, type Reservation } from './model';
import type { Done } from './operations';

/**
 * Something that an answer says of what there was: why it refuses, what is for sale, that there was nothing to do.
 * It must have been true at an instant between request and answer.
 */
export interface Claim {
  /** Options that it is about: it may become true with each hold of them that runs out. */
  readonly options: readonly string[];
  isTrue(model: Model, atMs: number): boolean;
  /**
   * Whether it was true while a transaction did one thing after the other. A turn of the service decides many orders
   * in one transaction, and in which order is written down nowhere.
   */
  readonly wasTrueAmid?: ((before: Model, effects: readonly Effect[], atMs: number) => boolean) | undefined;
}

/**
 * @param model for the options and their limits, which do not change
 * @param holdMaxMs how long a reservation can last
 * @returns what an answer claims; nothing when it is one that the service should not give at all
 */
export function claimsOf(done: Done, model: Model, holdMaxMs: number): Claim[] | undefined {
  const claims = maybeClaims(done, model, holdMaxMs);
  return claims.every((claim) => claim !== undefined) ? claims : undefined;
}

function maybeClaims({ operation, answer }: Done, model: Model, holdMaxMs: number): (Claim | undefined)[] {
  const code = codeOf(answer);
  // Whoever is told so has got nothing, and nothing is said of what there was.
  if (code === 'overloaded') return [];
  switch (operation.kind) {
    case 'buy':
    case 'reserve':
      if (code === '201') return [];
      return answer.body.errors?.map((problem) => ofRefusal(operation, problem, model)) ?? [undefined];
    case 'extend':
      return [ofExtension(operation, answer, holdMaxMs)];
    case 'cancel':
      return [code === '204' ? ofReservation(operation.id, isOverOrCancelled) : undefined];
    case 'read':
      return [ofReservation(operation.id, isShownBy(answer))];
    case 'look':
      return [ofCounters(operation.option, answer)];
    case 'resize':
      return [code === '200' ? ofCounters(operation.option, answer) : ofCommitted(operation, answer)];
  }
}

function ofRefusal(
  { user, items }: { user: string; items: readonly Item[] },
  { code, meta = {}, source }: Problem,
  model: Model,
): Claim | undefined {
  const index = Number(/\/data\/(\d+)\//.exec(source?.pointer ?? '')?.[1] ?? 0);
  const { option, quantity } = items[index] ?? { option: '', quantity: 0 };
  switch (code) {
    case 'invalid_purchase_quantity':
      return ofRemaining(option, (left) => quantity > left);
    case 'insufficient_tickets':
      return ofRemaining(option, (left) => quantity > left && left === meta['remaining']);
    case 'user_limit_exceeded': {
      const { options, limit } = model.scopeOf(option, meta['per']);
      const wanted = quantityOf(items, options);
      if (meta['limit'] !== limit) return undefined;
      return ofHaving(user, options, (has) => has + wanted > limit && has === meta['has']);
    }
    default:
      return undefined;
  }
}

function ofRemaining(option: string, isIt: (left: number) => boolean): Claim {
  return {
    options: [option],
    isTrue: (model, atMs) => isIt(model.remaining(option, atMs)),
    wasTrueAmid: (before, effects, atMs) => {
      const changes = effects.map((effect) => -gainOf(before, effect, [option]));
      return amounts(before.remaining(option, atMs), changes).some(isIt);
    },
  };
}

function ofHaving(user: string, options: readonly string[], isIt: (has: number) => boolean): Claim {
  return {
    options,
    isTrue: (model, atMs) => isIt(model.has(user, options, atMs)),
    wasTrueAmid: (before, effects, atMs) => {
      const changes = effects.map((effect) => gainOf(before, effect, options, user));
      return amounts(before.has(user, options, atMs), changes).some(isIt);
    },
  };
}

function ofReservation(id: string, isIt: (reservation: Reservation, atMs: number) => boolean): Claim {
  return {
    options: [],
    isTrue: (model, atMs) => {
      const reservation = model.reservations.get(id);
      return reservation !== undefined && isIt(reservation, atMs);
    },
  };
}

function isOverOrCancelled({ isCancelled, untilMs }: Reservation, atMs: number): boolean {
  return isCancelled || atMs >= untilMs;
}

function isShownBy({ body }: Answer): (reservation: Reservation, atMs: number) => boolean {
  const told = body.data?.attributes ?? {};
  return ({ isCancelled, untilMs }, atMs) => {
    const lasting = atMs >= untilMs ? 'expired' : 'active';
    const status = isCancelled ? 'cancelled' : lasting;
    return told['status'] === status && Date.parse(String(told['expires_at'])) === untilMs;
  };
}

/** That it was extended is told by the journal, but of several changes in one turn only what came of them. */
function ofExtension(
  { id, untilMs: wantedMs }: { id: string; untilMs: number },
  answer: Answer,
  holdMaxMs: number,
): Claim | undefined {
  const isLive = (now: Reservation, atMs: number): boolean => !isOverOrCancelled(now, atMs);
  /** Whether the turn that changed it may have had it last until a time of which this is so. */
  const amid =
    (isIt: (earliestMs: number, latestMs: number) => boolean): Claim['wasTrueAmid'] =>
    (before, effects) =>
      effects.some((effect) => {
        if ((effect.kind !== 'extended' && effect.kind !== 'cancelled') || effect.id !== id) return false;
        const { createdMs, untilMs } = before.reservation(id);
        return isIt(untilMs, effect.kind === 'extended' ? effect.untilMs : createdMs + holdMaxMs);
      });
  switch (codeOf(answer)) {
    case '200':
      if (Date.parse(String(answer.body.data?.attributes['expires_at'])) !== wantedMs) return undefined;
      return {
        ...ofReservation(id, (now, atMs) => isLive(now, atMs) && now.untilMs === wantedMs),
        wasTrueAmid: amid((earliestMs, latestMs) => earliestMs <= wantedMs && wantedMs <= latestMs),
      };
    case 'reservation_expired':
      return ofReservation(id, ({ isCancelled, untilMs }, atMs) => !isCancelled && atMs >= untilMs);
    case 'reservation_cancelled':
      return ofReservation(id, ({ isCancelled }) => isCancelled);
    case 'invalid_attribute':
      return {
        ...ofReservation(id, (now, atMs) => isLive(now, atMs) && wantedMs < now.untilMs),
        wasTrueAmid: amid((_earliestMs, latestMs) => wantedMs < latestMs),
      };
    case 'extension_limit_reached':
      return ofReservation(id, (now, atMs) => {
        return isLive(now, atMs) && wantedMs > Math.max(now.untilMs, now.createdMs + holdMaxMs);
      });
    default:
      return undefined;
  }
}

/** What is shown of an option: all four counters at the same instant. */
function ofCounters(option: string, { body }: Answer): Claim {
  const told = body.data?.attributes ?? {};
  return {
    options: [option],
    isTrue: (model, atMs) =>
      told['allocation'] === model.option(option).allocation &&
      told['sold'] === model.option(option).sold &&
      told['reserved'] === model.held(option, atMs) &&
      told['remaining'] === model.remaining(option, atMs),
  };
}

function ofCommitted(
  { option, allocation }: { option: string; allocation: number },
  { body }: Answer,
): Claim | undefined {
  const [problem] = body.errors ?? [];
  if (problem?.code !== 'allocation_below_committed') return undefined;
  const { reserved, sold } = problem.meta ?? {};
  return {
    options: [option],
    isTrue: (model, atMs) =>
      sold === model.option(option).sold &&
      reserved === model.held(option, atMs) &&
      allocation < model.option(option).sold + model.held(option, atMs),
  };
}
