import type { PoolClient } from 'pg';
import { arrayOf, query, statement } from '../database/sql';
import type { Job, Outcome, Recorded, Refused, RequestKey } from './orders';
import { NOW } from './statements';

/*
 * What requests with an Idempotency-Key leave behind, in the very transaction that has their effect. A key that is
 * there already stops the transaction (its primary key): whoever wrote it was first.
 */

interface KeyRow {
  id: string;
  fingerprint: string;
  resource_id: string | null;
  refused: [Refused, ...Refused[]] | null;
}

const COLUMNS = 'id, fingerprint, resource_id, refused';

/** Whatever event they are of: a key may come back with a request for another one. Parameters: ids. */
export const findKeys = statement<KeyRow>(
  'find_idempotency_keys',
  `SELECT ${COLUMNS} FROM idempotency_keys WHERE id = ANY ($1::uuid[])`,
);

const INSERT = `
  INSERT INTO idempotency_keys (id, event_id, fingerprint, resource_id, refused, created_at)
  SELECT k.id, $1, k.fingerprint, k.resource_id, k.refused, ${NOW}
    FROM json_to_recordset($2::json) AS k (id uuid, fingerprint uuid, resource_id uuid, refused json)`;

/** Fails when one of them is there already. Parameters: event, what is to be kept as JSON. */
const insertKeys = statement('insert_idempotency_keys', `${INSERT} ORDER BY k.id`);

/** Leaves alone what is there already, of whatever event. Parameters: event, what is to be kept as JSON. */
export const insertRefused = statement<{ id: string }>(
  'insert_refused_idempotency_keys',
  `${INSERT}
    WHERE NOT EXISTS (SELECT FROM idempotency_keys AS known WHERE known.id = k.id)
   ORDER BY k.id ON CONFLICT (id, event_id) DO NOTHING RETURNING id`,
);

/**
 * Part of a statement that creates something outside of the lanes: writes the key if there is one.
 *
 * @param event what the row has as its event
 * @param from what the statement has made: rows with `now`
 */
export function keptKey(event: string, resource: string, key: string, print: string, from: string): string {
  return `kept AS (
     INSERT INTO idempotency_keys (id, event_id, fingerprint, resource_id, created_at)
     SELECT ${key}::uuid, ${event}::uuid, ${print}::uuid, ${resource}::uuid, made.now
       FROM (${from}) AS made WHERE ${key}::uuid IS NOT NULL)`;
}

/** PostgreSQL tells UUIDs with hyphens; keys are without. */
function bare(uuid: string): string {
  return uuid.replaceAll('-', '');
}

/** @returns what is known of the keys, by their ids. */
export function recordedOf(rows: readonly KeyRow[]): Map<string, Recorded> {
  return new Map(
    rows.map(({ id, fingerprint, resource_id, refused }) => [
      bare(id),
      { fingerprint: bare(fingerprint), resourceId: resource_id, refused },
    ]),
  );
}

/**
 * Reads what is known of the keys of orders; right under the locks, where nobody else decides on them.
 *
 * @param again whether the orders were sent before: then those may be known that the service has made itself
 */
export async function readRecorded(
  client: PoolClient,
  jobs: readonly Job[],
  again: boolean,
): Promise<Map<string, Recorded>> {
  const ids = jobs.flatMap(({ key }) => (key === undefined || (key.isOwn === true && !again) ? [] : key.id));
  if (ids.length === 0) return new Map();
  return recordedOf(await query(client, findKeys, [arrayOf(ids)]));
}

/** @returns whether a key is written down with this outcome */
export function isKept(key: RequestKey | undefined, { refused }: Outcome): boolean {
  return key !== undefined && (key.isOwn !== true || refused === undefined);
}

/** Sends what is to be kept of decided orders. Not an async function, like `write`. */
export function writeKeys(
  client: PoolClient,
  eventId: string,
  decided: readonly (readonly [Job, Outcome])[],
): Promise<unknown> {
  return query(client, insertKeys, [eventId, asJson(decided)]);
}

/** Writes down refusals that changed nothing else. @returns what the others have been that were there already */
export async function writeRefused(
  client: PoolClient,
  eventId: string,
  decided: readonly (readonly [Job, Outcome])[],
): Promise<Map<string, Recorded>> {
  const written = await query(client, insertRefused, [eventId, asJson(decided)]);
  const ours = new Set(written.map(({ id }) => bare(id)));
  return readRecorded(
    client,
    decided.flatMap(([job]) => (job.key === undefined || ours.has(job.key.id) ? [] : job)),
    true,
  );
}

function asJson(decided: readonly (readonly [Job, Outcome])[]): string {
  return JSON.stringify(
    decided.flatMap(([job, { refused }]) => {
      const { key } = job;
      return key === undefined
        ? []
        : { ...printOf(key), ...(refused ? { refused } : { resource_id: job.id }) };
    }),
  );
}

function printOf({ id, fingerprint }: RequestKey): object {
  return { id, fingerprint };
}
