import { type Problem } from '../refusals';
import { type ResourceSchema } from './resource';

/** The members that an answer keeps, by the type of resource (JSON:API 1.1, "Sparse Fieldsets"). */
export type Fieldsets = ReadonlyMap<string, ReadonlySet<string>>;

/** What the query of a request asks for. */
export interface Query {
  readonly fields: Fieldsets | undefined;
  /** The relationships whose resources shall come along; undefined when the request does not say. */
  readonly include: ReadonlySet<string> | undefined;
  /** The same query, canonical, with its question mark: what a link to this very document ends with. */
  readonly suffix: string;
}

export const NO_QUERY: Query = { fields: undefined, include: undefined, suffix: '' };

const FIELDS = /^fields\[(.*)\]$/s;

/**
 * Reads the query of a URL as application/x-www-form-urlencoded: `+` is a space, brackets may be encoded or not.
 * JSON:API 1.1, "Query Parameters": what the service does not process is answered 400, by name. A parameter that
 * comes twice is refused as well, since any choice between the two would be silent.
 *
 * @param types the resources that `fields[…]` may name.
 */
export function parseQuery(
  url: string,
  types: ReadonlyMap<string, ResourceSchema>,
  problems: Problem[],
): Query {
  const start = url.indexOf('?');
  if (start === -1) return NO_QUERY;
  const query = url.slice(start + 1);
  if (query === '') return NO_QUERY;
  const fields = new Map<string, ReadonlySet<string>>();
  const seen = new Set<string>();
  let suffix = '';
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeComponent(equals === -1 ? part : part.slice(0, equals));
    const value = decodeComponent(equals === -1 ? '' : part.slice(equals + 1));
    if (name === undefined || value === undefined) {
      const raw = equals === -1 ? part : part.slice(0, equals);
      refuse(problems, name ?? raw, 'The query is not well-formed percent-encoded UTF-8.');
    } else if (seen.has(name)) {
      refuse(problems, name, 'The parameter comes more than once.');
    } else {
      seen.add(name);
      suffix += `${suffix === '' ? '?' : '&'}${encodeURIComponent(name)}=${encodeValue(value)}`;
      const type = FIELDS.exec(name)?.[1];
      if (type !== undefined) readFields(type, value, types, fields, problems);
      else refuse(problems, name);
    }
  }
  return { fields: fields.size === 0 ? undefined : fields, include: undefined, suffix };
}

function readFields(
  type: string,
  value: string,
  types: ReadonlyMap<string, ResourceSchema>,
  fields: Map<string, ReadonlySet<string>>,
  problems: Problem[],
): void {
  const name = `fields[${type}]`;
  const schema = types.get(type);
  if (schema === undefined) {
    refuse(problems, name, 'Answers have no resources of that type.');
    return;
  }
  const wanted = new Set(value === '' ? [] : value.split(','));
  for (const field of wanted) {
    if (!schema.answered.has(field))
      refuse(problems, name, `${type} have no field \`${field.slice(0, 60).toWellFormed()}\`.`);
  }
  fields.set(type, wanted);
}

function refuse(problems: Problem[], parameter: string, detail?: string): void {
  problems.push({
    code: 'invalid_parameter',
    source: { parameter },
    ...(detail !== undefined && { detail }),
  });
}

/** @returns undefined for broken encodings, and for U+0000, which nothing here could ever hold. */
function decodeComponent(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** A comma needs no encoding in a query, and lists read better with it. */
function encodeValue(value: string): string {
  return encodeURIComponent(value).replaceAll('%2C', ',');
}
