import { type Problem } from '../../src/refusals';

/** The problems that a document is found to have, each as "code pointer"; every pointer must lead somewhere. */
export function problemsIn(document: unknown, decode: (problems: Problem[]) => unknown): string[] {
  const problems: Problem[] = [];
  decode(problems);
  for (const { source } of problems) {
    if (source === undefined || !('pointer' in source)) throw new Error('a problem of a body has a pointer');
    expect(resolve(document, source.pointer)).not.toBeUndefined(); // H4
  }
  return problems.map(({ code, source }) => `${code} ${(source as { pointer: string }).pointer}`);
}

/** RFC 6901; undefined when there is nothing at the pointer. */
function resolve(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (at, token) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, token)
          ? (at as Record<string, unknown>)[token]
          : undefined,
      document,
    );
}
