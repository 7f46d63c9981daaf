import { randomUUID } from 'node:crypto';
import type { SubjectKey } from './plan';
import { event, payment, purchase, reservation, reservationOfSeveral, send, ticketOption } from './documents';

/** What is for sale: options on the same terms. */
interface Terms {
  readonly options: number;
  /** Whether each is of an event of its own, and each request about any one of them; else they are all of one event. */
  readonly isSpread?: boolean;
  /** Tickets of each option. */
  readonly allocation: number;
  readonly maxPerUser?: number;
  /** For nothing if absent. */
  readonly priceCents?: number;
}

/** One kind of request, and what it is about. */
export interface Workload extends Terms {
  /** POST if absent. */
  readonly method?: 'GET';
  /** With `:id` for that of the option. */
  readonly path: string;
  /** Where the no-op server answers the same body with the same document. */
  readonly noopPath: string;
  /** The answers that are right; 201 alone if absent. */
  readonly statuses?: readonly number[];
  /** One ticket of each option for one user; or the payment of a reservation, if those are there before. */
  readonly document?: (ticketOptionIds: readonly string[], id?: string) => object;
  /** Whether each request is about a reservation of its own, of one ticket. */
  readonly paysReservations?: boolean;
  /** Whether each request has an Idempotency-Key of its own. */
  readonly keyed?: boolean;
  /** Whether it is sent with a token to where one is needed. */
  readonly authenticated?: boolean;
}

/** More than any round can sell. */
const PLENTY = 100_000_000;

/** Rows for so many seconds of sale, where each ticket is one: more than that way has managed here. */
const MOST_ROWS_PER_SECOND = 15_000;

/** Events that are on sale at the same time. */
const EVENTS = 1_000;

/** Few enough to be gone within the warm-up, so that the measured time sees nothing but refusals. */
export const FEW = 100;

const LIMIT = 4;

const MADE_AT_ONCE = 16;

const BUY = {
  path: '/purchases',
  noopPath: '/purchases',
  document: ([id = ''], userId) => purchase(id, userId),
} as const satisfies Partial<Workload>;

const RESERVE = {
  path: '/reservations',
  noopPath: '/reservations',
  document: ([id = ''], userId) => reservation(id, userId),
  ...{ options: 1, allocation: PLENTY, maxPerUser: LIMIT },
} as const satisfies Workload;

export const WORKLOAD_NAMES = [
  'hot_option',
  'sold_out',
  'buy_limited',
  'buy_keyed',
  'buy_authenticated',
  'reserve',
  'reserve_keyed',
  'reserve_several',
  'pay',
  'many_events',
  'get_option',
] as const;
export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

export const WORKLOADS: Readonly<Record<WorkloadName, Workload>> = {
  hot_option: { ...BUY, options: 1, allocation: PLENTY },
  sold_out: { ...BUY, options: 1, allocation: FEW, statuses: [201, 400] },
  buy_limited: { ...BUY, options: 1, allocation: PLENTY, maxPerUser: LIMIT },
  buy_keyed: { ...BUY, options: 1, allocation: PLENTY, keyed: true },
  buy_authenticated: { ...BUY, options: 1, allocation: PLENTY, authenticated: true },
  reserve: RESERVE,
  reserve_keyed: { ...RESERVE, keyed: true },
  reserve_several: {
    path: '/reservations',
    noopPath: '/reservations/several',
    document: reservationOfSeveral,
    ...{ options: 3, allocation: PLENTY, maxPerUser: LIMIT },
  },
  pay: {
    path: '/payments',
    noopPath: '/payments',
    document: (_ticketOptionIds, reservationId = randomUUID()) => payment(reservationId),
    ...{ options: 1, allocation: PLENTY, priceCents: 2_500, paysReservations: true },
  },
  many_events: { ...BUY, options: EVENTS, allocation: PLENTY, isSpread: true },
  get_option: {
    method: 'GET',
    path: '/ticket_options/:id',
    noopPath: '/ticket_options/:id',
    statuses: [200],
    ...{ options: 1, allocation: PLENTY },
  },
};

/**
 * @param seconds how long they are sold
 * @returns how many tickets of an option there are, where plenty are wanted.
 */
export function allocationFor(key: SubjectKey, allocation: number, seconds: number): number {
  return key === 'f' ? Math.min(allocation, Math.ceil(seconds * MOST_ROWS_PER_SECOND)) : allocation;
}

/** Makes what a workload is about. @returns the ids of its options. */
export async function makeOptions(
  port: number,
  { options, isSpread, allocation, maxPerUser, priceCents }: Terms,
): Promise<string[]> {
  const terms = {
    allocation,
    ...(maxPerUser !== undefined && { max_per_user: maxPerUser }),
    ...(priceCents !== undefined && { price_cents: priceCents }),
  };
  const eventId = isSpread === true ? undefined : (await send(port, '/events', event())).id;
  const ids: string[] = [];
  while (ids.length < options) {
    const some = Array.from({ length: Math.min(MADE_AT_ONCE, options - ids.length) }, () =>
      send(port, '/ticket_options', ticketOption(terms, eventId)),
    );
    ids.push(...(await Promise.all(some)).map(({ id }) => id));
  }
  return ids;
}

/** The same where nobody looks them up. */
export function inventOptions({ options }: Terms): string[] {
  return Array.from({ length: options }, () => randomUUID());
}
