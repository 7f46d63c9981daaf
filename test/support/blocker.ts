import { Client } from 'pg';
import { until } from './paying';

/** Which step of a transaction waits: for the rows of the tickets, in the middle of what is written, or the COMMIT itself. */
export type Step = 'locking' | 'writing' | 'committing';

const KEY = `hashtext(NEW.event_id::text)`;

/** Lets whoever sells tickets of a blocked event, or takes them back, wait while it writes or commits, and for as long as it must. */
const TRIGGERS = `
  CREATE FUNCTION wait_while_writing() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1, ${KEY}); RETURN NEW; END $$;
  CREATE FUNCTION wait_while_committing() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(2, ${KEY}); RETURN NEW; END $$;
  CREATE TRIGGER wait_while_writing BEFORE INSERT OR UPDATE ON purchases
     FOR EACH ROW EXECUTE FUNCTION wait_while_writing();
  CREATE CONSTRAINT TRIGGER wait_while_committing AFTER INSERT OR UPDATE ON purchases DEFERRABLE INITIALLY DEFERRED
     FOR EACH ROW EXECUTE FUNCTION wait_while_committing()`;

/** Stops transactions of one event in their middle, in the database. */
export class Blocker {
  private constructor(
    private readonly client: Client,
    private readonly watcher: Client,
    private readonly pid: number,
  ) {}

  /** The transactions that have waited for it: their sessions, and since when. */
  private waited: { pid: number; since: string }[] = [];

  /** Has to be done once in a database. */
  static async prepare(url: string): Promise<void> {
    const client = await connect(url);
    await client.query(TRIGGERS);
    await client.end();
  }

  /** From now on transactions of the event wait at this step. */
  static async block(url: string, event: string, step: Step): Promise<Blocker> {
    const [client, watcher] = [await connect(url), await connect(url)];
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await client.query('BEGIN');
    if (step === 'locking') {
      await client.query('SELECT FROM ticket_options WHERE event_id = $1 FOR UPDATE', [event]);
    } else {
      const kind = step === 'writing' ? 1 : 2;
      await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [kind, event]);
    }
    return new Blocker(client, watcher, rows[0]?.pid ?? 0);
  }

  /** Waits until a transaction waits. */
  async caught(): Promise<void> {
    await until(async () => {
      const { rows } = await this.watcher.query<{ pid: number; since: string }>(
        'SELECT pid, xact_start::text AS since FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)) AND datname = current_database()',
        [this.pid],
      );
      this.waited = rows;
      return rows.length > 0;
    }, 'a transaction waits');
  }

  /** Lets go on what waits, as far as it is still there, and waits until it is over; or until the server is gone. */
  async end(): Promise<void> {
    await this.client.end().catch(() => undefined);
    await until(() => this.isOver().catch(() => true), 'what waited is over');
    await this.watcher.end().catch(() => undefined);
  }

  private async isOver(): Promise<boolean> {
    const { rows } = await this.watcher.query<{ pid: number; since: string }>(
      'SELECT pid, xact_start::text AS since FROM pg_stat_activity WHERE pid = ANY ($1)',
      [this.waited.map(({ pid }) => pid)],
    );
    return !this.waited.some(({ pid, since }) =>
      rows.some((each) => each.pid === pid && each.since === since),
    );
  }
}

/** Loses its connection without a word when the server is killed. */
async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
