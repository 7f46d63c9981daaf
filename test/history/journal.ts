import type { Client } from 'pg';
import type { Effect, Item } from './model';

/** What one transaction did. */
export interface Transaction {
  /** It began at this time or later, and was committed at that time or later; by the database's clock. */
  readonly beganMs: number;
  readonly writtenMs: number;
  readonly effects: readonly Effect[];
}

/**
 * Lets the database write down what is written, as it is written. Whoever writes to the same option waits for a lock
 * until the transaction before it is done, so the order of the journal is the order in which things happened.
 */
const KEEP_JOURNAL = `
  CREATE TABLE journal (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tx      text NOT NULL DEFAULT pg_current_xact_id()::text,
    began   double precision NOT NULL DEFAULT floor(extract(epoch FROM now()) * 1000),
    written double precision NOT NULL DEFAULT floor(extract(epoch FROM clock_timestamp()) * 1000),
    what    text NOT NULL,
    was     jsonb,
    row     jsonb NOT NULL);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO journal (what, was, row) VALUES (TG_TABLE_NAME || ' ' || TG_OP, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
  END $$;
  CREATE TRIGGER note AFTER INSERT ON purchases FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER note AFTER INSERT OR UPDATE ON reservations FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER note AFTER UPDATE OF allocation ON ticket_options FOR EACH ROW EXECUTE FUNCTION note()`;

interface Entry {
  readonly tx: string;
  readonly began: number;
  readonly written: number;
  readonly what: string;
  readonly was: Row | null;
  readonly row: Row;
}

/** What is looked at of the rows of three tables. */
interface Row {
  readonly id: string;
  readonly event_id: string;
  readonly user_id: string;
  readonly ticket_option_id: string;
  readonly quantity: number;
  readonly ticket_option_ids: readonly string[];
  readonly quantities: readonly number[];
  readonly status: string;
  readonly allocation: number;
  readonly expires_at: string;
  readonly created_at: string;
}

export async function keepJournal(client: Client): Promise<void> {
  await client.query(KEEP_JOURNAL);
}

/** @returns the transactions of each event, in the order in which they happened. */
export async function readJournal(client: Client): Promise<Map<string, Transaction[]>> {
  const { rows } = await client.query<Entry>('SELECT * FROM journal ORDER BY number');
  const events = new Map<string, Map<string, Entry[]>>();
  for (const entry of rows) {
    const event = entry.row.event_id;
    const transactions = events.get(event) ?? new Map<string, Entry[]>();
    transactions.set(entry.tx, [...(transactions.get(entry.tx) ?? []), entry]);
    events.set(event, transactions);
  }
  return new Map(
    [...events].map(([event, transactions]) => [event, [...transactions.values()].map(toTransaction)]),
  );
}

function toTransaction(entries: readonly Entry[]): Transaction {
  return {
    beganMs: Math.min(...entries.map(({ began }) => began)),
    writtenMs: Math.max(...entries.map(({ written }) => written)),
    effects: entries.flatMap(toEffects),
  };
}

function toEffects({ what, was, row }: Entry): Effect[] {
  const { id, user_id: user } = row;
  const createdMs = Date.parse(row.created_at);
  const untilMs = Date.parse(row.expires_at);
  switch (what) {
    case 'purchases INSERT': {
      const items = [{ option: row.ticket_option_id, quantity: row.quantity }];
      return [{ kind: 'bought', id, user, items, createdMs }];
    }
    case 'reservations INSERT':
      return [{ kind: 'reserved', id, user, items: itemsOf(row), createdMs, untilMs }];
    case 'reservations UPDATE': {
      const isCancelled = row.status === 'cancelled' && was?.status !== 'cancelled';
      const isExtended = row.expires_at !== was?.expires_at;
      return [
        ...(isExtended ? [{ kind: 'extended' as const, id, untilMs }] : []),
        ...(isCancelled ? [{ kind: 'cancelled' as const, id }] : []),
      ];
    }
    default:
      return [{ kind: 'resized', option: id, allocation: row.allocation }];
  }
}

function itemsOf({ ticket_option_ids: options, quantities }: Row): Item[] {
  return options.map((option, index) => ({ option, quantity: quantities[index] ?? 0 }));
}
