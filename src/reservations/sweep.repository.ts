import { Injectable } from '@nestjs/common';
import { Connections } from '../database/connections';
import { arrayOf, query, statement } from '../database/sql';

/** Of an event, the options of which something is over. */
export interface Over {
  readonly event_id: string;
  readonly ticket_option_ids: readonly string[];
}

/**
 * Looks at the holds that have been over for longest, of all events but some. This is the one statement about
 * reservations that names no event, and it is on nobody's way. It has an index of its own, on the
 * time in UTC; the clock stands in a SELECT, so that it is looked up in the index and not compared with each row. Parameters: events to leave out, how many holds.
 */
export const findOver = statement<{ event_id: string; ticket_option_ids: string[] }>(
  'find_over',
  `SELECT event_id, array_agg(DISTINCT ticket_option_id::text) AS ticket_option_ids
     FROM (SELECT event_id, ticket_option_id FROM holds
            WHERE expires_at AT TIME ZONE 'UTC' <= (SELECT clock_timestamp() AT TIME ZONE 'UTC')
              AND event_id <> ALL ($1::uuid[])
            ORDER BY expires_at AT TIME ZONE 'UTC'
            LIMIT $2) AS oldest
    GROUP BY event_id`,
);

/** Finds what the sweep has to do. */
@Injectable()
export class SweepRepository {
  constructor(private readonly connections: Connections) {}

  findOver(exceptEvents: Iterable<string>, holds: number): Promise<Over[]> {
    return this.connections.answer((client) => query(client, findOver, [arrayOf([...exceptEvents]), holds]));
  }
}
