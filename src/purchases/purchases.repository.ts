import { Injectable } from '@nestjs/common';
import { Connections } from '../database/connections';
import { queryOne, statement } from '../database/sql';
import { completed, type Purchase } from './purchase.resource';

const find = statement<{
  id: string;
  ticket_option_id: string;
  user_id: string;
  quantity: number;
  unit_price_cents: number;
  created_at: Date;
}>(
  'find_purchase',
  `SELECT id, ticket_option_id, user_id, quantity, unit_price_cents, created_at FROM purchases WHERE id = $1`,
);

/** Reads purchases. They are written in `allocation/`, together with the counters that they move. */
@Injectable()
export class PurchasesRepository {
  constructor(private readonly connections: Connections) {}

  async find(id: string): Promise<Purchase | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, find, [id]));
    return (
      row &&
      completed({
        id: row.id,
        quantity: row.quantity,
        unitPriceCents: row.unit_price_cents,
        createdAt: row.created_at,
        ticketOption: row.ticket_option_id,
        user: row.user_id,
      })
    );
  }
}
