import { Injectable } from '@nestjs/common';
import { Connections } from '../database/connections';
import { cut, readSlice, type Rows, type Slice, Values } from '../database/paging';
import { queryOne, statement } from '../database/sql';
import { LEAST } from './counts.row';
import { kindIdOf, kindOf, type KindScope } from './kind-id';
import type { KindStatistics } from './kind-statistics.resource';

interface KindRow {
  kind_key: string;
  kind: string;
  allocation: string;
  reserved: string;
  sold: string;
  revenue_cents: string;
  over: string;
}

/** In the order of the code points, whatever the locale of the database is. */
const KEY = 'kind_key COLLATE "C"';

/** What is over of all events, by the index of the sweep, whose times are in UTC. */
const OVER_OF_ALL = `
  SELECT o.kind_key, h.tickets
    FROM (SELECT ticket_option_id, event_id, sum(quantity) AS tickets FROM holds
           WHERE expires_at AT TIME ZONE 'UTC' <= (SELECT now() AT TIME ZONE 'UTC')
           GROUP BY ticket_option_id, event_id) AS h
   CROSS JOIN LATERAL (SELECT kind_key FROM ticket_options
                        WHERE id = h.ticket_option_id AND event_id = h.event_id OFFSET 0) AS o`;

/** What is over of one event, by its options. */
const overOfEvent = (event: string): string => `
  SELECT o.kind_key, h.quantity
    FROM ticket_options AS o
   CROSS JOIN LATERAL (SELECT quantity FROM holds
                        WHERE ticket_option_id = o.id AND event_id = o.event_id
                          AND expires_at <= (SELECT now()) OFFSET 0) AS h
   WHERE o.event_id = ${event} AND o.reserved > 0`;

/**
 * Sums the options up by their kinds; those without one are in none. What is over is not looked up for each of the
 * options but added to them as rows of its own: over all events it is little.
 *
 * @param event the SQL of whose options are meant; of all events if absent
 * @param which picks among the kinds
 */
function statisticsOf(event: string | undefined, which: string): string {
  const [options, over] =
    event === undefined ? [`o.id >= ${LEAST}`, OVER_OF_ALL] : [`o.event_id = ${event}`, overOfEvent(event)];
  return `
    SELECT kind_key, min(kind COLLATE "C") AS kind,
           sum(allocation) AS allocation, sum(reserved) AS reserved, sum(sold) AS sold,
           sum(revenue_cents) AS revenue_cents, sum(over) AS over
      FROM (SELECT o.kind_key, o.kind, o.allocation, o.reserved, o.sold, o.revenue_cents, 0::bigint AS over
              FROM ticket_options AS o WHERE ${options}
             UNION ALL
            SELECT over.kind_key, NULL, 0, 0, 0, 0, over.tickets::bigint
              FROM (${over}) AS over (kind_key, tickets)) AS parts
     WHERE kind_key IS NOT NULL AND ${which}`;
}

const find = statement<KindRow>(
  'find_kind_statistics',
  `${statisticsOf(undefined, 'kind_key = $1')} GROUP BY kind_key`,
);

const findOfEvent = statement<KindRow>(
  'find_kind_statistics_of_event',
  `${statisticsOf('$2::uuid', 'kind_key = $1')} GROUP BY kind_key`,
);

/** Reads what is counted of kinds of ticket, from the counters of their options. */
@Injectable()
export class KindStatisticsRepository {
  constructor(private readonly connections: Connections) {}

  async find({ key, event }: KindScope): Promise<KindStatistics | undefined> {
    const row = await this.connections.answer((client) =>
      event === undefined ? queryOne(client, find, [key]) : queryOne(client, findOfEvent, [key, event]),
    );
    return row && toResource(row, event);
  }

  /** @returns one page of the kinds that there are, within an event if one is given, in their own order. */
  async list(event: string | undefined, slice: Slice): Promise<Rows<KindStatistics>> {
    const { items, hasMore } = await this.connections.answer((client) => {
      const values = new Values();
      const of = event === undefined ? undefined : values.add(event, 'uuid');
      const { beyond, orderBy, limit } = cut([{ sql: KEY, type: 'text' }], byKey(slice), values);
      const text = `${statisticsOf(of, beyond)} GROUP BY kind_key ORDER BY ${orderBy} LIMIT ${limit}`;
      return readSlice<KindRow>(client, 'list_kind_statistics', text, values, slice);
    });
    return { items: items.map((row) => toResource(row, event)), hasMore };
  }
}

/** Positions are ids; the kinds are in the order of what the ids end with. */
function byKey({ size, after, before }: Slice): Slice {
  const keyOf = (position: NonNullable<Slice['after']>): [string] => [kindOf(String(position[0])).key];
  return {
    size,
    ...(after !== undefined && { after: keyOf(after) }),
    ...(before !== undefined && { before: keyOf(before) }),
  };
}

function toResource(row: KindRow, event: string | undefined): KindStatistics {
  const [allocation, sold, over] = [BigInt(row.allocation), BigInt(row.sold), BigInt(row.over)];
  const reserved = BigInt(row.reserved) - over;
  return {
    id: kindIdOf({ key: row.kind_key, event }),
    kind: row.kind,
    allocation,
    remaining: allocation - reserved - sold,
    reserved,
    sold,
    revenueCents: BigInt(row.revenue_cents),
  };
}
