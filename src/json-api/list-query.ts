import { type Problem } from '../refusals';
import { Cursors, type SortKey } from './cursors';
import { shorten } from './findings';
import { type ListRequest, type Position } from './listing';
import { CURSOR_PAGINATION } from './media-types';
import { type Query, querySuffix, refuseParameter } from './query';
import { type ListConfig } from './route-config';

export const DEFAULT_SIZE = 20;
export const MAX_SIZE = 100;

const SIZE = 'page[size]';
export const AFTER = 'page[after]';
export const BEFORE = 'page[before]';

/** A list as it was asked for, with what its answer is written from. */
export interface AskedList {
  readonly request: ListRequest<object, string>;
  /** The address of the list, without the query. */
  readonly path: string;
  readonly cursors: Cursors;
  readonly parameters: ReadonlyMap<string, string>;
}

/** @returns the names of the parameters that {@link readList} reads. */
export function listParameters({ filters }: ListConfig): ReadonlySet<string> {
  return new Set(['sort', SIZE, AFTER, BEFORE, ...filters.map(({ parameter }) => parameter)]);
}

/**
 * Reads what a request for a list asks beside fields and includes; the page by the rules of the profile
 * (https://jsonapi.org/profiles/ethanresnick/cursor-pagination/).
 */
export function readList(query: Query, config: ListConfig, path: string, problems: Problem[]): AskedList {
  const { parameters } = query;
  const sort = readSort(parameters.get('sort'), config, problems);
  const cursors = new Cursors(path, sort ?? [], config.ids);
  const request = {
    filters: readFilters(parameters, config, problems),
    sort: (sort ?? []).map(({ field, descending }) => ({ by: field.property, descending })),
    size: readSize(parameters.get(SIZE), problems),
    // A cursor belongs to an order, so without one it cannot be judged.
    ...(sort !== undefined && readPlace(parameters, cursors, problems)),
    include: query.include ?? new Set<string>(),
    query: path + querySuffix([...parameters].filter(([name]) => !name.startsWith('fields[')).sort(byName)),
  };
  return { request, path, cursors, parameters };
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

/** @returns undefined after a refusal. */
function readSort(
  text: string | undefined,
  { sort, order }: ListConfig,
  problems: Problem[],
): readonly SortKey[] | undefined {
  if (text === undefined) return order;
  const keys: SortKey[] = [];
  const before = problems.length;
  for (const key of text.split(',')) {
    const descending = key.startsWith('-');
    const name = descending ? key.slice(1) : key;
    const field = sort.find(({ member }) => member === name);
    if (name === '') refuseParameter(problems, 'sort', 'A field to sort by is missing.');
    else if (field === undefined)
      refuseParameter(problems, 'sort', `This list cannot be sorted by \`${shorten(name)}\`.`, {
        type: `${CURSOR_PAGINATION}unsupported-sort`,
      });
    else if (keys.some((other) => other.field === field))
      refuseParameter(problems, 'sort', `\`${name}\` comes more than once.`);
    else keys.push({ field, descending });
  }
  return problems.length === before ? keys : undefined;
}

function readFilters(
  parameters: ReadonlyMap<string, string>,
  { filters }: ListConfig,
  problems: Problem[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { parameter, property, kind } of filters) {
    const text = parameters.get(parameter);
    if (text === undefined) continue;
    const value = kind.read(text);
    if (kind.test(value)) values[property] = value;
    else {
      const hint = kind.hint?.(text);
      const detail = `\`${parameter}\` must be ${kind.demand}.`;
      refuseParameter(problems, parameter, hint === undefined ? detail : `${detail} ${hint}`);
    }
  }
  return values;
}

function readSize(text: string | undefined, problems: Problem[]): number {
  if (text === undefined) return DEFAULT_SIZE;
  const size = /^[0-9]+$/.test(text) ? Number(text) : 0;
  const detail = `\`${SIZE}\` must be a whole number from 1 to ${MAX_SIZE}.`;
  if (size > MAX_SIZE)
    refuseParameter(problems, SIZE, detail, {
      type: `${CURSOR_PAGINATION}max-size-exceeded`,
      meta: { page: { maxSize: MAX_SIZE } },
    });
  else if (size < 1) refuseParameter(problems, SIZE, detail);
  return size;
}

function readPlace(
  parameters: ReadonlyMap<string, string>,
  cursors: Cursors,
  problems: Problem[],
): { after?: Position; before?: Position } {
  const read = (name: string): Position | undefined => {
    const cursor = parameters.get(name);
    const position = cursor === undefined ? undefined : cursors.read(cursor);
    if (cursor !== undefined && position === undefined)
      refuseParameter(problems, name, `\`${name}\` must be a cursor that this list gave out in this order.`);
    return position;
  };
  const after = read(AFTER);
  const before = read(BEFORE);
  if (parameters.has(AFTER) && parameters.has(BEFORE))
    refuseParameter(problems, BEFORE, 'A page begins after a cursor or ends before one, but not both.', {
      type: `${CURSOR_PAGINATION}range-pagination-not-supported`,
    });
  return { ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
}
