import type { ClientBase } from 'pg';

/** Counters for one ticket option. */
export const BUCKETS = 16;

/** What a way to sell needs in its own database, beside the schema. */
export interface Stock {
  /** Once, in the empty database. */
  readonly setUp: readonly string[];
  /** For each option that it is to sell, with its id. */
  readonly fill?: string;
  /** Tickets that it has left of an option, with its id. */
  readonly left: string;
}

const TICKETS = `
  CREATE TABLE bench_tickets (
    ticket_option_id uuid NOT NULL,
    number           integer NOT NULL,
    event_id         uuid NOT NULL,
    PRIMARY KEY (ticket_option_id, number, event_id))`;

const SIXTEEN = `
  CREATE TABLE bench_buckets (
    ticket_option_id uuid NOT NULL,
    bucket           integer NOT NULL,
    event_id         uuid NOT NULL,
    remaining        integer NOT NULL CHECK (remaining >= 0),
    PRIMARY KEY (ticket_option_id, bucket, event_id)
  ) WITH (fillfactor = 10)`;

export const RECOUNTED: Stock = {
  setUp: ['CREATE INDEX bench_ix_sold ON purchases (ticket_option_id, event_id) INCLUDE (quantity)'],
  left: `
    SELECT allocation - coalesce((SELECT sum(quantity) FROM purchases AS p
             WHERE p.ticket_option_id = o.id AND p.event_id = o.event_id), 0)::int AS tickets
      FROM ticket_options AS o WHERE o.id = $1`,
};

export const TICKET_ROWS: Stock = {
  setUp: [TICKETS],
  fill: `
    INSERT INTO bench_tickets (ticket_option_id, number, event_id)
    SELECT o.id, n, o.event_id FROM ticket_options AS o, generate_series(1, o.allocation) AS n WHERE o.id = $1`,
  left: 'SELECT count(*)::int AS tickets FROM bench_tickets WHERE ticket_option_id = $1',
};

export const SUB_COUNTERS: Stock = {
  setUp: [SIXTEEN],
  fill: `
    INSERT INTO bench_buckets (ticket_option_id, bucket, event_id, remaining)
    SELECT o.id, n, o.event_id, (o.allocation / ${BUCKETS}) + CASE WHEN n < o.allocation % ${BUCKETS} THEN 1 ELSE 0 END
      FROM ticket_options AS o, generate_series(0, ${BUCKETS} - 1) AS n WHERE o.id = $1`,
  left: 'SELECT sum(remaining)::int AS tickets FROM bench_buckets WHERE ticket_option_id = $1',
};

const SOLD = `
  SELECT o.allocation, coalesce((SELECT sum(quantity) FROM purchases AS p
           WHERE p.ticket_option_id = o.id AND p.event_id = o.event_id), 0)::int AS sold
    FROM ticket_options AS o WHERE o.id = $1`;

const FOLD = `
  UPDATE ticket_options SET remaining = allocation - $2::int, sold = $2::int, ever_taken = $2::int > 0 WHERE id = $1`;

/**
 * Brings into the option's own counters what was sold beside them, so that the same counting applies to every way to sell.
 *
 * @returns one sentence if what is left and what was bought are not what there was; then nothing is changed
 */
export async function fold(client: ClientBase, { left }: Stock, ticketOptionId: string): Promise<string[]> {
  const stock = await client.query<{ tickets: number }>(left, [ticketOptionId]);
  const bought = await client.query<{ allocation: number; sold: number }>(SOLD, [ticketOptionId]);
  const tickets = stock.rows[0]?.tickets ?? NaN;
  const { allocation = NaN, sold = NaN } = bought.rows[0] ?? {};
  const problems = foldedDifferences(allocation, sold, tickets);
  if (problems.length === 0) await client.query(FOLD, [ticketOptionId, sold]);
  return problems;
}

/** @returns one sentence if tickets left and tickets sold are not those that there were. */
export function foldedDifferences(allocation: number, sold: number, left: number): string[] {
  if (left >= 0 && sold + left === allocation) return [];
  return [`${sold} are bought and ${left} left of ${allocation}`];
}
