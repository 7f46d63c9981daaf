import { Client } from 'pg';
import { codeOf, messageOf } from './failure';

export interface EmbeddedConnection {
  /** The directory of the Unix socket, as node-postgres and psql take it for a host. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/**
 * What came of asking for the server:
 * `owned`: it answers and is ours, as long as the client is connected;
 * `taken`: it answers and another process owns it;
 * `busy`: it exists but takes no connection at the moment, as it starts or shuts down;
 * `silent`: nobody listens.
 */
export type Answer =
  | { readonly state: 'owned'; readonly client: Client }
  | { readonly state: 'taken'; readonly by: string }
  | { readonly state: 'busy'; readonly reason: string }
  | { readonly state: 'silent' };

/** In the database `postgres`, where nothing else takes advisory locks. */
const OWNER_LOCK = 1_751_084_132;
const CONNECT_TIMEOUT_MS = 2_000;
/** The password was refused, or the user is unknown: waiting does not help. */
const REFUSED = ['28P01', '28000'];

/**
 * Asks for ownership of the server: a lock of the session, so that it ends with the process, however that ends.
 *
 * @throws the server's error when it refuses for good (SQLSTATE 28P01 or 28000: the password)
 */
export async function askForOwnership(connection: EmbeddedConnection): Promise<Answer> {
  const client = new Client({
    ...connection,
    database: 'postgres',
    application_name: `holdfast owner, process ${process.pid}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  // An error without a listener ends the process; what it means is told by the promises and by `end`.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const locked = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
      OWNER_LOCK,
    ]);
    if (locked.rows[0]?.mine === true) return { state: 'owned', client };
    const by = await ownerOf(client);
    await client.end();
    return { state: 'taken', by };
  } catch (error) {
    client.end().catch(() => undefined);
    const code = codeOf(error);
    if (REFUSED.includes(code)) throw error;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return { state: 'silent' };
    return { state: 'busy', reason: messageOf(error) };
  }
}

/** Makes the database unless it exists; only the owner does, so that nobody is in between. */
export async function createDatabase(client: Client, database: string): Promise<void> {
  const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
}

/** Lets the process end although the client is connected. */
export function doNotHoldUpExit(client: Client): void {
  // The type declarations know unref() of the pool only.
  (client as Client & { unref(): void }).unref();
}

async function ownerOf(client: Client): Promise<string> {
  const found = await client.query<{ name: string }>(
    `SELECT split_part(a.application_name, ', ', 2) AS name
       FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objid = $1`,
    [OWNER_LOCK],
  );
  return found.rows[0]?.name ?? 'just ended';
}
