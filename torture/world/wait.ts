import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so; an error says that it is not so yet. @returns whether it was so in time */
export async function comesTrue(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!(await Promise.resolve(condition()).catch(() => false))) {
    if (performance.now() > endMs) return false;
    await sleep(20);
  }
  return true;
}
