import { Injectable } from '@nestjs/common';
import { Connections } from '../database/connections';
import { readSlice, type Rows, type Slice, Values } from '../database/paging';
import { queryOne, statement } from '../database/sql';
import { COLUMNS, listText, type ReservationFilters, type ReservationRow } from './list-reservations';
import { type Reservation, shown } from './reservation.resource';

const find = statement<ReservationRow>(
  'find_reservation',
  `SELECT ${COLUMNS} FROM reservations AS r WHERE r.id = $1`,
);

/** Reads reservations. They are written in `allocation/`, together with the counters that they move. */
@Injectable()
export class ReservationsRepository {
  constructor(private readonly connections: Connections) {}

  async find(id: string): Promise<Reservation | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, find, [id]));
    return row && toResource(row);
  }

  /** @returns one page, in the order in which they were made. */
  async list(filters: Partial<ReservationFilters>, slice: Slice): Promise<Rows<Reservation>> {
    const { items, hasMore } = await this.connections.answer((client) => {
      const values = new Values();
      const text = listText(filters, slice, values);
      return readSlice<ReservationRow>(client, 'list_reservations', text, values, slice);
    });
    return { items: items.map(toResource), hasMore };
  }
}

function toResource(row: ReservationRow): Reservation {
  return shown({
    id: row.id,
    event: row.event_id,
    user: row.user_id,
    status: row.status,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    paymentId: row.payment_id,
    purchaseIds: row.purchase_ids,
    items: row.ticket_option_ids.map((ticketOptionId, index) => ({
      ticketOptionId,
      quantity: row.quantities[index] ?? 0,
      unitPriceCents: row.unit_prices_cents[index] ?? 0,
    })),
  });
}
