import type { Outcome, Refused } from './allocation/orders';
import { type Problem, type ProblemSource, Refusal } from './refusals';

/** Where in the request a refusal belongs, and what to say instead of its own sentence. */
export interface Located {
  readonly source?: ProblemSource | undefined;
  readonly detail?: string | undefined;
}

/**
 * @param locate finds the place in the request of a refusal that does not name one itself
 * @returns what an order has made
 * @throws Refusal; or the cause of a failure that nobody foresaw, which is logged with the id of its request
 */
export function madeOf<M>(outcome: Outcome<M>, locate: (refused: Refused) => Located): M {
  const { made, refused, cause } = outcome;
  if (cause !== undefined) throw cause;
  if (refused === undefined) return made;
  const [first, ...rest] = refused;
  throw new Refusal([located(first, locate), ...rest.map((problem) => located(problem, locate))]);
}

function located(refused: Refused, locate: (refused: Refused) => Located): Problem {
  const { code, type, meta } = refused;
  const place = locate(refused);
  return {
    code,
    detail: place.detail ?? refused.detail,
    source: refused.source ?? place.source,
    type,
    meta,
  };
}
