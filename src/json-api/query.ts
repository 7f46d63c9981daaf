import { type Problem } from '../refusals';
import { shorten } from './findings';
import { type ResourceSchema } from './resource';

/** The members that an answer keeps, by the type of resource (JSON:API 1.1, "Sparse Fieldsets"). */
export type Fieldsets = ReadonlyMap<string, ReadonlySet<string>>;

/** What the query of a request asks for. */
export interface Query {
  readonly fields: Fieldsets | undefined;
  /** The relationships whose resources shall come along; undefined when the request does not say. */
  readonly include: ReadonlySet<string> | undefined;
  /** Its parameters by name, decoded. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The same query, canonical, with its question mark: what a link to this very document ends with. */
  readonly suffix: string;
}

export const NO_QUERY: Query = { fields: undefined, include: undefined, parameters: new Map(), suffix: '' };

/** What the query of a route may hold. */
export interface QueryRules {
  /** The resources that `fields[…]` may name. */
  readonly types: ReadonlyMap<string, ResourceSchema>;
  /** The relationships that `include` may name; none where the route does not take it. */
  readonly include: { readonly size: number; has(member: string): boolean };
  /** Parameters that are read by somebody else. */
  readonly others?: ReadonlySet<string>;
}

const FIELDS = /^fields\[(.*)\]$/s;

/**
 * Reads the query of a URL as application/x-www-form-urlencoded: `+` is a space, brackets may be encoded or not.
 * JSON:API 1.1, "Query Parameters": what the service does not process is answered 400, by name. A parameter that
 * comes twice is refused as well, since any choice between the two would be silent.
 */
export function parseQuery(url: string, rules: QueryRules, problems: Problem[]): Query {
  const start = url.indexOf('?');
  if (start === -1) return NO_QUERY;
  const query = url.slice(start + 1);
  if (query === '') return NO_QUERY;
  const fields = new Map<string, ReadonlySet<string>>();
  const parameters = new Map<string, string>();
  let include: ReadonlySet<string> | undefined;
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeComponent(equals === -1 ? part : part.slice(0, equals));
    const value = decodeComponent(equals === -1 ? '' : part.slice(equals + 1));
    if (name === undefined || value === undefined) {
      const raw = equals === -1 ? part : part.slice(0, equals);
      refuseParameter(problems, name ?? raw, 'The query is not well-formed percent-encoded UTF-8.');
    } else if (parameters.has(name)) {
      refuseParameter(problems, name, 'The parameter comes more than once.');
    } else {
      parameters.set(name, value);
      const type = FIELDS.exec(name)?.[1];
      if (type !== undefined) fields.set(type, readFields(type, value, rules, problems));
      else if (name === 'include' && rules.include.size > 0) include = readInclude(value, rules, problems);
      else if (rules.others?.has(name) !== true) refuseParameter(problems, name);
    }
  }
  const kept = fields.size === 0 ? undefined : fields;
  return { fields: kept, include, parameters, suffix: querySuffix(parameters) };
}

function readFields(
  type: string,
  value: string,
  { types }: QueryRules,
  problems: Problem[],
): ReadonlySet<string> {
  const name = `fields[${type}]`;
  const schema = types.get(type);
  const wanted = new Set(value === '' ? [] : value.split(','));
  if (schema === undefined) {
    refuseParameter(problems, name, 'Answers have no resources of that type.');
    return wanted;
  }
  for (const field of wanted)
    if (!schema.answered.has(field))
      refuseParameter(problems, name, `${type} have no field \`${shorten(field)}\`.`);
  return wanted;
}

/** JSON:API 1.1, "Inclusion of Related Resources". A path that goes on behind a relationship is none that is known. */
function readInclude(value: string, { include }: QueryRules, problems: Problem[]): ReadonlySet<string> {
  const paths = new Set(value === '' ? [] : value.split(','));
  for (const path of paths)
    if (!include.has(path))
      refuseParameter(problems, 'include', `\`${shorten(path)}\` is nothing that can be included here.`);
  return paths;
}

/** Refuses a parameter by its name. */
export function refuseParameter(
  problems: Problem[],
  parameter: string,
  detail?: string,
  more: Pick<Problem, 'type' | 'meta'> = {},
): void {
  problems.push({
    code: 'invalid_parameter',
    source: { parameter },
    ...(detail !== undefined && { detail }),
    ...more,
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

/** @returns the query as text with its question mark, or nothing for no parameters. */
export function querySuffix(parameters: Iterable<readonly [string, string]>): string {
  let suffix = '';
  for (const [name, value] of parameters)
    suffix += `${suffix === '' ? '?' : '&'}${encodeURIComponent(name)}=${encodeValue(value)}`;
  return suffix;
}

/** A comma needs no encoding in a query, and lists read better with it. */
function encodeValue(value: string): string {
  return encodeURIComponent(value).replaceAll('%2C', ',');
}
