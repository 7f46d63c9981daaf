import { hash } from 'node:crypto';
import { type FastifyRequest } from 'fastify';
import { type Problem } from '../refusals';
import { type ResourceSchema } from './resource';

/**
 * The versions of a resource that a request is meant for. A version moves with what organisers change, and not with
 * what is sold meanwhile: else nobody could change anything while a sale runs.
 */
export type Versions = ReadonlySet<number>;

/** Characters of a hash: 96 bits, so that no two documents of a resource ever share one. */
const HASH_LENGTH = 16;

/**
 * @param document as it is sent: with other fields or includes it is another representation (RFC 9110, 8.8.3)
 * @returns the entity tag of a document, with the version of its resource in front if that has one
 */
export function entityTag(document: string, version: number | undefined): string {
  const digest = hash('sha256', document, 'base64url').slice(0, HASH_LENGTH);
  return version === undefined ? `"${digest}"` : `"${version.toString(36)}-${digest}"`;
}

/** @returns whether the caller has this very document already (RFC 9110, 13.1.2); what is not well-formed is none. */
export function isKnown(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true;
  return readTags(ifNoneMatch)?.some(({ tag }) => tag === etag) === true;
}

/**
 * Reads for which versions a change is meant (RFC 9110, 13.1.1). A weak tag matches none. `*` matches whatever is
 * there, and what is not there is answered as if it had not been asked (RFC 9110, 13.2.1).
 *
 * @returns nothing where any version will do
 */
export function readIfMatch(
  { headers }: FastifyRequest,
  { type, version }: ResourceSchema,
  problems: Problem[],
): Versions | null {
  const refuse = (header: string, detail: string): null => {
    problems.push({ code: 'invalid_header', detail, source: { header } });
    return null;
  };
  if (headers['if-none-match'] !== undefined)
    return refuse('If-None-Match', 'Only GET and HEAD take If-None-Match.');
  const given = headers['if-match'];
  if (given === undefined || given.trim() === '*') return null;
  if (version === undefined) return refuse('If-Match', `Changes of ${type} do not take If-Match.`);
  const tags = readTags(given);
  if (tags === undefined) return refuse('If-Match', 'If-Match is * or a list of entity tags in quotes.');
  return new Set(tags.flatMap(({ weak, tag }) => (weak ? [] : (versionIn(tag) ?? []))));
}

interface Tag {
  readonly weak: boolean;
  /** With its quotes. */
  readonly tag: string;
}

const TAG = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?:,|$)/y;
const BETWEEN = /[ \t,]*/y;

/**
 * Goes through the list once, however long it is.
 *
 * @returns the entity tags of a list (RFC 9110, 8.8.3), undefined for what is none; empty elements are passed over
 */
function readTags(list: string): Tag[] | undefined {
  const tags: Tag[] = [];
  for (let at = 0; ; at = TAG.lastIndex) {
    BETWEEN.lastIndex = at;
    BETWEEN.exec(list);
    TAG.lastIndex = BETWEEN.lastIndex;
    if (TAG.lastIndex === list.length) return tags.length === 0 ? undefined : tags;
    const [, weak, tag] = TAG.exec(list) ?? [];
    if (tag === undefined) return undefined;
    tags.push({ weak: weak !== undefined, tag });
  }
}

const VERSIONED = new RegExp(`^"([0-9a-z]{1,10})-[\\w-]{${HASH_LENGTH}}"$`);

function versionIn(tag: string): number | undefined {
  const [, version] = VERSIONED.exec(tag) ?? [];
  return version === undefined ? undefined : Number.parseInt(version, 36);
}
