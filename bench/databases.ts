import { Client } from 'pg';
import { startScratchServer } from '../src/database/embedded';
import { migrate } from '../src/database/migrate';
import type { Cleanup } from './cleanup';
import { postmasterOf } from './processors';

/**
 * One PostgreSQL server for the whole comparison, and an empty database of its own for each subject: migrated,
 * never analysed, so that plans are those of a first day. `TEST_DATABASE_URL` or `DATABASE_URL` names a server of
 * one's own; the databases made there are dropped at the end.
 */
export class Databases {
  private created = 0;

  private constructor(
    private readonly url: string,
    readonly version: string,
    /** The server's first process; undefined when it is on another machine. */
    readonly postmaster: number | undefined,
    private readonly cleanup: Cleanup,
  ) {}

  static async open(cleanup: Cleanup): Promise<Databases> {
    const given = process.env['TEST_DATABASE_URL'] ?? process.env['DATABASE_URL'];
    const url = given === undefined || given === '' ? await startEmbedded(cleanup) : given;
    const [version = 'unknown', postmaster] = await withClient(url, async (client) => {
      const { rows } = await client.query<{ version: string; session: number }>(
        "SELECT current_setting('server_version') AS version, pg_backend_pid() AS session",
      );
      return [rows[0]?.version, postmasterOf(rows[0]?.session ?? 0)] as const;
    });
    return new Databases(url, version, postmaster, cleanup);
  }

  /** @returns the URL of a new database with the schema and nothing in it. */
  async create(label: string): Promise<string> {
    const name = `holdfast_bench_${label}_${process.pid}_${++this.created}`;
    await withClient(this.url, (client) => client.query(`CREATE DATABASE ${name}`));
    const url = withDatabase(this.url, name);
    this.cleanup.add(() => this.drop(url));
    await migrate(url);
    return url;
  }

  /** Drops one that was made here, so that autovacuum has nothing to do there while others are measured. */
  async drop(url: string): Promise<void> {
    const name = /^\w+:\/\/[^/?]*\/(holdfast_bench_\w+)/.exec(url)?.[1];
    if (name === undefined) throw new Error('not a database of the benchmark');
    await withClient(this.url, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  }
}

/** The same server, another database. By hand: the URL of a Unix socket names no host, which `URL` does not take. */
function withDatabase(url: string, name: string): string {
  return url.replace(/^(\w+:\/\/[^/?]*)(\/[^?]*)?/, `$1/${name}`);
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'holdfast bench' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function startEmbedded(cleanup: Cleanup): Promise<string> {
  const server = await startScratchServer();
  cleanup.add(() => server.end());
  return server.url;
}
