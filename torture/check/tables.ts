import type { Pool } from 'pg';

interface ReservationRow {
  readonly id: string;
  readonly user_id: string;
  readonly event_id: string;
  readonly status: string;
  readonly ticket_option_ids: readonly string[];
  readonly quantities: readonly number[];
  readonly created_at: Date;
  readonly expires_at: Date;
}

interface PurchaseRow {
  readonly id: string;
  readonly user_id: string;
  readonly ticket_option_id: string;
  readonly quantity: number;
  readonly created_at: Date;
  readonly refunded_at: Date | null;
  readonly payment_id: string | null;
}

interface PaymentRow {
  readonly id: string;
  readonly reservation_id: string;
  readonly status: string;
  readonly created_at: Date;
}

/** Everything that there is in the end, by id. */
export interface Tables {
  readonly reservations: ReadonlyMap<string, ReservationRow>;
  readonly purchases: ReadonlyMap<string, PurchaseRow>;
  readonly payments: ReadonlyMap<string, PaymentRow>;
  readonly cancelledEvents: ReadonlySet<string>;
}

export async function readTables(pool: Pool): Promise<Tables> {
  const reservations = await pool.query<ReservationRow>(
    `SELECT id, user_id, event_id, status, ticket_option_ids::text[] AS ticket_option_ids, quantities, created_at, expires_at
       FROM reservations ORDER BY created_at`,
  );
  const purchases = await pool.query<PurchaseRow>(
    'SELECT id, user_id, ticket_option_id, quantity, created_at, refunded_at, payment_id FROM purchases ORDER BY created_at',
  );
  const payments = await pool.query<PaymentRow>(
    'SELECT id, reservation_id, status, created_at FROM payments ORDER BY created_at',
  );
  const events = await pool.query<{ id: string }>("SELECT id FROM events WHERE status = 'cancelled'");
  return {
    reservations: byId(reservations.rows),
    purchases: byId(purchases.rows),
    payments: byId(payments.rows),
    cancelledEvents: new Set(events.rows.map(({ id }) => id)),
  };
}

function byId<T extends { readonly id: string }>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}
