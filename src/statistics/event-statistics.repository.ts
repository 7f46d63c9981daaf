import { Injectable } from '@nestjs/common';
import { Connections } from '../database/connections';
import { cut, readSlice, type Rows, type Slice, type SortKey, Values } from '../database/paging';
import { queryOne, statement } from '../database/sql';
import { COUNTERS, type CountsRow, LEAST, SHARES, shown, SUM_OF_OVER } from './counts.row';
import type { EventStatistics } from './event-statistics.resource';
import { type StatisticsTotals, TOTALS } from './statistics-totals.resource';

type EventRow = CountsRow & { event_id: string };
type TotalsRow = CountsRow & { events: string };

/** What a ranking of the events can be sorted by. */
export type RankingSort = 'sellThrough' | 'revenueCents' | 'sold';

/** None of these moves when a reservation is over, so the order is right before that is looked at. */
const SORT_KEYS: Readonly<Record<RankingSort, SortKey>> = {
  sellThrough: { sql: 'sell_through', type: 'float8' },
  revenueCents: { sql: 'revenue_cents', type: 'numeric' },
  sold: { sql: 'sold', type: 'bigint' },
};

/** What is over of an event: the holds of each of its options, and of none where nothing is reserved. */
const OVER_OF_EVENT = `
  SELECT ${SUM_OF_OVER}
    FROM ticket_options AS o
   CROSS JOIN LATERAL (SELECT reservation_id, quantity FROM holds
                        WHERE ticket_option_id = o.id AND event_id = o.event_id
                          AND expires_at <= (SELECT now()) OFFSET 0) AS h
   WHERE o.event_id = counts.event_id AND o.reserved > 0 AND counts.reserved > 0`;

/**
 * @param which picks among all events, and puts them in their order if there are several; only for what it picks
 *   it is looked up what is over
 */
function statisticsOf(which: string, orderBy: string): string {
  return `
    SELECT *
      FROM (SELECT *
              FROM (SELECT event_id, ${COUNTERS.join(', ')}, ${SHARES} FROM event_counts) AS all_counts
             ${which}) AS counts
     CROSS JOIN LATERAL (${OVER_OF_EVENT}) AS over
     ORDER BY ${orderBy}`;
}

const find = statement<EventRow>('find_event_statistics', statisticsOf('WHERE event_id = $1', 'event_id'));

/** One pass over the events, and what is over by the index of the sweep, whose times are in UTC. */
const findTotals = statement<TotalsRow>(
  'find_totals',
  `SELECT counts.*, ${SHARES}, over.*
     FROM (SELECT count(*) AS events, ${COUNTERS.map((name) => `coalesce(sum(${name}), 0) AS ${name}`).join(', ')}
             FROM event_counts WHERE event_id >= ${LEAST}) AS counts
    CROSS JOIN (SELECT ${SUM_OF_OVER} FROM holds AS h
                 WHERE h.expires_at AT TIME ZONE 'UTC' <= (SELECT now() AT TIME ZONE 'UTC')) AS over`,
);

/** Reads what is counted of events. It is written in `allocation/`, in the transactions that it tells of. */
@Injectable()
export class EventStatisticsRepository {
  constructor(private readonly connections: Connections) {}

  async find(eventId: string): Promise<EventStatistics | undefined> {
    const row = await this.connections.answer((client) => queryOne(client, find, [eventId]));
    return row && toResource(row);
  }

  /** @returns one page, in the order in which the events were created unless another is wanted. */
  async list(
    sort: readonly { by: RankingSort; descending: boolean }[],
    slice: Slice,
  ): Promise<Rows<EventStatistics>> {
    const { items, hasMore } = await this.connections.answer((client) => {
      const values = new Values();
      const order = sort.map(({ by, descending }) => ({ ...SORT_KEYS[by], descending }));
      const page = cut([...order, { sql: 'event_id', type: 'uuid' }], slice, values);
      const which = `WHERE event_id >= ${LEAST} AND ${page.beyond} ORDER BY ${page.orderBy} LIMIT ${page.limit}`;
      const text = statisticsOf(which, page.orderBy);
      return readSlice<EventRow>(client, 'list_event_statistics', text, values, slice);
    });
    return { items: items.map(toResource), hasMore };
  }

  /** @returns what is counted over all events. */
  async findTotals(): Promise<StatisticsTotals> {
    const row = await this.connections.answer((client) => queryOne(client, findTotals, []));
    if (row === undefined) throw new Error('the sum over all events is missing');
    return { id: TOTALS, events: Number(row.events), ...shown(row) };
  }
}

function toResource(row: EventRow): EventStatistics {
  return { id: row.event_id, event: row.event_id, ...shown(row) };
}
