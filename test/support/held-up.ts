import type { Answer } from './shop';

const TRIES = 3;
/** The service refuses for want of time only who has waited for two seconds; the two clocks of that may differ a little. */
const LEAST_WAIT_MS = 1_900;
/** What somebody is told for whom nothing was changed. */
const IN_VAIN: readonly unknown[] = ['overloaded', 'database_unavailable'];

/**
 * Plays a storm, and plays it again if all that is odd about it is that somebody has waited in vain for as long as the
 * service lets anybody wait: then the machine stood still. Books that are wrong, and whatever else is odd, stay as they are,
 * and so does a refusal that came sooner.
 *
 * @param storm all of it, with fresh data each time
 * @param oddOf the answers that are not to be given in a storm
 * @returns what the storm came to
 */
export async function notHeldUp<T extends { readonly differences: readonly unknown[] }>(
  storm: () => Promise<T>,
  oddOf: (result: T) => readonly Answer[],
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const result = await storm();
    const odd = oddOf(result);
    const heldUp = odd.length > 0 && odd.every(hasWaitedInVain) && result.differences.length === 0;
    if (tries === TRIES || !heldUp) return result;
  }
}

function hasWaitedInVain({ status, body, sentMs, answeredMs }: Answer): boolean {
  const code = body.errors?.[0]?.code ?? body.error?.code;
  return status === 503 && IN_VAIN.includes(code) && answeredMs - sentMs >= LEAST_WAIT_MS;
}
