import { Injectable } from '@nestjs/common';
import { type PurchaseRow, purchaseState } from '../allocation/rows';
import { Connections } from '../database/connections';
import {
  type Cut,
  cut,
  cutOfOwner,
  readSlice,
  type Rows,
  sifting,
  type Slice,
  Values,
} from '../database/paging';
import { arrayOf, query, queryOne, statement } from '../database/sql';
import { type Purchase, purchased } from './purchase.resource';

const COLUMNS = `
  p.id, p.ticket_option_id, p.user_id, p.quantity, p.unit_price_cents, p.created_at, p.reservation_id,
  p.payment_id, p.refunded_at`;

const find = statement<PurchaseRow>('find_purchase', `SELECT ${COLUMNS} FROM purchases AS p WHERE p.id = $1`);

const findAll = statement<PurchaseRow>(
  'find_purchases',
  `SELECT ${COLUMNS} FROM purchases AS p WHERE p.id = ANY ($1::uuid[])`,
);

/** What a list of purchases can be narrowed down to. */
export interface PurchaseFilters {
  readonly user: string;
  readonly ticketOption: string;
  readonly event: string;
}

/** Reads purchases. They are written in `allocation/`, together with the counters that they move. */
@Injectable()
export class PurchasesRepository {
  constructor(private readonly connections: Connections) {}

  async find(id: string): Promise<Purchase | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, find, [id]));
    return row && toResource(row);
  }

  /** @returns those of the purchases that there are, in the order of the ids. */
  async findAll(ids: readonly string[]): Promise<Purchase[]> {
    if (ids.length === 0) return [];
    const rows = await this.connections.answer((client) => query(client, findAll, [arrayOf(ids)]));
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => {
      const row = byId.get(id);
      return row === undefined ? [] : toResource(row);
    });
  }

  /** @returns one page, in the order in which they were made. */
  async list(filters: Partial<PurchaseFilters>, slice: Slice): Promise<Rows<Purchase>> {
    const { items, hasMore } = await this.connections.answer((client) => {
      const values = new Values();
      const text = listText(filters, slice, values);
      return readSlice<PurchaseRow>(client, 'list_purchases', text, values, slice);
    });
    return { items: items.map(toResource), hasMore };
  }
}

/**
 * By user, or by ticket option, the index has them in their order. There is none by event, which would cost every
 * sale: each option of the event gives its first ones, and the first of all these are the page.
 */
function listText(
  { user, ticketOption, event }: Partial<PurchaseFilters>,
  slice: Slice,
  values: Values,
): string {
  const ofUser = user && values.add(user, 'uuid');
  const ofOption = ticketOption && values.add(ticketOption, 'uuid');
  const ofEvent = event && values.add(event, 'uuid');
  const sifted = ofEvent === undefined ? [] : [`p.event_id = ${ofEvent}`];
  // Of these, a user has the fewest; a ticket option or an event may have all there are.
  if (ofUser !== undefined) {
    if (ofOption !== undefined) sifted.push(`p.ticket_option_id = ${ofOption}`);
    return select(cutOfOwner('p.user_id', ofUser, 'p.id', slice, values), sifted);
  }
  if (ofOption !== undefined)
    return select(cutOfOwner('p.ticket_option_id', ofOption, 'p.id', slice, values), sifted);
  if (ofEvent === undefined) return select(cut([{ sql: 'p.id', type: 'uuid' }], slice, values), []);

  const ofEach = cutOfOwner('p.ticket_option_id', 'o.id', 'p.id', slice, values);
  return `SELECT ${COLUMNS}
    FROM ticket_options AS o
   CROSS JOIN LATERAL (${select(ofEach, [])}) AS p
   WHERE o.event_id = ${ofEvent}
   ORDER BY ${slice.before === undefined ? 'p.id' : 'p.id DESC'} LIMIT ${ofEach.limit}`;
}

function select({ beyond, orderBy, limit }: Cut, sifted: readonly string[]): string {
  return `SELECT ${COLUMNS} FROM purchases AS p
    WHERE ${[beyond, ...sifted.map(sifting)].join(' AND ')} ORDER BY ${orderBy} LIMIT ${limit}`;
}

function toResource(row: PurchaseRow): Purchase {
  return purchased(purchaseState(row));
}
