import type { Refused } from '../allocation/orders';
import type { Located } from '../outcomes';
import type { RefusalCode } from '../refusals';

const RELATIONSHIPS = '/data/relationships';
const QUANTITY = '/data/attributes/quantity';

/** The refusals that are about which tickets are wanted. */
const ABOUT_OPTION: ReadonlySet<RefusalCode> = new Set([
  'not_found',
  'event_cancelled',
  'sales_not_started',
  'sales_ended',
  'invalid_relationship',
]);
/** And those that are about how many. */
const ABOUT_QUANTITY: ReadonlySet<RefusalCode> = new Set([
  'order_limit_exceeded',
  'user_limit_exceeded',
  'insufficient_tickets',
]);

/**
 * @param several whether the request names its ticket options as a list, each with a quantity of its own
 * @returns the place in the request of a refusal of a new reservation; one without an item is about all of them
 */
export function placeInRequest({ code, item }: Refused, several: boolean): Located {
  const detail = code === 'not_found' ? 'There is no such ticket option.' : undefined;
  const list = `${RELATIONSHIPS}/ticket_options/data`;
  if (ABOUT_OPTION.has(code)) {
    const pointer = several ? `${list}/${item ?? 0}/id` : `${RELATIONSHIPS}/ticket_option/data/id`;
    return { source: { pointer }, detail };
  }
  if (!ABOUT_QUANTITY.has(code)) return {};
  if (!several) return { source: { pointer: QUANTITY } };
  return { source: { pointer: item === undefined ? list : `${list}/${item}/meta/quantity` } };
}

/** @returns the place in the request of a refusal to keep a reservation until later. */
export function placeInExtension({ code }: Refused): Located {
  if (code === 'not_found') return { detail: 'There is no such reservation.' };
  return ABOUT_EXPIRY.has(code) ? { source: { pointer: '/data/attributes/expires_at' } } : {};
}

const ABOUT_EXPIRY: ReadonlySet<RefusalCode> = new Set([
  'invalid_attribute',
  'reservation_expired',
  'reservation_cancelled',
  'reservation_paid',
  'reservation_in_payment',
  'extension_limit_reached',
]);
