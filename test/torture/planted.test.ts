import { join } from 'node:path';
import type { FaultName } from '../../torture/faults/faults';
import { liveThrough } from '../../torture/round';
import type { Crowd } from '../../torture/work/clients';

/** What is taken out, what must happen so that it shows, and how it shows. */
interface Planted {
  readonly promise: string;
  readonly bug: string;
  /** Of which kind of broken instance it is; see `test/processes`. */
  readonly of?: 'broken' | 'history';
  readonly faults?: readonly FaultName[];
  readonly onlyTakes?: boolean;
  readonly ms?: number;
  readonly caught: RegExp;
}

const PLANTED: readonly Planted[] = [
  {
    promise: 'never oversold, and no update is lost',
    bug: 'stock-before-lock',
    caught: /but \d+ are held and \d+ bought|-\d+ remaining at/,
  },
  {
    promise: 'the limit is a limit',
    bug: 'rest-before-lock',
    onlyTakes: true,
    caught: /over the limit of/,
  },
  {
    promise: 'a lost COMMIT is asked for again with the same ids',
    bug: 'retries-with-new-ids',
    faults: ['cut after COMMIT'],
    onlyTakes: true,
    caught: /is there, and nobody was told of it/,
  },
  {
    promise: 'a key has its effect once',
    bug: 'forgets-keys',
    // The database's answers take their time, so that a kill strikes many between their effect and its answer.
    faults: ['kill -9 of both instances', 'latency and jitter'],
    ms: 5_000,
    caught: /is there, and nobody (was told of|asked for) it/,
  },
  {
    promise: 'what is over is over',
    bug: 'changes-too-late',
    // Nothing is over before 2 s have passed.
    ms: 6_000,
    caught: /although it was over|is not linearizable/,
  },
  {
    promise: 'what is shown is true when it is shown',
    bug: 'remembers-reads',
    onlyTakes: true,
    caught: /is not linearizable/,
  },
  {
    promise: 'tickets come back once',
    bug: 'returns-twice',
    of: 'history',
    caught: /is not linearizable/,
  },
];

/** Few enough that they meet, and enough that something is going on all the time. */
const CROWD: Crowd = { clients: 40, users: 8, onlyTakes: false };
/**
 * On a slow machine less happens in a round, and an instance may not be back before it is over: so there it takes more
 * rounds, at least so many and for so long, each longer than the one before.
 */
const ROUNDS = 3;
const LOOK_FOR_MS = 100_000;
const LONGEST_MS = 20_000;
/** What is broken may never come to an end. */
const QUIET_WITHIN_MS = 3_000;

/** Works until a planted bug has shown itself, but not for ever. @returns what was found in the end */
async function findWrong({
  bug,
  of = 'broken',
  faults = [],
  onlyTakes = false,
  ms = 2_500,
  caught,
}: Planted) {
  const script = join('dist-tools', 'test', 'processes', `${of}-instance.js`);
  const program = { script, env: { BROKEN: bug } };
  const end = performance.now() + LOOK_FOR_MS;
  for (let seed = 1; ; seed += 1) {
    const plan = {
      seed,
      ms: Math.min(seed * ms, LONGEST_MS),
      faults,
      program,
      quietWithinMs: QUIET_WITHIN_MS,
    };
    const { anomalies } = await liveThrough({ ...plan, crowd: { ...CROWD, onlyTakes } });
    const isOver = seed >= ROUNDS && performance.now() > end;
    if (isOver || anomalies.some((each) => caught.test(each))) return anomalies;
  }
}

test.each(PLANTED)(
  'negative control: finds that it is not so that $promise, where the instance has the bug $bug',
  async (planted) => {
    const found = (await findWrong(planted)).map((each) => each.slice(0, 300));
    expect(found).toContainEqual(expect.stringMatching(planted.caught));
  },
  240_000,
);
