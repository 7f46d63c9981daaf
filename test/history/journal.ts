import type { Client } from 'pg';
import type { Effect } from './effects';
import { effectsOf, type Entry } from './entries';

/** What one transaction did. */
export interface Transaction {
  /** It began at this time or later, and was committed at that time or later; by the database's clock. */
  readonly beganMs: number;
  readonly writtenMs: number;
  readonly effects: readonly Effect[];
}

/**
 * Lets the database write down what is written, as it is written. Whoever writes to the same option waits for a lock
 * until the transaction before it is done, so the order of the journal is the order in which things happened. The
 * gateway has no locks, but is asked after one transaction and before the next.
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
  CREATE TRIGGER note AFTER INSERT OR UPDATE ON purchases FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER note AFTER INSERT OR UPDATE ON reservations FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER note AFTER INSERT OR UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER note AFTER INSERT OR UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER note AFTER INSERT ON gateway_charges FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER note AFTER INSERT ON gateway_refunds FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER note AFTER UPDATE OF status ON events FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER note AFTER UPDATE OF allocation ON ticket_options FOR EACH ROW EXECUTE FUNCTION note()`;

/** The gateway knows nothing of events: its rows belong to those of the payments that are their keys. */
const JOURNAL = `
  SELECT j.*, coalesce(j.row->>'event_id', p.event_id::text, j.row->>'id', 'nowhere') AS event,
         r.purchase_id::text AS purchase
    FROM journal AS j
    LEFT JOIN payments AS p
      ON j.what LIKE 'gateway%' AND p.id = coalesce(j.row->>'charge_key', j.row->>'key')::uuid
    LEFT JOIN refunds AS r ON j.what = 'gateway_refunds INSERT' AND r.id = (j.row->>'key')::uuid
   ORDER BY j.number`;

export async function keepJournal(client: Client): Promise<void> {
  await client.query(KEEP_JOURNAL);
}

/** @returns the transactions of each event, in the order in which they happened. */
export async function readJournal(client: Client): Promise<Map<string, Transaction[]>> {
  const { rows } = await client.query<Entry>(JOURNAL);
  const events = new Map<string, Map<string, Entry[]>>();
  for (const entry of rows) {
    const transactions = events.get(entry.event) ?? new Map<string, Entry[]>();
    transactions.set(entry.tx, [...(transactions.get(entry.tx) ?? []), entry]);
    events.set(entry.event, transactions);
  }
  return new Map(
    [...events].map(([event, transactions]) => [event, [...transactions.values()].map(toTransaction)]),
  );
}

function toTransaction(entries: readonly Entry[]): Transaction {
  return {
    beganMs: Math.min(...entries.map(({ began }) => began)),
    writtenMs: Math.max(...entries.map(({ written }) => written)),
    effects: entries.flatMap(effectsOf),
  };
}
