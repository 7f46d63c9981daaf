import { v7 } from 'uuid';

/** A new id for a row: a version 7 UUID (RFC 9562), so that indexes grow at one end. */
export function newId(): string {
  return v7();
}
