/** JSON as a tree that can hold what JSON.stringify does not write: members twice, 1e400, broken escapes. */
export type Tree =
  | { readonly kind: 'object'; readonly members: [name: string, value: Tree][] }
  | { readonly kind: 'array'; readonly items: Tree[] }
  | { readonly kind: 'text'; readonly text: string };

export const MUTATIONS = ['replace', 'delete', 'duplicate', 'rename', 'wrap', 'insert', 'swap'] as const;

/** One change to the member that `where` chooses among all members of a tree. */
export interface Mutation {
  readonly what: (typeof MUTATIONS)[number];
  readonly where: number;
  readonly name: string;
  /** JSON text. */
  readonly value: string;
}

export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'array', items: value.map(treeOf) };
  if (typeof value !== 'object' || value === null) return { kind: 'text', text: JSON.stringify(value) };
  return { kind: 'object', members: Object.entries(value).map(([name, member]) => [name, treeOf(member)]) };
}

export function textOf(tree: Tree): string {
  if (tree.kind === 'text') return tree.text;
  if (tree.kind === 'array') return `[${tree.items.map(textOf).join(',')}]`;
  return `{${tree.members.map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`).join(',')}}`;
}

/** @returns the tree with one member changed; the tree as it is when it has none. */
export function mutated(tree: Tree, { what, where, name, value: text }: Mutation): Tree {
  const copy = structuredClone(tree);
  const all = placesIn(copy);
  const place = all[where % all.length];
  const member = place?.members[place.index];
  if (place === undefined || member === undefined) return tree;
  const { members, index } = place;
  const value: Tree = { kind: 'text', text };
  if (what === 'delete') members.splice(index, 1);
  else if (what === 'duplicate') members.splice(index, 0, [member[0], value]);
  else if (what === 'insert') members.push([name, value]);
  else if (what === 'rename') member[0] = name;
  else if (what === 'replace') member[1] = value;
  else if (what === 'wrap') member[1] = { kind: 'array', items: [member[1]] };
  else member[1] = members[(index + 1) % members.length]?.[1] ?? value;
  return copy;
}

interface Place {
  readonly members: [string, Tree][];
  readonly index: number;
}

function placesIn(tree: Tree): Place[] {
  if (tree.kind === 'text') return [];
  if (tree.kind === 'array') return tree.items.flatMap(placesIn);
  const { members } = tree;
  return members.flatMap(([, value], index) => [{ members, index }, ...placesIn(value)]);
}
