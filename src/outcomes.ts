import type { Outcome, Recorded, Refused } from './allocation/orders';
import { type Problem, type ProblemSource, Refusal } from './refusals';

/** Where in the request a refusal belongs, and what to say instead of its own sentence. */
export interface Located {
  readonly source?: ProblemSource | undefined;
  readonly detail?: string | undefined;
}

/** The same request has been decided before. It carries no stack trace: it is an ordinary answer. */
export class AlreadyDoneError extends Error {
  constructor(readonly recorded: Recorded) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super('the same request has been decided before');
    Error.stackTraceLimit = limit;
  }
}

/**
 * @param locate finds the place in the request of a refusal that does not name one itself
 * @returns what an order has made
 * @throws Refusal; AlreadyDoneError for a request that was decided before; or the cause of a failure that nobody foresaw, which is logged with the id of its request
 */
export function madeOf<M>(outcome: Outcome<M>, locate: (refused: Refused) => Located): M {
  const { made, refused, cause, known } = outcome;
  if (known !== undefined) throw new AlreadyDoneError(known);
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
