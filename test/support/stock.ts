import type { Client } from 'pg';
import { newId } from '../../src/ids';

interface EventTerms {
  readonly maxTicketsPerUser?: number | null;
}

interface OptionTerms {
  readonly allocation: number;
  readonly maxPerUser?: number | null;
  readonly priceCents?: number;
}

/** Makes an event in the tables, beside the service. @returns its id */
export async function insertEvent(
  client: Client,
  { maxTicketsPerUser = null }: EventTerms = {},
): Promise<string> {
  const id = newId();
  await client.query(
    `WITH counts AS (INSERT INTO event_counts (event_id) VALUES ($1))
     INSERT INTO events (id, name, max_tickets_per_user, created_at, updated_at) VALUES ($1, 'Stock', $2, now(), now())`,
    [id, maxTicketsPerUser],
  );
  return id;
}

/** Makes a ticket option in the tables, beside the service. @returns its id */
export async function insertOption(
  client: Client,
  eventId: string,
  { allocation, maxPerUser = null, priceCents = 0 }: OptionTerms,
): Promise<string> {
  const id = newId();
  await client.query(
    `WITH counts AS (UPDATE event_counts SET allocation = allocation + $3 WHERE event_id = $2)
     INSERT INTO ticket_options (id, event_id, name, allocation, remaining, price_cents, max_per_user, counts_users,
                                 event_max_per_user, event_counts_users, created_at, updated_at)
     SELECT $1, e.id, 'Stock', $3, $3, $5, $4::integer, $4 IS NOT NULL,
            e.max_tickets_per_user, e.max_tickets_per_user IS NOT NULL, now(), now()
       FROM events AS e WHERE e.id = $2`,
    [id, eventId, allocation, maxPerUser, priceCents],
  );
  return id;
}
