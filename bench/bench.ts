import type { BenchPlan } from './plan';
import type { Recorder } from './results';
import type { Stocked } from './stocked';
import type { Surroundings } from './subjects';

/** What every section works with. */
export interface Bench {
  readonly plan: BenchPlan;
  readonly surroundings: Surroundings;
  readonly recorder: Recorder;
  /** Services with many purchases in their tables. */
  readonly stocked: Stocked;
  /** Servers and workloads that have been measured before: their code is compiled. */
  readonly visited: Set<string>;
}
