import type { PaymentMade, RefundState } from '../allocation/orders';
import { newId } from '../ids';
import type { Payable } from './payments.repository';

/** How long whoever charges or pays back has for it before somebody else looks after it. A class, so that it can be injected. */
export class PaymentSettings {
  /** @param shutdownMs how long the service has for its stop */
  constructor(
    readonly leaseMs: number,
    private readonly shutdownMs: number,
  ) {}

  /** How long a client waits for the gateway, who can ask again later: no longer than most clients and proxies wait. */
  get patienceMs(): number {
    return Math.min(this.leaseMs, LONGEST_WAIT_MS);
  }

  /** How long after the beginning of the stop a client may still wait for the gateway: part of the time that there is. */
  get graceMs(): number {
    return this.shutdownMs / 3;
  }
}

const LONGEST_WAIT_MS = 30_000;

/** An attempt to pay, with the ids of all that can come of it: whatever is tried again is tried with the same. */
export interface Attempt {
  readonly id: string;
  readonly eventId: string;
  readonly reservationId: string;
  readonly ticketOptionIds: readonly string[];
  readonly purchaseIds: readonly string[];
  readonly refundId: string;
}

/** @returns an attempt to pay a reservation; an `id` is given for one that was begun before. */
export function attemptTo(pay: Omit<Payable, 'hasPrice'>, id = newId()): Attempt {
  const { id: reservationId, eventId, ticketOptionIds } = pay;
  const purchaseIds = ticketOptionIds.map(() => newId());
  return { id, eventId, reservationId, ticketOptionIds, purchaseIds, refundId: newId() };
}

/** What has become of an attempt. */
export interface Ended extends Pick<PaymentMade, 'payment' | 'purchases'> {
  /** The gateway's own sentence, if it refused. */
  readonly told?: string | undefined;
}

/** A refund that the gateway has yet to make. */
export interface BegunRefund {
  /** Its key at the gateway as well. */
  readonly id: string;
  readonly eventId: string;
  /** The key of the charge. */
  readonly paymentId: string;
  readonly purchaseId: string | null;
  readonly ticketOptionIds: readonly string[];
  readonly amountCents: bigint;
}

/** @returns what the gateway has yet to give back, if anything. */
export function stillToMake(
  refund: RefundState | null,
  of: { readonly eventId: string; readonly ticketOptionIds: readonly string[] },
): BegunRefund | undefined {
  if (refund?.doneAt !== null || refund.paymentId === null) return undefined;
  const { id, paymentId, purchaseId, amountCents } = refund;
  const { eventId, ticketOptionIds } = of;
  return { id, eventId, paymentId, purchaseId, ticketOptionIds, amountCents };
}
