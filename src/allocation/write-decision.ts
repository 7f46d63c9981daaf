import type { PoolClient } from 'pg';
import type { Decision } from './ledger';
import { writeBack } from './write-changes';
import { writeFigures } from './write-figures';
import { writePayments } from './write-payments';
import { write } from './write-takes';
import { takeFromTotals } from './write-totals';

/**
 * Sends what was decided to be written, if anything was, in an order in which what comes back may be taken again, and
 * the statistics last. Not an async function: what it throws before anything is sent must stop the COMMIT behind it.
 *
 * @returns the statements; they throw GuardError when the database does not take the decision
 */
export function writeDecision(
  client: PoolClient,
  eventId: string,
  now: Date,
  { takes, changes, figures }: Decision,
): Promise<unknown>[] {
  const statements: Promise<unknown>[] = [];
  if (changes.reservations.size + changes.moves.size > 0)
    statements.push(writeBack(client, eventId, changes));
  statements.push(...writePayments(client, eventId, now, changes));
  if (takes.purchases.length + takes.reservations.length > 0)
    statements.push(write(client, eventId, now, takes));
  if (!figures.isEmpty)
    statements.push(writeFigures(client, eventId, figures), ...takeFromTotals(client, figures));
  return statements;
}
