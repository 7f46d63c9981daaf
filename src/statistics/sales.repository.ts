import { Injectable } from '@nestjs/common';
import { Connections } from '../database/connections';
import { cut, readSlice, type Rows, type Slice, Values } from '../database/paging';
import type { SalesPoint } from './sales-point.resource';
import type { SalesRange } from './sales-range';

/** A point of the page beside the busiest of the range; null where there is none. */
interface PageRow {
  starts_at: Date | null;
  sold: string | null;
  revenue_cents: string | null;
  busiest_starts_at: Date | null;
  busiest_sold: string | null;
  busiest_revenue_cents: string | null;
}

/** One page of the points of a range. */
export interface SalesPage extends Rows<SalesPoint> {
  /** The first of those with the most sold in the whole range, not only on this page. */
  readonly busiest: SalesPoint | undefined;
}

/** Reads what was sold when. It is written in `allocation/`, in the transactions that sell and refund. */
@Injectable()
export class SalesRepository {
  constructor(private readonly connections: Connections) {}

  /** @returns one page of the intervals in which something was sold, in the order of time. */
  async list(range: SalesRange, slice: Slice): Promise<SalesPage> {
    const { items, hasMore } = await this.connections.answer((client) => {
      const values = new Values();
      return readSlice<PageRow>(client, 'list_sales', listText(range, slice, values), values, slice);
    });
    const [first] = items;
    const busiest =
      first && pointOf(range, first.busiest_starts_at, first.busiest_sold, first.busiest_revenue_cents);
    const points = items.map((row) => pointOf(range, row.starts_at, row.sold, row.revenue_cents));
    return { items: points.filter((point) => point !== undefined), hasMore, busiest };
  }
}

/**
 * All points of the range are added up, since any of them may be the busiest: they are no more than a day has
 * minutes. There is a row also when the page has none, which tells the busiest.
 */
function listText(range: SalesRange, slice: Slice, values: Values): string {
  const { event } = range;
  const all = event === undefined ? ofAllEvents(range, values) : ofEvent(event, range, values);
  const { beyond, orderBy, limit } = cut([{ sql: 'starts_at', type: 'timestamptz' }], slice, values);
  return `
    WITH points AS MATERIALIZED (
           SELECT * FROM (${all}) AS intervals WHERE sold > 0)
    SELECT page.*, busiest.*
      FROM (SELECT) AS once
      LEFT JOIN (SELECT starts_at AS busiest_starts_at, sold AS busiest_sold,
                        revenue_cents AS busiest_revenue_cents
                   FROM points ORDER BY sold DESC, starts_at LIMIT 1) AS busiest ON true
      LEFT JOIN (SELECT * FROM points WHERE ${beyond} ORDER BY ${orderBy} LIMIT ${limit}) AS page ON true
     ORDER BY ${orderBy}`;
}

function ofEvent(event: string, { minutes, from, to }: SalesRange, values: Values): string {
  return `
    SELECT starts_at, sold, revenue_cents FROM sales
     WHERE event_id = ${values.add(event, 'uuid')} AND minutes = ${values.add(minutes, 'integer')}
       AND starts_at >= ${values.add(from, 'timestamptz')} AND starts_at < ${values.add(to ?? 'infinity', 'timestamptz')}`;
}

/**
 * What is folded has one row over all events. The rest, some minutes when the job is at its work, is added up here. One
 * statement sees both at the same moment, so nothing is missing and nothing is there twice.
 */
function ofAllEvents({ minutes, from, to }: SalesRange, values: Values): string {
  const [length, first] = [values.add(minutes, 'integer'), values.add(from, 'timestamptz')];
  const end = values.add(to ?? 'infinity', 'timestamptz');
  // A kind of interval of which nothing is folded has no row in `sales_folds`; greatest() looks away from null.
  return `
    SELECT starts_at, sold, revenue_cents FROM sales_totals
     WHERE minutes = ${length} AND starts_at >= ${first} AND starts_at < ${end}
     UNION ALL
    SELECT starts_at, sum(sold), sum(revenue_cents) FROM sales
     WHERE minutes = ${length} AND starts_at < ${end}
       AND starts_at >= greatest(${first}, (SELECT until FROM sales_folds WHERE minutes = ${length}))
     GROUP BY starts_at`;
}

function pointOf(
  { event, interval }: SalesRange,
  startsAt: Date | null,
  sold: string | null,
  revenueCents: string | null,
): SalesPoint | undefined {
  if (startsAt === null || sold === null || revenueCents === null) return undefined;
  const id = `${interval}:${startsAt.toISOString()}`;
  return {
    id: event === undefined ? id : `${event}:${id}`,
    startsAt,
    sold: BigInt(sold),
    revenueCents: BigInt(revenueCents),
    event: event ?? null,
  };
}
