import type { TicketOption } from './ticket-option.resource';

/** A ticket option as {@link COLUMNS} reads it. */
export interface TicketOptionRow {
  id: string;
  event_id: string;
  number: number;
  name: string;
  description: string | null;
  kind: string | null;
  allocation: number;
  remaining: number;
  reserved: number;
  sold: number;
  over: number;
  price_cents: number;
  max_per_user: number | null;
  max_per_order: number | null;
  sales_start_at: Date | null;
  sales_end_at: Date | null;
  sales_open: boolean;
  created_at: Date;
  updated_at: Date;
}

/**
 * What is read of a ticket option `o`. Holds that are over have not been given back yet, so they are counted, but
 * only where something is reserved at all.
 *
 * The clock is `now()`, the same for all parts: these reads are transactions of their own, so it is not stale. In
 * the search for holds it stands in a SELECT, which hides its value from the planner. Seeing that few holds of all
 * events are over, it would prefer the index of all events, with a plan that is kept when they have become many.
 */
export const COLUMNS = `
  o.id, o.event_id, o.number, o.name, o.description, o.kind, o.allocation, o.remaining, o.reserved, o.sold,
  o.price_cents, o.max_per_user, o.max_per_order, o.sales_start_at, o.sales_end_at, o.created_at, o.updated_at,
  CASE WHEN o.reserved = 0 THEN 0 ELSE (
    SELECT coalesce(sum(h.quantity), 0)::integer
      FROM holds AS h
     WHERE h.ticket_option_id = o.id AND h.event_id = o.event_id AND h.expires_at <= (SELECT now())) END AS over,
  NOT o.event_cancelled
    AND (o.sales_start_at IS NULL OR o.sales_start_at <= now())
    AND (o.sales_end_at IS NULL OR o.sales_end_at > now()) AS sales_open`;

/** Whether something can be had now, of a row of {@link COLUMNS}. */
export const ON_SALE = '(sales_open AND remaining + over > 0)';

/** @returns the option as the API shows it, with the holds that are over counted back. */
export function toResource(row: TicketOptionRow): TicketOption {
  const remaining = row.remaining + row.over;
  return {
    id: row.id,
    event: row.event_id,
    number: row.number,
    name: row.name,
    description: row.description,
    kind: row.kind,
    allocation: row.allocation,
    remaining,
    reserved: row.reserved - row.over,
    sold: row.sold,
    onSale: row.sales_open && remaining > 0,
    priceCents: row.price_cents,
    currency: 'EUR',
    maxPerUser: row.max_per_user,
    maxPerOrder: row.max_per_order,
    salesStartAt: row.sales_start_at,
    salesEndAt: row.sales_end_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
