import type { ClientBase } from 'pg';
import { type Backend, UnfitDatabaseError } from './errors';

/**
 * What a session must be like, whatever the defaults of its server, database or role.
 *
 * Every wait has an end (milliseconds): an instance that is stopped while it holds a row stops the others for no
 * longer. Dates come in the one format that the driver reads. READ COMMITTED is what every statement here was thought
 * through with; stricter levels would only refuse what is safe.
 *
 * Every statement of the service looks up the rows that it names, by an index. A plan is kept for as long as the
 * connection; one that was made while the tables were empty must not read them whole when they are large.
 */
const SESSION = {
  lock_timeout: '2000',
  statement_timeout: '5000',
  idle_in_transaction_session_timeout: '5000',
  datestyle: 'ISO',
  default_transaction_isolation: 'read committed',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  // Forced plans look expensive, but none of them runs for longer than compiling it would take.
  jit: 'off',
} as const;

/** Longer than any statement may take: for a server that no longer answers at all. */
export const QUERY_TIMEOUT_MS = 6_000;

/** 15.0; older versions are not tested. */
const OLDEST_SERVER = 150_000;

const backends = new WeakMap<ClientBase, Backend>();

/** @returns the server process behind a connection that went through {@link prepareSession}. */
export function backendOf(client: ClientBase): Backend | undefined {
  return backends.get(client);
}

/**
 * Makes a fresh connection ready for work: checks what the promises need of the server, and limits its waits.
 *
 * @throws UnfitDatabaseError when the server is too old or does not make commits durable.
 */
export async function prepareSession(client: ClientBase): Promise<void> {
  // A connection that is lost while it is lent out fails the statement in hand, and then says so once more as an
  // event, which would end the process if nobody listened.
  client.on('error', () => undefined);
  for (const [name, value] of Object.entries(SESSION)) {
    await client.query('SELECT set_config($1, $2, false)', [name, value]);
  }
  await checkServer(client);
  // Its own value, but now of the session: switching it off for everybody no longer reaches this one.
  await client.query("SELECT set_config('synchronous_commit', current_setting('synchronous_commit'), false)");
  // Lets the server notice that we are gone in the middle of a long statement. Not every platform has it.
  await client
    .query("SELECT set_config('client_connection_check_interval', '1000', false)")
    .catch(() => null);
}

/**
 * Acknowledged means durable: a success is answered after COMMIT, so a COMMIT must reach the disk. Any of these
 * switched off would turn every 201 into a guess. Asked on each new connection, since servers are reconfigured.
 *
 * @throws UnfitDatabaseError with one sentence.
 */
export async function checkServer(client: ClientBase): Promise<void> {
  const { rows } = await client.query<
    Record<'version' | 'version_num' | 'encoding' | DurabilitySetting | 'started_at', string> & {
      pid: number;
    }
  >(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS version_num,
            current_setting('server_encoding') AS encoding,
            current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
            current_setting('synchronous_commit') AS synchronous_commit,
            pg_backend_pid() AS pid,
            (SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS started_at`,
  );
  const server = rows[0];
  if (server === undefined) throw new UnfitDatabaseError('The database does not say what it is.');
  if (Number(server.version_num) < OLDEST_SERVER) {
    throw new UnfitDatabaseError(
      `PostgreSQL 15 or newer is needed; the server at DATABASE_URL is ${server.version}.`,
    );
  }
  if (server.encoding !== 'UTF8') {
    throw new UnfitDatabaseError(
      `The database at DATABASE_URL keeps text as ${server.encoding}, which has no room for every name; create one with ENCODING 'UTF8'.`,
    );
  }
  for (const [setting, durable] of Object.entries(DURABLE) as [DurabilitySetting, readonly string[]][]) {
    if (!durable.includes(server[setting])) {
      throw new UnfitDatabaseError(
        `${setting} is "${server[setting]}" in the database, so a sale could be lost after it was confirmed; set it to on.`,
      );
    }
  }
  backends.set(client, { pid: server.pid, startedAt: server.started_at });
}

const DURABLE = {
  fsync: ['on'],
  full_page_writes: ['on'],
  // remote_apply waits for even more than on.
  synchronous_commit: ['on', 'remote_apply'],
} as const;
type DurabilitySetting = keyof typeof DURABLE;
