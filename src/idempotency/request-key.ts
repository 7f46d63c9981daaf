import { hash } from 'node:crypto';
import type { Manner } from '../allocation/changes';
import type { RequestKey } from '../allocation/orders';
import { newId } from '../ids';

/** The key of one request, and a way to say that its answer is that of an earlier one. */
export interface KeyOfRequest extends RequestKey {
  readonly markReplayed: () => void;
}

/** How an organiser wants something changed, by a request that may have a key. */
export interface ChangeManner extends Manner {
  readonly key?: KeyOfRequest | undefined;
}

/** 1 to 255 visible ASCII characters. */
const SANE_KEY = /^[\x21-\x7e]{1,255}$/;

/** @returns whether it can be an `Idempotency-Key`. */
export function isRequestKey(value: string): boolean {
  return SANE_KEY.test(value);
}

/**
 * @param caller who sends it: two callers may use the same key
 * @param what is asked: method, path and conditions, without the query, which only says how the answer is to be shown
 * @param body the bytes as they came, as Latin-1
 */
export function requestKey(caller: string, key: string, what: string, body: string): RequestKey {
  return { id: digest(`${caller}\n${key}`), fingerprint: digest(`${what}\n${body}`) };
}

/**
 * Makes a key for a change that came without one. When the answer to its COMMIT is lost it is run again; by then its own
 * success has moved the version, others may have changed the same again, or the reservation that it extended is being paid:
 * it would be refused for what it did, or do it twice.
 */
export function ownKey(): KeyOfRequest {
  const id = newId().replaceAll('-', '');
  return { id, fingerprint: id, isOwn: true, markReplayed: () => undefined };
}

/** 128 bits of SHA-256: a UUID without its hyphens, which PostgreSQL takes, and a text in one piece. */
function digest(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}
