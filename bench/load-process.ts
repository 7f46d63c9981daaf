import { type LoadPlan, runLoad } from './load';

/**
 * The load generator as a process of its own, so that neither the servers nor the orchestrator share its
 * event loop. One plan comes in by message, one result goes out, and it ends.
 */
process.once('disconnect', () => process.exit(1));
process.once('message', (plan: LoadPlan) => {
  void runLoad(plan).then((result) =>
    process.send?.(result, () => {
      process.exit(0);
    }),
  );
});
