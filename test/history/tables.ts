import type { Client } from 'pg';
import type { Model } from './model';

/** One line for whatever the tables have of an event. */
const EVERYTHING = `
  SELECT id::text, format('option: allocation %s, sold %s', allocation, sold) AS line FROM ticket_options WHERE event_id = $1
   UNION ALL
  SELECT id::text, format('purchase: %s', quantity) FROM purchases WHERE event_id = $1
   UNION ALL
  SELECT id::text, format('reservation: %s, %s', status, floor(extract(epoch FROM expires_at) * 1000))
    FROM reservations WHERE event_id = $1`;

/** @returns what the tables have in the end and the model has not, and the other way round. */
export async function differencesFrom(model: Model, client: Client, event: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string; line: string }>(EVERYTHING, [event]);
  const table = new Set(rows.map(({ id, line }) => `${id} ${line}`));
  const expected = new Set(linesOf(model));
  return [
    ...[...table].filter((line) => !expected.has(line)).map((line) => `only in the tables: ${line}`),
    ...[...expected].filter((line) => !table.has(line)).map((line) => `not in the tables: ${line}`),
  ];
}

function linesOf({ options, purchases, reservations }: Model): string[] {
  return [
    ...[...options].map(
      ([id, { allocation, sold }]) => `${id} option: allocation ${allocation}, sold ${sold}`,
    ),
    ...[...purchases].map(([id, quantity]) => `${id} purchase: ${quantity}`),
    ...[...reservations].map(
      ([id, { isCancelled, untilMs }]) =>
        `${id} reservation: ${isCancelled ? 'cancelled' : 'active'}, ${untilMs}`,
    ),
  ];
}
