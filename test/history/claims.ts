import { type Answer, codeOf, type Problem } from '../support/shop';
import { amounts, gainOf } from './amid';
import { ofExtension, ofReservation } from './claims-of-reservations';
import { ofEndOfRefund, ofPayment, ofReadPayment, ofReadPurchase } from './claims-of-payments';
import { type Effect, type Item, quantityOf } from './effects';
import { figuresOf, isExpired, type Model, type Reservation } from './model';
import { type Done, isOpen } from './operations';

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
  if (code === 'overloaded' || code === 'database_unavailable') return [];
  switch (operation.kind) {
    case 'buy':
    case 'reserve':
      if (code === '201') return [];
      return answer.body.errors?.map((problem) => ofRefusal(operation, problem, model)) ?? [undefined];
    case 'pay':
      return ofPayment(operation, answer);
    case 'refund':
      return code === '204' || isOpen(answer) ? [] : [ofEndOfRefund(operation.id, answer)];
    case 'extend':
      return [ofExtension(operation, answer, holdMaxMs)];
    case 'cancel':
      return [ofCancelling(operation.id, code)];
    case 'read':
      return [ofReservation(operation.id, isShownBy(answer))];
    case 'read payment':
      return [ofReadPayment(operation.id, answer)];
    case 'read purchase':
      return [ofReadPurchase(operation.id, answer)];
    case 'look':
      return [ofCounters(operation.option, answer)];
    case 'resize':
      return [code === '200' ? ofCounters(operation.option, answer) : ofCommitted(operation, answer)];
    case 'call off':
      return [code === '200' ? { options: [], isTrue: ({ isCancelled }) => isCancelled } : undefined];
    case 'count':
      return [ofFigures(answer, model)];
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
    case 'event_cancelled':
      return { options: [], isTrue: ({ isCancelled }) => isCancelled };
    case 'payment_required':
      return {
        options: [],
        isTrue: (now) =>
          now.option(option).priceCents > 0 && now.option(option).priceCents === meta['price_cents'],
      };
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

/** What is cancelled is refused for that before anything else. */
function ofRemaining(option: string, isIt: (left: number) => boolean): Claim {
  return {
    options: [option],
    isTrue: (model, atMs) => !model.isCancelled && isIt(model.remaining(option, atMs)),
    wasTrueAmid: (before, effects, atMs) => {
      const changes = effects.map((effect) => -gainOf(before, effect, [option]));
      return !before.isCancelled && amounts(before.remaining(option, atMs), changes).some(isIt);
    },
  };
}

function ofHaving(user: string, options: readonly string[], isIt: (has: number) => boolean): Claim {
  return {
    options,
    isTrue: (model, atMs) => !model.isCancelled && isIt(model.has(user, options, atMs)),
    wasTrueAmid: (before, effects, atMs) => {
      const changes = effects.map((effect) => gainOf(before, effect, options, user));
      return !before.isCancelled && amounts(before.has(user, options, atMs), changes).some(isIt);
    },
  };
}

function ofCancelling(id: string, code: string): Claim | undefined {
  switch (code) {
    case '204':
      return ofReservation(id, (now, atMs) => now.status === 'cancelled' || isExpired(now, atMs));
    case 'reservation_in_payment':
      return ofReservation(id, ({ status }) => status === 'paying');
    case 'reservation_paid':
      return ofReservation(id, ({ status }) => status === 'paid');
    default:
      return undefined;
  }
}

function isShownBy({ body }: Answer): (reservation: Reservation, atMs: number) => boolean {
  const told = body.data?.attributes ?? {};
  return (reservation, atMs) => {
    const { status, untilMs } = reservation;
    const shown = isExpired(reservation, atMs) ? 'expired' : status;
    return told['status'] === shown && Date.parse(String(told['expires_at'])) === untilMs;
  };
}

/** What is shown of an option: all four counters at the same instant. */
function ofCounters(option: string, { body }: Answer): Claim {
  const told = body.data?.attributes ?? {};
  return {
    options: [option],
    isTrue: (model, atMs) =>
      told['allocation'] === model.option(option).allocation &&
      told['price_cents'] === model.option(option).priceCents &&
      told['sold'] === model.option(option).sold &&
      told['reserved'] === model.held(option, atMs) &&
      told['remaining'] === model.remaining(option, atMs),
  };
}

/** What is counted of the whole event: all figures at the same instant. */
function ofFigures({ body }: Answer, { options }: Model): Claim {
  const told = body.data?.attributes ?? {};
  return {
    options: [...options.keys()],
    isTrue: (model, atMs) =>
      Object.entries(figuresOf(model, atMs)).every(([name, figure]) => told[name] === figure),
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
