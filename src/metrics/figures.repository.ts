import { Injectable } from '@nestjs/common';
import { Connections } from '../database/connections';
import { queryOne, statement } from '../database/sql';

/** All counts are texts, since they may be larger than an integer. */
interface FiguresRow {
  created: string;
  paid: string;
  cancelled: string;
  expired: string;
  allocation: string;
  reserved: string;
  sold: string;
  over_seconds: number;
}

/** One pass over the events, and the hold that has been over for longest, by the index of the sweep. */
export const findFigures = statement<FiguresRow>(
  'find_figures',
  `SELECT counts.*,
          coalesce((SELECT extract(epoch FROM clock_timestamp() - expires_at)
                      FROM holds
                     WHERE expires_at AT TIME ZONE 'UTC' <= (SELECT clock_timestamp() AT TIME ZONE 'UTC')
                     ORDER BY expires_at AT TIME ZONE 'UTC' LIMIT 1), 0)::float8 AS over_seconds
     FROM (SELECT coalesce(sum(reservations_created), 0) AS created, coalesce(sum(reservations_paid), 0) AS paid,
                  coalesce(sum(reservations_cancelled), 0) AS cancelled, coalesce(sum(reservations_expired), 0) AS expired,
                  coalesce(sum(allocation), 0) AS allocation, coalesce(sum(reserved), 0) AS reserved,
                  coalesce(sum(sold), 0) AS sold
             FROM event_counts) AS counts`,
);

/** What the database has counted over all events, for all instances together. */
export interface Figures {
  readonly created: number;
  readonly paid: number;
  readonly cancelled: number;
  readonly expired: number;
  readonly tickets: { readonly remaining: number; readonly reserved: number; readonly sold: number };
  /** For how long the hold has been over that has been so for longest and is not given back; 0 when there is none. */
  readonly overSeconds: number;
}

/** Reads the figures that are told as metrics. */
@Injectable()
export class FiguresRepository {
  constructor(private readonly connections: Connections) {}

  /** @throws Refusal when the database does not answer, or has too much to do for this */
  async find(): Promise<Figures> {
    const row = await this.connections.answer((client) => queryOne(client, findFigures, []));
    if (row === undefined) throw new Error('the sum over all events is missing');
    const [reserved, sold] = [Number(row.reserved), Number(row.sold)];
    return {
      created: Number(row.created),
      paid: Number(row.paid),
      cancelled: Number(row.cancelled),
      expired: Number(row.expired),
      tickets: { remaining: Number(row.allocation) - reserved - sold, reserved, sold },
      overSeconds: row.over_seconds,
    };
  }
}
