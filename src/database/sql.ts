import type { ClientBase, QueryResultRow } from 'pg';

/**
 * A statement with a name, so that the server parses and plans it once for each connection.
 * Build it with {@link statement}; values always travel as parameters.
 */
export interface Statement<Row extends QueryResultRow> {
  readonly name: string;
  readonly text: string;
  /** How long to wait for the answer, if it is another time than that of all statements. */
  readonly timeoutMs?: number;
  /** Only for the type system: what a row looks like. */
  readonly row?: Row;
}

/** @param name unique in the program: the server knows the statement by it. */
export function statement<Row extends QueryResultRow>(name: string, text: string): Statement<Row> {
  return { name, text };
}

/** What a parameter can be; arrays of ids and numbers go through {@link arrayOf}. */
export type Parameter = string | number | boolean | Date | null;

/**
 * An array parameter in the text form of PostgreSQL. For items that need no quoting (UUIDs, integers) this is
 * several times cheaper than the driver's own array encoding, which quotes and escapes each item.
 */
export function arrayOf(items: readonly (string | number | bigint)[]): string {
  return `{${items.join(',')}}`;
}

/** The same for a `text[]` whose items are arrays themselves, or null, to be cast to one in the statement. */
export function rowsOf(rows: readonly (readonly (string | number)[] | null)[]): string {
  return `{${rows.map((items) => (items === null ? 'NULL' : `"{${items.join(',')}}"`)).join(',')}}`;
}

/** Runs one statement on one connection. @returns the rows, for UPDATE and INSERT those of RETURNING. */
export async function query<Row extends QueryResultRow>(
  client: ClientBase,
  { name, text, timeoutMs }: Statement<Row>,
  values: Parameter[],
): Promise<Row[]> {
  const config =
    timeoutMs === undefined ? { name, text, values } : { name, text, values, query_timeout: timeoutMs };
  const result = await client.query<Row>(config);
  return result.rows;
}

/** The same, for statements that answer at most one row. */
export async function queryOne<Row extends QueryResultRow>(
  client: ClientBase,
  sql: Statement<Row>,
  values: Parameter[],
): Promise<Row | undefined> {
  const rows = await query(client, sql, values);
  return rows[0];
}
