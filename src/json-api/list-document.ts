import { type AskedList, AFTER, BEFORE } from './list-query';
import { writeJson } from './json';
import { type Page } from './listing';
import { CURSOR_PAGINATION } from './media-types';
import { type Query, querySuffix } from './query';
import { quote } from './quote';
import { includedMember, type Serialiser } from './serialise';

const JSON_API = `"jsonapi":{"version":"1.1","profile":["${CURSOR_PAGINATION}"]}`;

/** Writes the document of a list: one page of it, each item with its cursor. */
export function listDocument(
  serialiser: Serialiser,
  page: Page<object>,
  asked: AskedList,
  query: Query,
): string {
  const cursors = page.items.map((item) => asked.cursors.write(item));
  const data = page.items.map((item, index) =>
    serialiser.resource(item, query.fields, `"meta":{"page":{"cursor":"${cursors[index] ?? ''}"}}`),
  );
  const links = Object.entries(pageLinks(asked, page.hasMore, cursors)).map(
    ([name, address]) => `"${name}":${address === null ? 'null' : quote(address)}`,
  );
  const self = quote(asked.path + query.suffix);
  const included =
    query.include === undefined ? '' : includedMember(serialiser, page.items, page.included, query.fields);
  const meta = page.meta === undefined ? '' : `,"meta":${writeJson(page.meta)}`;
  return `{${JSON_API},"links":{"self":${self},${links.join(',')}},"data":[${data.join(',')}]${included}${meta}}`;
}

/**
 * The addresses of the pages around a page, by the cursors of its items; null where there are known to be none.
 *
 * In the direction of reading `hasMore` decides. In the other one there is a page: the cursor that was asked with is
 * that of an item, which lies there unless it has gone by now. A page without items has no cursors of its own. Read
 * forwards, it is led back from by the cursor it was asked with: to what ends before that very item, which whoever
 * holds its cursor has seen. Read backwards, it ends at the beginning of the list, so the first page comes next.
 */
function pageLinks(
  { path, parameters }: AskedList,
  hasMore: boolean,
  cursors: readonly string[],
): { first: string; prev: string | null; next: string | null } {
  const lasting = [...parameters].filter(([name]) => name !== AFTER && name !== BEFORE);
  const at = (name?: string, cursor?: string): string =>
    path + querySuffix(name === undefined || cursor === undefined ? lasting : [...lasting, [name, cursor]]);
  const first = at();
  const before = at(BEFORE, cursors[0] ?? parameters.get(AFTER));
  const after = at(AFTER, cursors.at(-1));
  if (parameters.has(BEFORE)) return { first, prev: hasMore ? before : null, next: after };
  return { first, prev: parameters.has(AFTER) ? before : null, next: hasMore ? after : null };
}
