import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source-options';
import { UnfitDatabaseError } from './errors';
import { checkServer } from './session';

/** The advisory lock that migrating instances take, so that they may start together. Any constant will do. */
const MIGRATION_LOCK = 4_805_173_291;

/** How long to wait for the server, and for any of its answers that is not a migration's. */
const CONNECT_TIMEOUT_MS = 2_000;
const ANSWER_TIMEOUT_MS = 6_000;
const LOCK_RETRY_MS = 200;

/**
 * How long a migration waits for a lock on a table. Whoever comes to the table meanwhile waits behind it, so this is how
 * long a sale may stand still because somebody has left a transaction open.
 */
const TABLE_LOCK_TIMEOUT_MS = 1_000;

/**
 * Brings a database to the schema of this code. Instances that do so at the same time wait for each other.
 *
 * @param url postgres://…
 * @param onWait told once when another instance is migrating
 * @param migrations what the schema is made of; tests add some
 * @returns the names of the migrations that were applied, in order; empty when there was nothing to do.
 * @throws UnfitDatabaseError when the server is too old or not durable, or the schema is that of a newer version; then,
 *   as after any failure, the migration that failed has changed nothing. Else the database's own error: 55P03 when a
 *   table stays locked by others.
 */
export async function migrate(
  url: string,
  onWait: () => void = () => undefined,
  { migrations } = dataSourceOptions(url),
): Promise<string[]> {
  const lock = new Client({
    connectionString: url,
    application_name: 'holdfast migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  });
  lock.on('error', () => undefined);
  await lock.connect();
  try {
    await checkServer(lock);
    await acquire(lock, onWait);
    const options = {
      ...dataSourceOptions(url),
      ...(migrations !== undefined && { migrations }),
      poolSize: 1,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      extra: { lock_timeout: TABLE_LOCK_TIMEOUT_MS },
    };
    const dataSource = await new DataSource(options).initialize();
    try {
      checkNotNewer(await schemaState(dataSource));
      const applied = await dataSource.runMigrations({ transaction: 'each' });
      return applied.map((migration) => migration.name);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await lock.end();
  }
}

/** Asks again and again instead of waiting in the server, where nobody could tell who is waited for. */
async function acquire(client: Client, onWait: () => void): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      MIGRATION_LOCK,
    ]);
    if (rows[0]?.locked === true) return;
    if (attempt === 1) onWait();
    await sleep(LOCK_RETRY_MS);
  }
}

/** @throws UnfitDatabaseError when the database has migrations that this code does not know. */
export function checkNotNewer({ unknown }: SchemaState): void {
  if (unknown.length === 0) return;
  throw new UnfitDatabaseError(
    `The database has migrations that this version does not know (${unknown.join(', ')}): it belongs to a newer version of the service.`,
  );
}

/** How the schema of a database differs from this code's migrations. */
export interface SchemaState {
  /** Migrations of this code that the database has not seen. */
  readonly pending: readonly string[];
  /** Migrations of the database that this code does not know: the database is newer. */
  readonly unknown: readonly string[];
}

/** @returns what is missing on either side; both lists are empty when code and database fit. */
export async function schemaState(dataSource: DataSource): Promise<SchemaState> {
  const known = dataSource.migrations.map((migration) => migration.constructor.name);
  const table: { present: boolean }[] = await dataSource.query(
    "SELECT to_regclass('schema_migrations') IS NOT NULL AS present",
  );
  if (table[0]?.present !== true) return { pending: known, unknown: [] };
  const rows: { name: string }[] = await dataSource.query('SELECT name FROM schema_migrations ORDER BY id');
  const applied = rows.map((row) => row.name);
  return {
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}
