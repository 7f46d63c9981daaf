import { type ListRequest, type Page, type Position } from '../../src/json-api';

type Flat = Readonly<Record<string, unknown>>;

/** Cuts a page out of an array as a database would: sorted by the keys and then the id, with null last. */
export function pageOf<T extends { id: string }>(
  all: readonly T[],
  { sort, size, after, before }: ListRequest<object, string>,
): Page<T> {
  const positionOf = (item: T): unknown[] => [...sort.map(({ by }) => (item as Flat)[by]), item.id];
  const compare = (a: readonly unknown[], b: readonly unknown[]): number => {
    for (const [index, value] of a.entries()) {
      const order = compareValues(value, b[index]);
      if (order !== 0) return sort[index]?.descending === true ? -order : order;
    }
    return 0;
  };
  const isAfter = (item: T, position: Position): boolean => compare(positionOf(item), position) > 0;
  const isBefore = (item: T, position: Position): boolean => compare(positionOf(item), position) < 0;
  const sorted = all
    .toSorted((a, b) => compare(positionOf(a), positionOf(b)))
    .filter((item) => after === undefined || isAfter(item, after))
    .filter((item) => before === undefined || isBefore(item, before));
  const items = before === undefined ? sorted.slice(0, size) : sorted.slice(-size);
  return { items, hasMore: sorted.length > size };
}

function compareValues(a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  const [left, right] = [a as string | number | bigint, b as string | number | bigint];
  return left < right ? -1 : left > right ? 1 : 0;
}
