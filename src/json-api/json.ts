import { isUtf8 } from 'node:buffer';
import { duplicateKey } from './duplicate-keys';
import { refusal } from '../refusals';

const MAXIMUM_DEPTH = 32;
const COLON = 0x3a;

/**
 * Parses a body. Stricter than JSON.parse where it would lose something in silence: bytes that are not UTF-8
 * (it would read U+FFFD), a key that comes twice (the last one wins there, the first elsewhere), and nesting so
 * deep that whoever walks the value could run out of stack.
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw refusal('malformed_json', { detail: 'The body is empty.' });
  if (!isUtf8(body)) throw refusal('malformed_json', { detail: 'The body is not valid UTF-8.' });
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refusal('malformed_json');
  }
  // Every key of an object is followed by a colon, so fewer keys than colons is a key lost, or a colon in a
  // string. Only then is it worth scanning the text, which takes ten times as long as counting.
  if (countKeys(value, 1) !== countColons(body)) {
    const key = duplicateKey(text);
    if (key !== undefined) {
      const name = key.length > 60 ? `${key.slice(0, 60).toWellFormed()}…` : key;
      throw refusal('malformed_json', { detail: `The member \`${name}\` comes twice in one object.` });
    }
  }
  return value;
}

function countColons(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(COLON); at !== -1; at = body.indexOf(COLON, at + 1)) count++;
  return count;
}

function countKeys(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAXIMUM_DEPTH)
    throw refusal('invalid_document', {
      detail: `The body is nested more than ${MAXIMUM_DEPTH} levels deep.`,
      source: { pointer: '' },
    });
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item, depth + 1);
  } else {
    for (const key in value) count += 1 + countKeys((value as Record<string, unknown>)[key], depth + 1);
  }
  return count;
}

/** Writes a value as JSON. Unlike JSON.stringify it takes big integers, which become numbers. */
export function writeJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join(',')}}`;
}
