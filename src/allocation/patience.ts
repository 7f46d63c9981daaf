import type { PoolClient, QueryResultRow } from 'pg';
import { type Parameter, query, type Statement } from '../database/sql';

/** How long what an organiser does to a whole event may take, when it has sold to very many. */
const PATIENCE_MS = 30_000;

/**
 * Runs a statement that reads or writes all there is of an event or option: the one thing in a lane that is allowed
 * to take its time. Whoever wants something of the event meanwhile is told that it is overloaded.
 */
export async function queryPatiently<Row extends QueryResultRow>(
  client: PoolClient,
  sql: Statement<Row>,
  values: Parameter[],
): Promise<Row[]> {
  await client.query(`SET LOCAL statement_timeout = ${PATIENCE_MS}`);
  const rows = await query(client, { ...sql, timeoutMs: PATIENCE_MS + 1_000 }, values);
  await client.query('SET LOCAL statement_timeout = 5000');
  return rows;
}
