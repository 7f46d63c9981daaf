import type { Bench } from '../bench';
import { takeTurns, type Turn } from '../measure';
import { startSubjects } from '../subjects';
import type { WorkloadName } from '../workloads';
import { close } from './close';

const SECTION = 'workloads';

/** A turn of one of the subjects: key, workload, and what is different if the same was measured before in the round. */
type Short = readonly [key: 'a' | 'b' | 'c', workload: WorkloadName, variant?: string];

/** What is compared directly stands side by side. */
const GROUPS: readonly (readonly Short[])[] = [
  [
    ['b', 'sold_out'],
    ['a', 'hot_option'],
    ['b', 'hot_option'],
    ['b', 'buy_keyed'],
    ['a', 'buy_keyed'],
  ],
  [
    ['b', 'hot_option', 'beside tokens'],
    ['b', 'buy_authenticated'],
    ['a', 'buy_authenticated'],
    ['b', 'buy_limited'],
  ],
  [
    ['a', 'reserve'],
    ['b', 'reserve'],
    ['b', 'reserve_keyed'],
    ['a', 'reserve_keyed'],
  ],
  [
    ['a', 'reserve_several'],
    ['b', 'reserve_several'],
  ],
  [
    ['a', 'pay'],
    ['b', 'pay'],
  ],
  [
    ['a', 'many_events'],
    ['b', 'many_events'],
    ['c', 'many_events'],
  ],
  [
    ['a', 'get_option'],
    ['b', 'get_option'],
  ],
];

/** Enough for a look: a quick run has a minute. */
const QUICK_GROUPS: readonly (readonly Short[])[] = [
  [
    ['b', 'sold_out'],
    ['a', 'hot_option'],
    ['b', 'hot_option'],
    ['b', 'buy_keyed'],
  ],
  ...(['reserve', 'pay', 'many_events', 'get_option'] as const).map((workload): Short[] => [
    ['a', workload],
    ['b', workload],
  ]),
];

/** Every other kind of request, each with the no-op server that answers the same. */
export async function measureWorkloads(bench: Bench): Promise<void> {
  const subjects = await startSubjects(bench.surroundings, ['c']);
  for (let round = 0; round < bench.plan.rounds; round++) {
    for (const group of bench.plan.quick ? QUICK_GROUPS : GROUPS) {
      const turns = group.map(([key, workload, variant = '']): Turn => ({
        section: SECTION,
        workload,
        variant,
        subject: subjects[key],
      }));
      await takeTurns(bench, round, turns);
    }
  }
  await close(bench, SECTION, Object.values(subjects));
}
