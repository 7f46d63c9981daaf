import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source-options';
import { checkServer } from './session';

/** The advisory lock that migrating instances take, so that they may start together. Any constant will do. */
const MIGRATION_LOCK = 4_805_173_291;

/**
 * Brings a database to the schema of this code. Instances that do so at the same time wait for each other.
 *
 * @param url postgres://…
 * @returns the names of the migrations that were applied, in order; empty when there was nothing to do.
 * @throws UnfitDatabaseError when the server is too old or not durable; the database's own error otherwise.
 */
export async function migrate(url: string): Promise<string[]> {
  const lock = new Client({ connectionString: url, application_name: 'holdfast migrate' });
  lock.on('error', () => undefined);
  await lock.connect();
  try {
    await checkServer(lock);
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const dataSource = await new DataSource({ ...dataSourceOptions(url), poolSize: 1 }).initialize();
    try {
      const applied = await dataSource.runMigrations({ transaction: 'each' });
      return applied.map((migration) => migration.name);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await lock.end();
  }
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
