import { type Kind } from './kinds';
import { type ResourceClass } from './resource';

/** One value by which a list is ordered. */
type PositionValue = string | number | bigint | boolean | Date | null;

/**
 * Where an item stands in its list: its values of the properties that the list is sorted by, in their order, and
 * last its id.
 */
export type Position = readonly PositionValue[];

/** The filters of a list by property name: the kind of what is compared, if need be with a sentence about it. */
export type Filters = Readonly<Record<string, Kind<never> | { kind: Kind<never>; description: string }>>;

/** What the given filters hold when they are all asked for. */
export type FilterValues<F extends Filters> = {
  readonly [K in keyof F]: F[K] extends { kind: Kind<infer T> } ? T : F[K] extends Kind<infer T> ? T : never;
};

/**
 * What a request for a list asks; `F` are the values of its filters, `S` the properties it can be sorted by, and
 * those of its own `order`.
 */
export interface ListRequest<F extends object = object, S extends string = never> {
  /** Only those that were asked for. */
  readonly filters: Partial<F>;
  /**
   * What the request says, or else the `order` of the list; empty without one. The id comes last in any case, to make
   * the order total.
   */
  readonly sort: readonly { readonly by: S; readonly descending: boolean }[];
  /** How many items a page has, unless the list ends before. */
  readonly size: number;
  /** The page begins with the first item after this position; never there together with `before`. */
  readonly after?: Position;
  /** The page ends with the last item before this position. */
  readonly before?: Position;
  /** The relationships, by member name, whose resources shall come along. */
  readonly include: ReadonlySet<string>;
  /** Everything that decides which resources the answer has, as text: equal texts may share one read. */
  readonly query: string;
}

/** Resources of one class that come along with others. */
export type Included = readonly { readonly of: ResourceClass; readonly items: readonly object[] }[];

/** What a list answers with. */
export interface Page<T> {
  /** In the order of the list, also when it is read backwards. */
  readonly items: readonly T[];
  /** Whether there are more in the direction of reading: before the first item for `before`, else after the last. */
  readonly hasMore: boolean;
  readonly included?: Included;
  /** What is to be said of the whole list, by the names of documents; the `meta` of the document. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** A resource with others that come along. */
export class Compound<T extends object = object> {
  constructor(
    readonly resource: T,
    readonly included: Included,
  ) {}
}

/** @returns what a fetch answers with when resources shall come along. */
export function compound<T extends object>(resource: T, included: Included): Compound<T> {
  return new Compound(resource, included);
}
