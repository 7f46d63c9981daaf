import type { Effect, Priced } from './effects';

/** One line of the journal: a row that was written. */
export interface Entry {
  readonly tx: string;
  readonly began: number;
  readonly written: number;
  readonly what: string;
  readonly was: Row | null;
  readonly row: Row;
  readonly event: string;
  /** What the gateway gave money back for, if it was for a purchase. */
  readonly purchase: string | null;
}

/** What is looked at of the rows of all these tables. */
interface Row {
  readonly id: string;
  readonly user_id: string;
  readonly ticket_option_id: string;
  readonly quantity: number;
  readonly unit_price_cents: number;
  readonly ticket_option_ids: readonly string[];
  readonly quantities: readonly number[];
  readonly unit_prices_cents: readonly number[];
  readonly status: string;
  readonly allocation: number;
  readonly price_cents: number;
  readonly expires_at: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly refunded_at: string | null;
  readonly done_at: string | null;
  readonly reservation_id: string;
  readonly payment_id: string | null;
  readonly purchase_id: string | null;
  readonly amount_cents: number;
  readonly refunded_cents: number;
  readonly failure_code: string | null;
  readonly key: string;
  readonly charge_key: string;
  readonly voided: boolean;
}

/** @returns what it means; nothing when the row has nothing new that matters. */
export function effectsOf(entry: Entry): Effect[] {
  const { what, was, row } = entry;
  const { id } = row;
  switch (what) {
    case 'purchases INSERT':
      return [purchaseOf(row)];
    case 'purchases UPDATE':
      if (row.refunded_at === null || was?.refunded_at === row.refunded_at) return [];
      return [{ kind: 'returned', id, atMs: Date.parse(row.refunded_at) }];
    case 'reservations INSERT': {
      const [atMs, untilMs] = [Date.parse(row.created_at), Date.parse(row.expires_at)];
      return [{ kind: 'reserved', id, user: row.user_id, items: itemsOf(row), atMs, untilMs }];
    }
    case 'reservations UPDATE':
      return reservationChanges(row, was);
    case 'payments INSERT':
    case 'payments UPDATE':
      return paymentChanges(row, was);
    case 'refunds INSERT':
      return [refundOf(row, 'refund begun', row.created_at)];
    case 'refunds UPDATE':
      if (row.done_at === null || was?.done_at === row.done_at) return [];
      return [refundOf(row, 'refund done', row.done_at)];
    case 'gateway_charges INSERT':
      return [{ kind: row.voided ? 'called off' : 'charged', id: row.key, cents: row.amount_cents }];
    case 'gateway_refunds INSERT': {
      const { key, charge_key: payment, amount_cents: cents } = row;
      return [{ kind: 'given back', id: key, payment, purchase: entry.purchase, cents }];
    }
    case 'events UPDATE':
      if (row.status !== 'cancelled' || was?.status === 'cancelled') return [];
      return [{ kind: 'event cancelled', id, atMs: Date.parse(row.updated_at) }];
    default:
      return [{ kind: 'resized', option: id, allocation: row.allocation, priceCents: row.price_cents }];
  }
}

function purchaseOf(row: Row): Effect {
  const { id, user_id: user, quantity, unit_price_cents: unitCents } = row;
  const items = [{ option: row.ticket_option_id, quantity, unitCents }];
  const taken = { id, user, items, atMs: Date.parse(row.created_at) };
  return row.payment_id === null
    ? { kind: 'bought', ...taken }
    : { kind: 'became', payment: row.payment_id, ...taken };
}

/** Whether it is being paid is told by its payments. */
function reservationChanges(row: Row, was: Row | null): Effect[] {
  const { id } = row;
  const isCancelled = row.status === 'cancelled' && was?.status !== 'cancelled';
  const isExtended = row.expires_at !== was?.expires_at;
  return [
    ...(isExtended ? [{ kind: 'extended' as const, id, untilMs: Date.parse(row.expires_at) }] : []),
    ...(isCancelled ? [{ kind: 'cancelled' as const, id, wasPaying: was?.status === 'paying' }] : []),
  ];
}

function paymentChanges(row: Row, was: Row | null): Effect[] {
  const { id, status, reservation_id: reservation, amount_cents: cents } = row;
  if (was?.status === status && was.refunded_cents === row.refunded_cents) return [];
  const code = row.failure_code ?? '';
  switch (status) {
    case 'pending':
      return [{ kind: 'paying', id, reservation, cents, atMs: Date.parse(row.created_at) }];
    case 'succeeded':
      return [{ kind: 'paid', id, reservation, cents }];
    case 'failed':
      return [{ kind: 'failed', id, reservation, code }];
    case 'refunding':
      return [{ kind: 'turned back', id, reservation, code }];
    default:
      return [{ kind: 'repaid', id, cents: row.refunded_cents, isAll: status === 'refunded' }];
  }
}

function refundOf(row: Row, kind: 'refund begun' | 'refund done', at: string): Effect {
  const { id, payment_id: payment, purchase_id: purchase, amount_cents: cents, done_at: done } = row;
  return { kind, id, payment, purchase, cents, isDone: done !== null, atMs: Date.parse(at) };
}

function itemsOf({ ticket_option_ids: options, quantities, unit_prices_cents: prices }: Row): Priced[] {
  return options.map((option, index) => ({
    option,
    quantity: quantities[index] ?? 0,
    unitCents: prices[index] ?? 0,
  }));
}
