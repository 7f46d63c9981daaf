import { Injectable } from '@nestjs/common';
import { Batches } from '../database/batches';
import { Connections } from '../database/connections';
import { arrayOf, query, type Statement, statement } from '../database/sql';
import { type Owned } from './access';

interface OwnerRow {
  id: string;
  user_id: string;
}

/** Whose each is. Of a payment it is who has reserved. */
const FIND: Readonly<Record<Owned, Statement<OwnerRow>>> = {
  reservations: statement(
    'find_owners_of_reservations',
    'SELECT id, user_id FROM reservations WHERE id = ANY ($1::uuid[])',
  ),
  purchases: statement(
    'find_owners_of_purchases',
    'SELECT id, user_id FROM purchases WHERE id = ANY ($1::uuid[])',
  ),
  payments: statement(
    'find_owners_of_payments',
    `SELECT p.id, r.user_id
       FROM payments AS p
       JOIN reservations AS r ON r.id = p.reservation_id AND r.event_id = p.event_id
      WHERE p.id = ANY ($1::uuid[])`,
  ),
};

/** Reads whose something is. That never changes, so it may be read before whatever is to be done. */
@Injectable()
export class OwnersRepository {
  private readonly batches: Readonly<Record<Owned, Batches<string>>>;

  constructor(private readonly connections: Connections) {
    const of = (owned: Owned) => new Batches((ids) => this.findAll(owned, ids));
    this.batches = { reservations: of('reservations'), purchases: of('purchases'), payments: of('payments') };
  }

  /** @returns the id of the user, in lower case; nothing if there is no such thing. */
  find(owned: Owned, id: string): Promise<string | undefined> {
    return this.batches[owned].ask(id);
  }

  private async findAll(owned: Owned, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.connections.answer((client) => query(client, FIND[owned], [arrayOf(ids)]));
    return new Map(rows.map((row) => [row.id, row.user_id]));
  }
}
