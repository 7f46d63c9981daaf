import type { Bench } from '../bench';
import { takeTurns, type Turn } from '../measure';

const SECTION = 'rows';

export const ROWS = [10_000, 100_000, 1_000_000, 10_000_000] as const;
const [FEWEST] = ROWS;
const MOST = 10_000_000;

const PAIRS = 4;
/** Between the ends, for the chart. */
const ROUNDS_BETWEEN = 2;
const STARTS = 3;

/** A hot option beside few and beside many purchases, and how long a start takes with many. */
export async function measureRows(bench: Bench): Promise<void> {
  const { stocked, recorder } = bench;
  const turns = new Map<number, Turn>();
  for (let start = 0; start < STARTS; start++) {
    const seconds = await stocked.restart(MOST);
    recorder.startSeconds.push(Math.round(seconds * 1000) / 1000);
    recorder.say(`ready ${seconds.toFixed(2)} s after its start on ${MOST} purchases`);
  }
  for (const rows of ROWS) {
    const subject = await stocked.get(rows);
    turns.set(rows, { section: SECTION, workload: 'hot_option', subject, variant: `${rows} purchases` });
  }
  const pick = (wanted: readonly number[]) =>
    [...turns].flatMap(([rows, turn]) => (wanted.includes(rows) ? [turn] : []));
  for (let round = 0; round < PAIRS; round++) {
    await takeTurns(bench, round, pick([FEWEST, MOST]));
    if (round < ROUNDS_BETWEEN) {
      await takeTurns(bench, round, pick(ROWS.filter((rows) => rows !== FEWEST && rows !== MOST)));
    }
  }
  recorder.memory.push({ section: SECTION, peak_mib: await stocked.stop() });
}
