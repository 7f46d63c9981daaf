import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../allocation/orders';
import type { RefusalCode } from '../refusals';

/** How long something is sent again whose money has moved already; then the recovery goes on with it. */
const INSIST_MS = 10_000;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

/** What passes by itself. */
const PASSING: ReadonlySet<RefusalCode> = new Set(['overloaded', 'database_unavailable', 'outcome_unknown']);

/** Something that cannot be told yet: it was not settled, or not answered, in time. */
class NotYetError extends Error {}

/**
 * Sends the same order, with the same ids, until it is served.
 *
 * @throws NotYetError when it is not served in time, or can never be; a failure that nobody foresaw is in the log by then
 */
export async function insist<M>(send: () => Promise<Outcome<M>>): Promise<M> {
  const endMs = performance.now() + INSIST_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
    const { made, refused, known } = await send();
    if (known !== undefined) throw new NotYetError('decided before'); // such orders have no key
    if (refused === undefined) return made;
    const [{ code }] = refused;
    if (!PASSING.has(code) || performance.now() + pauseMs > endMs) throw new NotYetError(code);
    // Nobody has to stay for this but a client, who has a connection open.
    await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { ref: false });
  }
}

/**
 * Waits for work, but no longer than this; the work itself goes on.
 *
 * @param signal ends the wait as well
 * @throws NotYetError when the time is over
 */
export async function within<T>(ms: number, work: Promise<T>, signal?: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp: () => void = () => undefined;
  const end = new Promise<never>((_, reject) => {
    giveUp = () => {
      reject(new NotYetError('nobody waits any more'));
    };
    if (signal?.aborted === true) giveUp();
    else signal?.addEventListener('abort', giveUp);
    timer = setTimeout(() => {
      reject(new NotYetError(`there was no answer within ${Math.round(ms)} ms`));
    }, ms).unref();
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** @returns the sentence of an error and nothing else of it: gateways put requests into theirs, and with them tokens. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
