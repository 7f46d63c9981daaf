import type { Bench } from '../bench';
import { soldOutDifferences } from '../differences';
import { takeTurn, takeTurns, type Turn } from '../measure';
import { STORM, STRATEGY_KEYS, SUBJECT_TITLES } from '../plan';
import { STRATEGIES } from '../strategies';
import { startSubjects, type Subject } from '../subjects';
import { FEW } from '../workloads';
import { close } from './close';

const SECTION = 'strategies';

/** One hot option in every way to sell it, and what each does when few tickets meet many buyers. */
export async function measureStrategies(bench: Bench): Promise<void> {
  const subjects = await startSubjects(bench.surroundings, STRATEGY_KEYS);
  const all = (['a', 'b', ...STRATEGY_KEYS] as const).map((key) => subjects[key]);
  const turns = all.map((subject): Turn => ({ section: SECTION, workload: 'hot_option', subject }));
  for (let round = 0; round < bench.plan.rounds; round++) await takeTurns(bench, round, turns);
  for (const subject of all) if (subject.key !== 'a') await sellOut(bench, subject);
  await close(bench, SECTION, all);
}

/** Until everything is gone, and on: exactly so many are told that they have a ticket, and have one. */
async function sellOut(bench: Bench, subject: Subject): Promise<void> {
  const { recorder, plan } = bench;
  const turn = { section: SECTION, workload: 'sold_out', subject, variant: 'few tickets' } as const;
  const { result, counted } = await takeTurn(bench, 0, { ...turn, share: Math.min(1, 1 / plan.seconds) });
  const { key } = subject;
  const writes = key === 'a' || key === 'b' || STRATEGIES[key].isForgetful !== true;
  const confirmed = result.statuses['201'] ?? 0;
  const purchased = writes ? (counted[0]?.purchased ?? NaN) : null;
  recorder.soldOut.push({ subject: key, tickets: FEW, buyers: STORM, confirmed, purchased });
  const problems = soldOutDifferences(FEW, confirmed, purchased);
  recorder.problems.push(...problems.map((problem) => `${SUBJECT_TITLES[key]}: ${problem}`));
}
