import { type LoadPlan, type LoadResult, runLoad } from './load';
import type { Moment } from './load/plan';

/** What it says: when the measured time begins and when it ends, then the result. */
export type Message = { readonly moment: Moment } | { readonly result: LoadResult };

/**
 * The load generator as a process of its own, so that neither the servers nor the orchestrator share its
 * event loop. One plan comes in by message, its result goes out, and it ends.
 */
process.once('disconnect', () => process.exit(1));
process.once('message', (plan: LoadPlan) => {
  void runLoad(plan, (moment) => void say({ moment }))
    .then((result) => say({ result }))
    .then(() => process.exit(0));
});

function say(message: Message): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => {
      resolve();
    });
  });
}
