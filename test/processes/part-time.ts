/** How often the process stands still, in milliseconds. */
const TURN_MS = 5;

/**
 * Lets this process work for a share of the time only, and stand still for the rest, without taking the processor from
 * anybody: as on a machine that is so much slower. What it can do at most is then far from what the machine can do, so
 * that more than that can be asked of it, by a crowd and with a database that keep up.
 *
 * @param share between 0 and 1
 */
export function workPartTime(share: number): void {
  const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
  let sinceMs = performance.now();
  setInterval(() => {
    // What takes long, as the reading of a thousand requests, takes as much longer.
    Atomics.wait(nobodyWakes, 0, 0, (performance.now() - sinceMs) * (1 / share - 1));
    sinceMs = performance.now();
  }, TURN_MS).unref();
}
