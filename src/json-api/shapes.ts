/**
 * The keys that are not `readonly`. Assignability ignores that modifier; only two conditional types are compared to
 * the letter, and only when they are written out here: through an alias they would be compared by assignability.
 */
type WritableKeys<T> = {
  [K in keyof T]-?: (<V>(value: V) => V extends { [P in K]: T[P] } ? true : false) extends <V>(
    value: V,
  ) => V extends { -readonly [P in K]: T[P] } ? true : false
    ? K
    : never;
}[keyof T];

/** Of an array of links, the id and what else clients may send of each; anything else as it is. */
type Sent<V> = V extends readonly (infer L extends { id: string })[]
  ? readonly Pick<L, WritableKeys<L> | 'id'>[]
  : V;

/**
 * What a client sends to create a `T`, decoded: the properties that are not `readonly`. All of them are there:
 * an optional one that was absent holds its default, or null.
 */
export type New<T> = { [K in WritableKeys<T>]: Sent<Exclude<T[K], undefined>> };

/**
 * What a client sends to change a `T`, decoded: only the properties that were sent. Name them as `K` where they are
 * others than those of a {@link New} one.
 */
export type Changes<T, K extends keyof T = WritableKeys<T>> = { -readonly [P in K]?: T[P] };
