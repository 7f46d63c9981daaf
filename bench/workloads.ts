import { randomUUID } from 'node:crypto';
import { event, payment, purchase, reservation, reservationOfSeveral, send, ticketOption } from './documents';

/** What is for sale: options of one event, all on the same terms. */
interface Terms {
  readonly options: number;
  /** Tickets of each option. */
  readonly allocation: number;
  readonly maxPerUser?: number;
  /** For nothing if absent. */
  readonly priceCents?: number;
}

/** One kind of request, and what it is about. */
export interface Workload extends Terms {
  readonly path: string;
  /** Where the no-op server answers the same body with the same document. */
  readonly noopPath: string;
  /** One ticket of each option for one user; or the payment of a reservation, if those are there before. */
  readonly document: (ticketOptionIds: readonly string[], id?: string) => object;
  /** Whether each request is about a reservation of its own, of one ticket. */
  readonly paysReservations?: boolean;
  /** Whether each request has an Idempotency-Key of its own. */
  readonly keyed?: boolean;
  /** Whether it is sent with a token to where one is needed. */
  readonly authenticated?: boolean;
}

/** More than any round can sell. */
const PLENTY = 100_000_000;

/** Few enough to be gone within the warm-up, so that the measured time sees nothing but refusals. */
export const FEW = 100;

const LIMIT = 4;

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
] as const;
export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

export const WORKLOADS: Readonly<Record<WorkloadName, Workload>> = {
  hot_option: { ...BUY, options: 1, allocation: PLENTY },
  sold_out: { ...BUY, options: 1, allocation: FEW },
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
};

/** Makes what a workload is about. @returns the ids of its options. */
export async function makeOptions(
  port: number,
  { options, allocation, maxPerUser, priceCents }: Terms,
): Promise<string[]> {
  const { id: eventId } = await send(port, '/events', event());
  const terms = {
    allocation,
    ...(maxPerUser !== undefined && { max_per_user: maxPerUser }),
    ...(priceCents !== undefined && { price_cents: priceCents }),
  };
  const ids: string[] = [];
  for (let n = 0; n < options; n++) {
    ids.push((await send(port, '/ticket_options', ticketOption(terms, eventId))).id);
  }
  return ids;
}

/** The same where nobody looks them up. */
export function inventOptions({ options }: Terms): string[] {
  return Array.from({ length: options }, () => randomUUID());
}
