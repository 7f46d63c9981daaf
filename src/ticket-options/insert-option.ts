import type { RequestKey } from '../allocation/orders';
import { keptKey } from '../allocation/request-keys';
import { type Parameter, statement } from '../database/sql';
import { kindKey } from './kind-key';
import type { NewTicketOption } from './ticket-option.resource';
import { COLUMNS, type TicketOptionRow } from './ticket-option.row';

/**
 * $1 id, $2 event, $3 … the attributes in the order of {@link attributesOf}, then the key of the request and its
 * fingerprint. What of the event decides on sales is
 * repeated in the option; users are counted for the event if they are for any other option of it.
 */
const INSERT_OPTION = `
  INSERT INTO ticket_options AS o (
         id, event_id, name, description, kind, kind_key, allocation, remaining, price_cents,
         max_per_user, counts_users, max_per_order, sales_start_at, sales_end_at,
         event_max_per_user, event_counts_users, created_at, updated_at)
  SELECT $1::uuid, event.id, $3, $4, $5, $6, $7::integer, $7::integer, $8::integer,
         $9::integer, $9::integer IS NOT NULL, $10::integer, $11::timestamptz, $12::timestamptz,
         event.max_tickets_per_user,
         event.max_tickets_per_user IS NOT NULL
           OR EXISTS (SELECT FROM ticket_options AS s WHERE s.event_id = event.id AND s.event_counts_users),
         clock.now, clock.now`;

const CLOCK = `(SELECT date_trunc('milliseconds', clock_timestamp()) AS now)`;

/**
 * Adds an option to an event that is not cancelled. The lock keeps the event from being changed or cancelled
 * meanwhile, both of which write to all options there are.
 *
 * A statement that had to wait for its lock still sees the other options as they were before. So nothing is inserted
 * when the row of the event is another by then than the one that the statement saw at its start; then it is to be
 * tried again.
 */
export const insertForEvent = statement<TicketOptionRow>(
  'insert_ticket_option',
  `WITH new AS (
     ${INSERT_OPTION}
       FROM events AS event, ${CLOCK} AS clock
      WHERE event.id = $2::uuid AND event.status <> 'cancelled'
        AND event.xmin = (SELECT seen.xmin FROM events AS seen WHERE seen.id = $2::uuid)
        FOR SHARE OF event
     RETURNING ${COLUMNS}
   ), figures AS (
     UPDATE event_counts AS e SET allocation = e.allocation + new.allocation FROM new WHERE e.event_id = $2::uuid),
   ${keptKey('$2', '$1', '$13', '$14', 'SELECT created_at AS now FROM new')}
   SELECT * FROM new`,
);

/** Creates an option together with an event of its own. */
export const insertWithEvent = statement<TicketOptionRow>(
  'insert_ticket_option_with_event',
  `WITH clock AS MATERIALIZED ${CLOCK},
        event AS (
          INSERT INTO events (id, name, created_at, updated_at)
          SELECT $2::uuid, $3, clock.now, clock.now FROM clock
          RETURNING id, max_tickets_per_user
        ), figures AS (
          INSERT INTO event_counts (event_id, allocation) SELECT id, $7::integer FROM event
        ), ${keptKey('$13', '$1', '$13', '$14', 'SELECT now FROM clock')}
   ${INSERT_OPTION}
     FROM event, clock
   RETURNING ${COLUMNS}`,
);

/** @returns the parameters after the two ids. */
export function attributesOf(option: NewTicketOption, key?: RequestKey): Parameter[] {
  return [
    option.name,
    option.description,
    option.kind,
    kindKey(option.kind),
    option.allocation,
    option.priceCents,
    option.maxPerUser,
    option.maxPerOrder,
    option.salesStartAt,
    option.salesEndAt,
    key?.id ?? null,
    key?.fingerprint ?? null,
  ];
}
