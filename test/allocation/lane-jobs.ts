import { LANE_LIMITS, type LaneLimits } from '../../src/allocation/lanes';
import type { Job, Order, Outcome } from '../../src/allocation/orders';

export const LIMITS: LaneLimits = { ...LANE_LIMITS, lanes: 1 };
export const MADE: Outcome = { made: { createdAt: new Date(0), unitPriceCents: 0 } };

let count = 0;
/** @returns an order of its own for a ticket of an event */
export function order(eventId = 'event'): Order {
  count += 1;
  const items = [{ ticketOptionId: 'option', quantity: 1 }];
  return { kind: 'buy', id: String(count), eventId, userId: 'user', items };
}

/** @returns a task of its own of an event */
export function task(eventId = 'event'): Job {
  count += 1;
  return { kind: 'task', id: String(count), eventId, run: () => Promise.resolve(MADE) };
}

/** Serves every event by itself. */
export const BY_THEMSELVES = {
  mayJoin: () => false,
  serveTogether: () => Promise.reject(new Error('together')),
};
