import { MEDIA_TYPE } from './media-types';
import { ref } from './openapi-common';
import { REFUSAL_CODES, REFUSALS, type RefusalCode, refusalKind } from '../refusals';

/** One answer of a route that refuses. */
interface RefusalResponse {
  readonly description: string;
  readonly headers: Record<string, object>;
}

/**
 * @param possible what a route may say
 * @returns one response for every status, with the codes behind it in order of precedence; what it holds is added
 *   by `contentOf`
 */
export function refusalResponses<C extends object>(
  possible: Iterable<RefusalCode>,
  headers: Readonly<Record<string, object>>,
  contentOf: (codes: readonly RefusalCode[]) => C,
): Record<string, RefusalResponse & { content: C }> {
  const wanted = new Set(possible);
  const groups = new Map<number, RefusalCode[]>();
  for (const code of REFUSAL_CODES) {
    if (!wanted.has(code)) continue;
    const { status } = REFUSALS[code];
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    Array.from(groups, ([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${REFUSALS[code].title}.`).join(' '),
        headers: { ...headersOf(codes), ...headers },
        content: contentOf(codes),
      },
    ]),
  );
}

function headersOf(codes: readonly RefusalCode[]): Record<string, object> {
  const retry = codes.some((code) => refusalKind(code).retryAfterSeconds !== undefined);
  return {
    ...(codes.includes('unsupported_media_type') && { 'Accept-Encoding': headerRef('Accept-Encoding') }),
    ...(retry && { 'Retry-After': headerRef('Retry-After') }),
    ...((codes.includes('unauthenticated') || codes.includes('forbidden')) && {
      'WWW-Authenticate': headerRef('WWW-Authenticate'),
    }),
  };
}

/** What every answer can have as headers, whatever its form. */
export const COMMON_HEADERS = {
  'X-Request-Id': headerRef('X-Request-Id'),
  'RateLimit-Limit': headerRef('RateLimit-Limit'),
  'RateLimit-Remaining': headerRef('RateLimit-Remaining'),
  'RateLimit-Reset': headerRef('RateLimit-Reset'),
};

/** And one with a document. */
export const HEADERS = { ...COMMON_HEADERS, Vary: headerRef('Vary') };

/** @returns one response with an error document for every status, with an example for every code behind it. */
export function refusalDocuments(
  possible: Iterable<RefusalCode>,
  headers: Readonly<Record<string, object>>,
): Record<string, RefusalResponse & { content: Record<string, object> }> {
  return refusalResponses(possible, headers, (codes) => {
    const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
    return {
      [MEDIA_TYPE]: { schema: ref('ErrorDocument'), examples: Object.fromEntries(examples) as object },
    };
  });
}

/** @returns a reference to a header among the components. */
export function headerRef(name: string): { $ref: string } {
  return { $ref: `#/components/headers/${name}` };
}
