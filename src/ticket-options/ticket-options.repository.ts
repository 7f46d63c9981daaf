import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { RequestKey } from '../allocation/orders';
import { Connections, decisive } from '../database/connections';
import { cut, readSlice, type Rows, sifting, type Slice, Values } from '../database/paging';
import { arrayOf, type Parameter, query, queryOne, type Statement, statement } from '../database/sql';
import { attributesOf, insertForEvent, insertWithEvent } from './insert-option';
import { kindKey } from './kind-key';
import type { NewTicketOption, TicketOption } from './ticket-option.resource';
import { COLUMNS, ON_SALE, type TicketOptionRow, toResource } from './ticket-option.row';

const find = statement<TicketOptionRow>(
  'find_ticket_option',
  `SELECT ${COLUMNS} FROM ticket_options AS o WHERE o.id = $1 AND o.event_id = $2`,
);

const findNumber = statement<{ id: string }>(
  'find_ticket_option_by_number',
  'SELECT id FROM ticket_options WHERE number = $1',
);

const findAll = statement<TicketOptionRow>(
  'find_ticket_options',
  `SELECT ${COLUMNS} FROM ticket_options AS o WHERE o.id = ANY ($1::uuid[]) ORDER BY o.id`,
);

const findOfEvents = statement<TicketOptionRow>(
  'find_ticket_options_of_events',
  `SELECT ${COLUMNS} FROM ticket_options AS o WHERE o.event_id = ANY ($1::uuid[]) ORDER BY o.id`,
);

const findEvent = statement<{ event_id: string }>(
  'find_event_of_ticket_option',
  `SELECT event_id FROM ticket_options WHERE id = $1`,
);

/** What a list of ticket options can be narrowed down to. */
export interface TicketOptionFilters {
  readonly event: string;
  /** Compared without regard to case. */
  readonly kind: string;
  readonly onSale: boolean;
}

/** Reads and creates ticket options. What moves their counters is in `allocation/`. */
@Injectable()
export class TicketOptionsRepository {
  constructor(private readonly connections: Connections) {}

  /** @returns the new option, or nothing when there is no such event, or a cancelled or just changed one. */
  insertForEvent(
    id: string,
    eventId: string,
    option: NewTicketOption,
    key?: RequestKey,
  ): Promise<TicketOption | undefined> {
    return this.insert(insertForEvent, [id, eventId, ...attributesOf(option, key)]);
  }

  /** Creates the option together with an event of its own. */
  insertWithEvent(
    id: string,
    eventId: string,
    option: NewTicketOption,
    key?: RequestKey,
  ): Promise<TicketOption | undefined> {
    return this.insert(insertWithEvent, [id, eventId, ...attributesOf(option, key)]);
  }

  async find(id: string, eventId: string): Promise<TicketOption | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, find, [id, eventId]));
    return row && toResource(row);
  }

  /** @returns the id of the option with a number. */
  async findIdOfNumber(number: number): Promise<string | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, findNumber, [number]));
    return row?.id;
  }

  /** @returns those of the options that there are. */
  findAll(ids: readonly string[]): Promise<TicketOption[]> {
    return this.read(findAll, ids);
  }

  /** @returns every option of some events, in the order of creation. */
  findOfEvents(eventIds: readonly string[]): Promise<TicketOption[]> {
    return this.read(findOfEvents, eventIds);
  }

  /** @returns one page, in the order of creation. */
  async list(
    { event, kind, onSale }: Partial<TicketOptionFilters>,
    slice: Slice,
  ): Promise<Rows<TicketOption>> {
    const { items, hasMore } = await this.connections.answer((client) => {
      const values = new Values();
      const { beyond, orderBy, limit } = cut([{ sql: 'o.id', type: 'uuid' }], slice, values);
      const where = [beyond];
      if (event !== undefined) where.push(`o.event_id = ${values.add(event, 'uuid')}`);
      if (kind !== undefined) where.push(sifting(`o.kind_key = ${values.add(kindKey(kind), 'text')}`));
      if (onSale !== undefined) where.push(sifting(`${ON_SALE} = ${values.add(onSale, 'boolean')}`));
      const text = `SELECT * FROM (SELECT ${COLUMNS}, o.kind_key FROM ticket_options AS o) AS o
        WHERE ${where.join(' AND ')} ORDER BY ${orderBy} LIMIT ${limit}`;
      return readSlice<TicketOptionRow>(client, 'list_ticket_options', text, values, slice);
    });
    return { items: items.map(toResource), hasMore };
  }

  /** @returns the event that an option belongs to, or nothing when there is no such option. */
  async findEvent(id: string): Promise<string | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, findEvent, [id]));
    return row?.event_id;
  }

  private async insert(
    insert: Statement<TicketOptionRow>,
    values: [id: string, eventId: string, ...others: Parameter[]],
  ): Promise<TicketOption | undefined> {
    const send = (client: PoolClient) => queryOne(client, insert, values);
    const row = await this.connections.answer((client) => decisive(client, () => send(client)), {
      ticket_option_id: values[0],
    });
    return row && toResource(row);
  }

  private async read(which: Statement<TicketOptionRow>, ids: readonly string[]): Promise<TicketOption[]> {
    if (ids.length === 0) return [];
    const rows = await this.connections.answer((client) => query(client, which, [arrayOf(ids)]));
    return rows.map(toResource);
  }
}
