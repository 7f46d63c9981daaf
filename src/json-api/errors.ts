import { type Problem, Refusal, REFUSAL_CODES, REFUSALS, refusalKind } from '../refusals';

/** A body can be wrong in thousands of places; nobody reads more of them than this. */
const MOST_TOLD = 50;

const PRECEDENCE = new Map(REFUSAL_CODES.map((code, index) => [code, index]));

/**
 * Gathers problems found side by side into one refusal. The problem of the highest precedence comes first and
 * gives the HTTP status.
 *
 * @returns undefined when there are none.
 */
export function refusalOf(problems: readonly Problem[]): Refusal | undefined {
  const sorted = problems.toSorted((a, b) => (PRECEDENCE.get(a.code) ?? 0) - (PRECEDENCE.get(b.code) ?? 0));
  const [first, ...rest] = sorted.slice(0, MOST_TOLD);
  return first === undefined ? undefined : new Refusal([first, ...rest]);
}

/** Writes the error document of a refusal (JSON:API 1.1, "Errors"). */
export function errorDocument({ problems }: Refusal): string {
  return `{"jsonapi":{"version":"1.1"},"errors":[${problems.map(errorObject).join(',')}]}`;
}

/** @returns the value of `Retry-After`, for a refusal that passes by itself. */
export function retryAfter({ problems }: Refusal): string | undefined {
  const seconds = refusalKind(problems[0].code).retryAfterSeconds;
  return seconds === undefined ? undefined : String(seconds);
}

function errorObject({ code, detail, source, type, meta }: Problem): string {
  const kind = REFUSALS[code];
  const status = String(kind.status);
  const links = type === undefined ? undefined : { type };
  return JSON.stringify({
    links,
    status,
    code,
    title: kind.title,
    detail: detail ?? kind.detail,
    source,
    meta,
  });
}
