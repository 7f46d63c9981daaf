import { Injectable } from '@nestjs/common';
import { Client } from 'pg';

/** How often to count, and where; a class, so that it can be injected. */
export class AuditSettings {
  /** @param intervalMs 0 for never */
  constructor(
    readonly intervalMs: number,
    readonly url: string,
  ) {}
}

/** The advisory lock of the instance that audits. Any constant will do. */
const AUDIT_LOCK = 4_805_173_293;

/** One statement counts one slice. What takes longer than this holds back too many old rows; see the runbook. */
const STATEMENT_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * What a session that only counts is like: it writes nothing, and takes neither a second processor nor a lock that somebody
 * waits for.
 */
const SESSION = {
  default_transaction_read_only: 'on',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  // A merge would read the whole of an index and its rows in random order; a slice is sorted without the disk.
  enable_mergejoin: 'off',
  work_mem: '32MB',
  statement_timeout: String(STATEMENT_TIMEOUT_MS),
  lock_timeout: '10000',
} as const;

/**
 * The connection that the books are counted on. Whoever has its lock is the instance that audits, and keeps it until
 * it ends: so there is one audit in each interval, however many instances there are, and none at the same time.
 */
@Injectable()
export class AuditSession {
  private client: Client | undefined;

  constructor(private readonly settings: AuditSettings) {}

  /**
   * @returns a connection, if this is the instance that audits; undefined if another one is
   * @throws the database's error when there is no connection to be had
   */
  async open(): Promise<Client | undefined> {
    if (this.client !== undefined) return this.client;
    const client = new Client({
      connectionString: this.settings.url,
      application_name: 'holdfast audit',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
      keepAlive: true,
    });
    client.on('error', () => undefined);
    client.on('end', () => {
      if (this.client === client) this.client = undefined;
    });
    await client.connect();
    try {
      for (const [name, value] of Object.entries(SESSION))
        await client.query('SELECT set_config($1, $2, false)', [name, value]);
      if (await this.lock(client)) return (this.client = client);
    } catch (error) {
      await client.end();
      throw error;
    }
    await client.end();
    return undefined;
  }

  /** Ends the connection, and with it the lock. What is being counted fails. */
  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  /** @returns whether the lock is this session's now */
  protected async lock(client: Client): Promise<boolean> {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      AUDIT_LOCK,
    ]);
    return rows[0]?.locked === true;
  }
}
