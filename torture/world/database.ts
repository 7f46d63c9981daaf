import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { EmbeddedServer } from '../../src/database/embedded';
import { closedOnce } from './cleanup';
import { Disk } from './disk';

/** Sessions that are looked at when one of them is to be stopped: those of the service. */
const BACKENDS = `
  SELECT pid FROM pg_stat_activity
   WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
     AND application_name <> $1
   ORDER BY state = 'active' DESC, random() LIMIT 1`;

const OURS = 'torture';

/** A PostgreSQL server of one round's own, which may be killed and whose disk may be filled. */
export class Database {
  /** Connections of our own, beside the service and not by way of any proxy. */
  readonly pool: Pool;
  /** Stops the server and removes all that it has written; a second time it does nothing. */
  readonly stop = closedOnce(() => this.end());

  private constructor(
    private readonly folder: string,
    private readonly server: EmbeddedServer,
    /** Nothing where no small disk can be had. */
    readonly disk: Disk | undefined,
  ) {
    this.pool = new Pool({ connectionString: server.url, max: 6, application_name: OURS });
    // Connections are lost when the server is killed; the next one is another.
    this.pool.on('error', () => undefined);
  }

  get url(): string {
    return this.server.url;
  }

  /** Starts a server on a disk of its own, if that can be had. */
  static async start(): Promise<Database> {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'holdfast-torture-'));
    // As root the server runs as another user.
    chmodSync(folder, 0o755);
    const disk = Disk.mount(folder);
    try {
      const server = EmbeddedServer.open({ dataDir: folder });
      await server.start();
      const database = new Database(folder, server, disk);
      for (const setting of ["max_wal_size = '96MB'", "min_wal_size = '32MB'"])
        await database.pool.query(`ALTER SYSTEM SET ${setting}`);
      await database.pool.query('SELECT pg_reload_conf()');
      return database;
    } catch (error) {
      disk?.unmount();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** As a crash of the machine's kernel would, but that what was written is still there. @returns whether it was running */
  kill(): boolean {
    try {
      return process.kill(this.postmaster(), 'SIGKILL');
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'ENOENT'))
        return false;
      throw error;
    }
  }

  /** @returns the process of some session of the service, one that works if there is one */
  async backend(): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ pid: number }>(BACKENDS, [OURS]);
    return rows[0]?.pid;
  }

  /** A session for taking locks: it may live as long as the locks are wanted. */
  async session(): Promise<Client> {
    const client = new Client({ connectionString: this.url, application_name: OURS });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async isUp(): Promise<boolean> {
    await this.pool.query('SELECT 1');
    return true;
  }

  private async end(): Promise<void> {
    // Whoever still has a connection loses it with the server.
    const ended = this.pool.end().catch(() => undefined);
    await this.server.stop();
    await ended;
    const data = realpathSync(join(this.folder, 'postgres'));
    this.disk?.unmount();
    for (const folder of [data, this.folder]) rmSync(folder, { recursive: true, force: true });
  }

  private postmaster(): number {
    const file = readFileSync(join(this.folder, 'postgres', 'postmaster.pid'), 'utf8');
    return Number(file.split('\n')[0]);
  }
}
