import type { ClientBase } from 'pg';
import { CHECKS_OF_ALL, CHECKS_OF_EVENTS, type Difference } from './audit';

/**
 * Rows that a slice has, about; one event is never cut. A snapshot keeps every version of a row that was replaced since,
 * and a hot option's row is replaced with each turn, so none may last for long.
 */
const SLICE_ROWS = 200_000;

/** Differences that one statement tells: books that are wrong everywhere must not fill the memory. */
const MOST_TOLD = 1_000;

/** The first event of each slice, in order. Parameter: rows of a slice. */
const SLICES = `
  SELECT DISTINCT ON (slice) event_id
    FROM (SELECT event_id,
                 div(sum(1 + sold + reservations_created) OVER (ORDER BY event_id) - 1 - sold - reservations_created, $1) AS slice
            FROM event_counts) AS running
   ORDER BY slice, event_id`;

const OF_EVENTS = (column: string) => `${column} >= $1::uuid AND ($2::uuid IS NULL OR ${column} < $2::uuid)`;
const TABLES = ['ticket_options', 'holds', 'user_counts', 'reservations', 'payments', 'refunds'];

/**
 * The tables as they are for a range of events: in a statement, the name of a CTE comes before that of a table. Purchases
 * are found by their options, for which there is an index; the others have one for their events, or are read through.
 */
const SLICE = `
  WITH events AS NOT MATERIALIZED (SELECT * FROM events WHERE ${OF_EVENTS('id')}),
       purchases AS NOT MATERIALIZED (
         SELECT * FROM purchases
          WHERE ticket_option_id IN (SELECT id FROM ticket_options WHERE ${OF_EVENTS('event_id')})
            AND ${OF_EVENTS('event_id')}),
       ${[...TABLES, 'event_counts', 'sales']
         .map((name) => `${name} AS NOT MATERIALIZED (SELECT * FROM ${name} WHERE ${OF_EVENTS('event_id')})`)
         .join(',\n       ')}`;

const LEAST = '00000000-0000-0000-0000-000000000000';

/**
 * The same as `audit`, but for a service that sells meanwhile: slice by slice and statement by statement, each in a
 * snapshot of its own. So no snapshot lasts for longer than one statement about one slice.
 *
 * @param client not within a transaction
 * @param rest is called after each statement with the milliseconds that it took, and waited for
 * @param sliceRows purchases and reservations that a slice has, about
 * @throws the database's error; then nothing is known of what had not been looked at
 */
export async function* auditInSlices(
  client: ClientBase,
  rest: (tookMs: number) => Promise<void>,
  sliceRows = SLICE_ROWS,
): AsyncGenerator<Difference, void, void> {
  async function* look(text: string, values: (string | null)[]): AsyncGenerator<Difference> {
    const beganMs = performance.now();
    const { rows } = await client.query<Difference>(text, values);
    yield* rows;
    await rest(performance.now() - beganMs);
  }
  const { rows } = await client.query<{ event_id: string }>(SLICES, [sliceRows]);
  const ends = rows.slice(1).map(({ event_id }) => event_id);
  for (const [index, from] of [LEAST, ...ends].entries())
    for (const check of CHECKS_OF_EVENTS) yield* look(`${SLICE} ${told(check)}`, [from, ends[index] ?? null]);
  for (const check of CHECKS_OF_ALL) yield* look(told(check), []);
}

function told(check: string): string {
  return `SELECT id, sentence FROM (${check}) AS found LIMIT ${MOST_TOLD}`;
}
