import { Injectable } from '@nestjs/common';
import type { RequestKey } from '../allocation/orders';
import { keptKey } from '../allocation/request-keys';
import { NOW } from '../allocation/statements';
import { Connections, decisive } from '../database/connections';
import { cut, readSlice, type Rows, type Slice, type SortKey, Values } from '../database/paging';
import { arrayOf, query, queryOne, statement } from '../database/sql';
import type { Event, NewEvent } from './event.resource';

interface EventRow {
  id: string;
  name: string;
  starts_at: Date | null;
  ends_at: Date | null;
  description: string | null;
  venue: string | null;
  max_tickets_per_user: number | null;
  status: 'scheduled' | 'cancelled';
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = `
  id, name, starts_at, ends_at, description, venue, max_tickets_per_user, status, created_at, updated_at`;

const insert = statement<EventRow>(
  'insert_event',
  `WITH clock AS MATERIALIZED (SELECT ${NOW} AS now),
        figures AS (INSERT INTO event_counts (event_id) VALUES ($1::uuid)),
        ${keptKey('$8', '$1', '$8', '$9', 'SELECT now FROM clock')}
   INSERT INTO events (id, name, starts_at, ends_at, description, venue, max_tickets_per_user,
                       created_at, updated_at)
   SELECT $1::uuid, $2, $3::timestamptz, $4::timestamptz, $5, $6, $7::integer, clock.now, clock.now
     FROM clock
   RETURNING ${COLUMNS}`,
);

const find = statement<EventRow>('find_event', `SELECT ${COLUMNS} FROM events WHERE id = $1`);

const findAll = statement<EventRow>(
  'find_events',
  `SELECT ${COLUMNS} FROM events WHERE id = ANY ($1::uuid[]) ORDER BY id`,
);

/** What a list of events can be narrowed down to. */
export interface EventFilters {
  readonly status: 'scheduled' | 'cancelled';
  /** Later than this. */
  readonly startsAfter: Date;
  readonly startsBefore: Date;
}

/** What a list of events can be sorted by. */
export type EventSort = 'startsAt' | 'name' | 'createdAt';

/** To the letter as `ix_events_starts_at` has it; an event without a date comes last. */
const STARTS_AT = `coalesce(starts_at, 'infinity')`;

const SORT_KEYS: Readonly<Record<EventSort, SortKey>> = {
  startsAt: { sql: STARTS_AT, type: 'timestamptz', ifNull: 'infinity' },
  name: { sql: 'name', type: 'text' },
  createdAt: { sql: 'created_at', type: 'timestamptz' },
};

/** Reads and creates events. They are changed in `allocation/`, since every sale depends on them. */
@Injectable()
export class EventsRepository {
  constructor(private readonly connections: Connections) {}

  async insert(id: string, event: NewEvent, key?: RequestKey): Promise<Event> {
    const { name, startsAt, endsAt, description, venue, maxTicketsPerUser } = event;
    const about = [name, startsAt, endsAt, description, venue, maxTicketsPerUser];
    const values = [id, ...about, key?.id ?? null, key?.fingerprint ?? null];
    const row = await this.connections.answer(
      (client) => decisive(client, () => queryOne(client, insert, values)),
      { event_id: id },
    );
    if (row === undefined) throw new Error('an event was inserted, but not told');
    return toResource(row);
  }

  async find(id: string): Promise<Event | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, find, [id]));
    return row && toResource(row);
  }

  /** @returns those of the events that there are. */
  async findAll(ids: readonly string[]): Promise<Event[]> {
    if (ids.length === 0) return [];
    const rows = await this.connections.answer((client) => query(client, findAll, [arrayOf(ids)]));
    return rows.map(toResource);
  }

  /** @returns one page, in the order of creation unless another is wanted. */
  async list(
    filters: Partial<EventFilters>,
    sort: readonly { by: EventSort; descending: boolean }[],
    slice: Slice,
  ): Promise<Rows<Event>> {
    const { items, hasMore } = await this.connections.answer((client) => {
      const values = new Values();
      const where = conditions(filters, values);
      const order = sort.map(({ by, descending }) => ({ ...SORT_KEYS[by], descending }));
      // The index of the last key has the id in the same direction.
      const descending = order.at(-1)?.descending ?? false;
      const { beyond, orderBy, limit } = cut(
        [...order, { sql: 'id', type: 'uuid', descending }],
        slice,
        values,
      );
      const text = `SELECT ${COLUMNS} FROM events
        WHERE ${[...where, beyond].join(' AND ')} ORDER BY ${orderBy} LIMIT ${limit}`;
      return readSlice<EventRow>(client, 'list_events', text, values, slice);
    });
    return { items: items.map(toResource), hasMore };
  }
}

function conditions(
  { status, startsAfter, startsBefore }: Partial<EventFilters>,
  values: Values,
): readonly string[] {
  const where: string[] = [];
  if (status !== undefined) where.push(`status = ${values.add(status, 'text')}`);
  // Without a date an event is after nothing.
  if (startsAfter !== undefined)
    where.push(`${STARTS_AT} > ${values.add(startsAfter, 'timestamptz')}`, `${STARTS_AT} < 'infinity'`);
  if (startsBefore !== undefined) where.push(`${STARTS_AT} < ${values.add(startsBefore, 'timestamptz')}`);
  return where;
}

function toResource(row: EventRow): Event {
  return {
    id: row.id,
    name: row.name,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    description: row.description,
    venue: row.venue,
    maxTicketsPerUser: row.max_tickets_per_user,
    status: row.status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
