import { crc32 } from 'node:zlib';
import { type AttributeField } from './fields';
import { type IdForm, isTextId, isUuid } from './ids';
import { type Position } from './listing';

/** One key of the order of a list. */
export interface SortKey {
  readonly field: AttributeField;
  readonly descending: boolean;
}

/** No list is sorted by longer texts, so a longer cursor is none of ours. */
const MAX_LENGTH = 4096;
const CHECKSUM_BYTES = 4;

/**
 * Makes and reads the cursors of one collection in one order: positions as opaque text.
 *
 * The checksum is there against mistakes: a cursor that was cut, or comes from another collection or another order,
 * would otherwise be read as some position, and a page be answered that nobody asked for. It keeps no secret, so what
 * is read is judged like any other input.
 */
export class Cursors {
  private readonly origin: number;
  private readonly isId: (text: string) => boolean;

  /**
   * @param collection the address of the list, without the query
   * @param ids what its items have as ids
   */
  constructor(
    collection: string,
    private readonly sort: readonly SortKey[],
    ids: IdForm = 'uuid',
  ) {
    this.isId = ids === 'text' ? isTextId : isUuid;
    const keys = sort.map(({ field, descending }) => `${descending ? '-' : ''}${field.member}`);
    this.origin = crc32(`${collection}?${keys.join(',')}`);
  }

  /** @returns the cursor of an item of the list. */
  write(item: object): string {
    const resource = item as Readonly<Record<string, unknown>>;
    const values = this.sort.map(({ field }) => textOf(resource[field.property], field.property));
    const body = Buffer.from(JSON.stringify([...values, textOf(resource['id'], 'id')]));
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    // Behind the body and in this order of bytes, a changed bit is found wherever it is.
    checksum.writeUInt32LE(crc32(body, this.origin));
    return Buffer.concat([body, checksum]).toString('base64url');
  }

  /** @returns the position, or undefined for what is no cursor of this list. */
  read(cursor: string): Position | undefined {
    if (cursor.length > MAX_LENGTH) return undefined;
    const bytes = Buffer.from(cursor, 'base64url');
    // Of the many texts that decode to the same bytes, one is the cursor.
    if (bytes.length <= CHECKSUM_BYTES || bytes.toString('base64url') !== cursor) return undefined;
    const end = bytes.length - CHECKSUM_BYTES;
    const body = bytes.subarray(0, end);
    if (bytes.readUInt32LE(end) !== crc32(body, this.origin)) return undefined;
    const texts = parseTexts(body.toString());
    if (texts?.length !== this.sort.length + 1) return undefined;
    const values = this.sort.map(({ field: { kind } }, index) => {
      const text = texts[index] ?? null;
      const value = text === null ? null : kind.read(text);
      return kind.test(value) ? (value as Position[number]) : undefined;
    });
    const id = texts.at(-1);
    if (typeof id !== 'string' || !this.isId(id)) return undefined;
    return values.includes(undefined) ? undefined : ([...values, id] as Position);
  }
}

/** Undone by the `read` of the property's kind. */
function textOf(value: unknown, property: string): string | null {
  if (value === null || typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  throw new Error(`An item has nothing in ${property} to make a cursor of`);
}

/** @returns undefined for anything but an array of texts and nulls. */
function parseTexts(json: string): (string | null)[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    const isText = (item: unknown): boolean => item === null || typeof item === 'string';
    return Array.isArray(value) && value.every(isText) ? (value as (string | null)[]) : undefined;
  } catch {
    return undefined;
  }
}
