import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Connections, decisive } from '../database/connections';
import { type Parameter, queryOne, statement } from '../database/sql';
import type { NewTicketOption, TicketOption } from './ticket-option.resource';

interface TicketOptionRow {
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
  price_cents: number;
  max_per_user: number | null;
  max_per_order: number | null;
  sales_start_at: Date | null;
  sales_end_at: Date | null;
  created_at: Date;
  updated_at: Date;
  on_sale: boolean;
}

const COLUMNS = `
  id, event_id, number, name, description, kind, allocation, remaining, reserved, sold, price_cents,
  max_per_user, max_per_order, sales_start_at, sales_end_at, created_at, updated_at,
  remaining > 0
    AND (sales_start_at IS NULL OR sales_start_at <= clock_timestamp())
    AND (sales_end_at IS NULL OR sales_end_at > clock_timestamp()) AS on_sale`;

/** $1 id, $2 event, $3 … the attributes in the order of {@link attributesOf}. */
const INSERT_OPTION = `
  INSERT INTO ticket_options (id, event_id, name, description, kind, allocation, remaining, price_cents,
                              max_per_user, max_per_order, sales_start_at, sales_end_at, created_at, updated_at)
  SELECT $1, event.id, $3, $4, $5, $6::integer, $6::integer, $7, $8, $9, $10, $11, clock.now, clock.now`;

const CLOCK = `(SELECT date_trunc('milliseconds', clock_timestamp()) AS now)`;

const insertForEvent = statement<TicketOptionRow>(
  'insert_ticket_option',
  `${INSERT_OPTION}
     FROM events AS event, ${CLOCK} AS clock
    WHERE event.id = $2::uuid
      FOR KEY SHARE OF event
   RETURNING ${COLUMNS}`,
);

const insertWithEvent = statement<TicketOptionRow>(
  'insert_ticket_option_with_event',
  `WITH clock AS MATERIALIZED ${CLOCK},
        event AS (
          INSERT INTO events (id, name, created_at, updated_at)
          SELECT $2::uuid, $3, clock.now, clock.now FROM clock
          RETURNING id
        )
   ${INSERT_OPTION}
     FROM event, clock
   RETURNING ${COLUMNS}`,
);

const find = statement<TicketOptionRow>(
  'find_ticket_option',
  `SELECT ${COLUMNS} FROM ticket_options WHERE id = $1 AND event_id = $2`,
);

const findEvent = statement<{ event_id: string }>(
  'find_event_of_ticket_option',
  `SELECT event_id FROM ticket_options WHERE id = $1`,
);

/** Reads and creates ticket options. What moves their counters is in `allocation/`. */
@Injectable()
export class TicketOptionsRepository {
  constructor(private readonly connections: Connections) {}

  /** @returns the new option, or nothing when there is no such event. */
  async insertForEvent(
    id: string,
    eventId: string,
    option: NewTicketOption,
  ): Promise<TicketOption | undefined> {
    const row = await this.create(id, (client) =>
      queryOne(client, insertForEvent, [id, eventId, ...attributesOf(option)]),
    );
    return row && toResource(row);
  }

  /** Creates the option together with an event of its own. */
  async insertWithEvent(
    id: string,
    eventId: string,
    option: NewTicketOption,
  ): Promise<TicketOption | undefined> {
    const row = await this.create(id, (client) =>
      queryOne(client, insertWithEvent, [id, eventId, ...attributesOf(option)]),
    );
    return row && toResource(row);
  }

  async find(id: string, eventId: string): Promise<TicketOption | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, find, [id, eventId]));
    return row && toResource(row);
  }

  /** @returns the event that an option belongs to, or nothing when there is no such option. */
  async findEvent(id: string): Promise<string | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, findEvent, [id]));
    return row?.event_id;
  }

  private create<T>(id: string, send: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.connections.answer((client) => decisive(client, () => send(client)), {
      ticket_option_id: id,
    });
  }
}

function attributesOf(option: NewTicketOption): Parameter[] {
  return [
    option.name,
    option.description,
    option.kind,
    option.allocation,
    option.priceCents,
    option.maxPerUser,
    option.maxPerOrder,
    option.salesStartAt,
    option.salesEndAt,
  ];
}

function toResource(row: TicketOptionRow): TicketOption {
  return {
    id: row.id,
    event: row.event_id,
    number: row.number,
    name: row.name,
    description: row.description,
    kind: row.kind,
    allocation: row.allocation,
    remaining: row.remaining,
    reserved: row.reserved,
    sold: row.sold,
    onSale: row.on_sale,
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
