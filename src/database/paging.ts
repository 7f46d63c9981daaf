import { createHash } from 'node:crypto';
import type { ClientBase, QueryResultRow } from 'pg';
import { type Parameter, query, type Statement, statement } from './sql';

/**
 * Lists by position: a page begins right after the values that the last item of the page before it was sorted by
 * (or ends right before those of the first). So a page costs the same wherever it is, and what is added or taken
 * away meanwhile neither repeats an item nor leaves one out.
 */

/** One key of an order. The last key of every order is an id, so that no two items are equal. */
export interface SortKey {
  /** A column or an expression, to the letter as the index has it. It is never null. */
  readonly sql: string;
  /** Of `sql`, as PostgreSQL calls it. */
  readonly type: string;
  readonly descending?: boolean;
  /** What `sql` makes of an absent value, if the item itself may hold null. */
  readonly ifNull?: string;
}

/** The values of an item in the order of the sort keys. */
type Position = readonly (Parameter | bigint)[];

/** Which part of a list is wanted: after or before an item, or the beginning. */
export interface Slice {
  readonly size: number;
  readonly after?: Position;
  readonly before?: Position;
}

/** What was read, always in the order of the list. */
export interface Rows<Row> {
  readonly items: Row[];
  /** Whether there is more in the direction of reading. */
  readonly hasMore: boolean;
}

/** Collects the parameters of a statement while its text is put together. */
export class Values {
  readonly list: Parameter[] = [];

  /** @returns what stands for the value in the text. */
  add(value: Parameter | bigint, type: string): string {
    return `$${this.list.push(typeof value === 'bigint' ? value.toString() : value)}::${type}`;
  }
}

/** The parts of a SELECT that follow from the slice. */
export interface Cut {
  /** A condition: the items on the far side of the position. */
  readonly beyond: string;
  /** The order of reading; backwards for `before`. */
  readonly orderBy: string;
  /** One more than the page has room for, which tells whether there is more. */
  readonly limit: string;
}

/** @returns the parts that make a SELECT read one slice. */
export function cut(order: readonly SortKey[], { size, after, before }: Slice, values: Values): Cut {
  const position = before ?? after;
  const keys =
    before === undefined ? order : order.map((key) => ({ ...key, descending: key.descending !== true }));
  return {
    beyond: position === undefined ? 'true' : beyond(keys, position, values),
    orderBy: keys.map(({ sql, descending }) => (descending === true ? `${sql} DESC` : sql)).join(', '),
    limit: values.add(size + 1, 'integer'),
  };
}

/** Before and after every id there is. */
const LEAST = '00000000-0000-0000-0000-000000000000';
const GREATEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * @param column where the owner stands
 * @param owner the SQL of whose rows are wanted, such as the placeholder of a user
 * @returns the parts that make a SELECT read one slice of what belongs to one owner, in the order of the ids, by an
 *   index of (column, id).
 *
 * The owner is not looked for by `=`. Then the order of the ids would be all that is asked for, and for an owner of
 * much the planner goes through the whole table in that order until it has come across enough: all of it, if what
 * the owner has is at its end. For a range of pairs only that index will do.
 */
export function cutOfOwner(
  column: string,
  owner: string,
  id: string,
  { size, after, before }: Slice,
  values: Values,
): Cut {
  const pair = `(${column}, ${id})`;
  const bound = (position: Position | undefined, otherwise: string): string =>
    `(${owner}, ${values.add(position?.[0] ?? otherwise, 'uuid')})`;
  const direction = before === undefined ? '' : ' DESC';
  return {
    beyond: `${pair} > ${bound(after, LEAST)} AND ${pair} < ${bound(before, GREATEST)}`,
    orderBy: `${column}${direction}, ${id}${direction}`,
    limit: values.add(size + 1, 'integer'),
  };
}

/**
 * @returns the condition in a form that only sifts the rows which another condition finds: no index serves it, and
 *   the planner takes it to let half of them through.
 *
 * As it is, without statistics each condition looks as if it let one row in 200 through. So the index of the worse
 * one might be taken; and with so few rows expected, all would rather be fetched and sorted than read in order until
 * the page is full, which took 200 ms for somebody with 100,000 rows instead of less than one.
 */
export function sifting(condition: string): string {
  return `CASE WHEN ${condition} THEN true ELSE false END`;
}

/** Reads the rows of a SELECT that has the parts of {@link cut}. @param list names the list */
export async function readSlice<Row extends QueryResultRow>(
  client: ClientBase,
  list: string,
  text: string,
  values: Values,
  { size, before }: Slice,
): Promise<Rows<Row>> {
  const items = await query(client, prepared<Row>(list, text), values.list);
  const hasMore = items.length > size;
  if (hasMore) items.pop();
  if (before !== undefined) items.reverse();
  return { items, hasMore };
}

/** An index of several columns serves the comparison of rows, but that knows one direction only. */
function beyond(keys: readonly SortKey[], position: Position, values: Values): string {
  const bounds = keys.map(({ type, ifNull = null }, index) => values.add(position[index] ?? ifNull, type));
  const [first] = keys;
  if (keys.every((key) => far(key) === far(first))) {
    const columns = keys.map(({ sql }) => sql).join(', ');
    return `(${columns}) ${far(first)} (${bounds.join(', ')})`;
  }
  const further = keys.reduceRight((rest, key, index) => {
    const bound = bounds[index];
    const past = `${key.sql} ${far(key)} ${bound}`;
    return rest === '' ? past : `(${past} OR (${key.sql} = ${bound} AND ${rest}))`;
  }, '');
  // Follows from the rest, but an index can be entered by it.
  return `${first?.sql} ${far(first)}= ${bounds[0]} AND ${further}`;
}

function far(key: SortKey | undefined): '<' | '>' {
  return key?.descending === true ? '<' : '>';
}

/**
 * How many texts are prepared, each once for each connection. All that are asked for in earnest are far fewer;
 * somebody who tries every combination of filters and orders shall not fill the memory of the server.
 */
const MAX_PREPARED = 200;
const texts = new Map<string, string>();

/** Names a text after itself, since what a list is asked for decides on its text. */
function prepared<Row extends QueryResultRow>(list: string, text: string): Statement<Row> {
  let name = texts.get(text);
  if (name === undefined) {
    if (texts.size === MAX_PREPARED) return statement('', text); // without a name it is parsed each time
    name = `${list}_${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
    texts.set(text, name);
  }
  return statement(name, text);
}
