import type { Bench } from '../bench';
import { takeTurns, type Turn } from '../measure';
import { BUSY, CROWD, STORM, STRATEGY_KEYS, type SubjectKey } from '../plan';
import { checkOpenFiles } from '../servers';
import { startSubjects } from '../subjects';
import { close } from './close';

const SECTION = 'connections';

/** The others lose requests when thousands wait for ten connections, so they stop at a storm. */
export const LEVELS = [1, 16, BUSY, STORM, 1_000, CROWD] as const;

/** What is compared directly stands side by side: one idle client, and a crowd with a storm. */
const GROUPS: readonly (readonly [SubjectKey, number][])[] = [
  [
    ['a', 1],
    ['c', 1],
    ['b', 1],
    ['d', 1],
  ],
  [
    ['a', 16],
    ['b', 16],
  ],
  [
    ['b', BUSY],
    ['a', BUSY],
  ],
  [
    ['a', STORM],
    ['b', STORM],
    ['b', CROWD],
    ['a', CROWD],
  ],
  [
    ['a', 1_000],
    ['b', 1_000],
  ],
];

const OTHERS: readonly (readonly [SubjectKey, number][])[] = [
  (['e', 'f', 'g', 'h'] as const).map((key): [SubjectKey, number] => [key, 1]),
  ...[16, BUSY, STORM].map((level) => STRATEGY_KEYS.map((key): [SubjectKey, number] => [key, level])),
];

/** The others are so far away that two rounds tell. */
const ROUNDS_OF_OTHERS = 2;

/** One hot option, from one client up to two thousand. */
export async function measureConnections(bench: Bench): Promise<void> {
  checkOpenFiles(CROWD);
  const subjects = await startSubjects(bench.surroundings, STRATEGY_KEYS);
  for (let round = 0; round < bench.plan.rounds; round++) {
    for (const group of round < ROUNDS_OF_OTHERS ? [...GROUPS, ...OTHERS] : GROUPS) {
      const turns = group.map(([key, connections]): Turn => ({
        ...{ section: SECTION, workload: 'hot_option', subject: subjects[key], connections },
        share: 0.5,
      }));
      await takeTurns(bench, round, turns);
    }
  }
  await close(bench, SECTION, Object.values(subjects));
}
