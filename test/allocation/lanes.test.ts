import { setImmediate } from 'node:timers/promises';
import { type LaneLimits, Lanes, type Server } from '../../src/allocation/lanes';
import type { Job, Order } from '../../src/allocation/orders';
import { BY_THEMSELVES, LIMITS, MADE, order, task } from './lane-jobs';

/** Lanes whose turns are written down, and end only when they are let go. */
function heldLane(limits: Partial<LaneLimits> = {}) {
  const turns: Job[][] = [];
  const held: (() => void)[] = [];
  const begun: (() => void)[] = [];
  const turn = async (jobs: readonly Job[]): Promise<void> => {
    turns.push([...jobs]);
    begun.shift()?.();
    await new Promise<void>((resolve) => held.push(resolve));
  };
  const server: Server = {
    ...BY_THEMSELVES,
    serve: async (jobs) => {
      await turn(jobs);
      return jobs.map(() => MADE);
    },
  };
  const lane = new Lanes(server, { ...LIMITS, ...limits });
  const turnBegins = (): Promise<void> => new Promise((resolve) => begun.push(resolve));
  return { lane, turns, turnBegins, release: () => held.shift()?.() };
}

describe('Lanes', () => {
  test('serves what came in together as one group, in order of arrival', async () => {
    const { lane, turns, turnBegins, release } = heldLane();
    const orders = [order(), order(), order()];
    const begins = turnBegins();
    const answers = orders.map((each) => lane.submit(each));
    await begins;
    expect(turns).toEqual([orders]);
    release();
    expect(await Promise.all(answers)).toEqual([MADE, MADE, MADE]);
  });

  test('has one turn in flight, and the next one takes everyone who came meanwhile', async () => {
    const { lane, turns, turnBegins, release } = heldLane();
    let begins = turnBegins();
    const first = lane.submit(order());
    await begins;
    const later = [order(), order()];
    const answers = later.map((each) => lane.submit(each));
    expect(turns).toHaveLength(1);
    expect(lane.depth).toBe(2);
    begins = turnBegins();
    release();
    await first;
    await begins;
    expect(turns[1]).toEqual(later);
    release();
    await Promise.all(answers);
    expect(lane.depth).toBe(0);
  });

  /** Sizes of the turns when one order is served, and so many more come meanwhile. */
  async function sizesOf(more: number, limits: Partial<LaneLimits>, neighbours: readonly Order[] = []) {
    const { lane, turns, turnBegins, release } = heldLane(limits);
    const all = [order(), ...neighbours, ...Array.from({ length: more }, () => order())];
    let begins = turnBegins();
    const answers = [lane.submit(all[0] ?? order())];
    await begins;
    answers.push(...all.slice(1).map((each) => lane.submit(each)));
    for (let left = all.length - 1; left > 0; left -= turns.at(-1)?.length ?? 0) {
      begins = turnBegins();
      release();
      await begins;
    }
    release();
    await Promise.all(answers);
    expect(turns.flat()).toEqual(all);
    return turns.map(({ length }) => length);
  }

  test('brings a turn and the one behind it together when many more wait than were served', async () => {
    expect(await sizesOf(9, { minShared: 2 })).toEqual([1, 5, 4]);
    expect(await sizesOf(255, {})).toEqual([1, 128, 127]);
  });

  test('does not divide what is few, nor what comes behind another event', async () => {
    expect(await sizesOf(32, {})).toEqual([1, 32]);
    expect(await sizesOf(255, {}, [order('other')])).toEqual([1, 1, 255]);
  });

  test('lets clients that wait for their answers fall into two halves, whatever they began with', async () => {
    const { lane, turns, turnBegins, release } = heldLane({ minShared: 2 });
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) {
        await lane.submit(order());
        await setImmediate(); // by way of the network
      }
    };
    let begins = turnBegins();
    const clients = [client()];
    await begins;
    clients.push(...Array.from({ length: 15 }, () => client()));
    for (let turn = 0; turn < 8; turn += 1) {
      await setImmediate();
      begins = turnBegins();
      release();
      await begins;
    }
    isOver = true;
    while (lane.depth > 0) {
      begins = turnBegins();
      release();
      await begins;
    }
    release();
    await Promise.all(clients);
    expect(turns.slice(0, 8).map(({ length }) => length)).toEqual([1, 8, 8, 8, 8, 8, 8, 8]);
  });

  test('never mixes events that may not join, and lets them take turns', async () => {
    const { lane, turns, turnBegins, release } = heldLane({ maxGroup: 2 });
    const hot = [order('hot'), order('hot'), order('hot'), order('hot')];
    const quiet = order('quiet');
    let begins = turnBegins();
    const answers = [...hot, quiet].map((each) => lane.submit(each));
    for (let turn = 0; turn < 3; turn += 1) {
      await begins;
      begins = turnBegins();
      release();
    }
    await Promise.all(answers);
    expect(turns).toEqual([hot.slice(0, 2), [quiet], hot.slice(2)]);
  });

  test('serves other events while the turn of one does not end, but never one event in two lanes', async () => {
    const { lane, turns, turnBegins, release } = heldLane({ lanes: 2 });
    let begins = turnBegins();
    const stuck = lane.submit(order('stuck'));
    await begins;
    begins = turnBegins();
    const other = lane.submit(order('other'));
    await begins;
    const again = lane.submit(order('stuck'));
    const third = lane.submit(order('third'));
    expect(turns.map(([first]) => first?.eventId)).toEqual(['stuck', 'other']);
    begins = turnBegins();
    release();
    await stuck;
    await begins;
    begins = turnBegins();
    release();
    await other;
    await begins;
    release();
    release();
    await Promise.all([again, third]);
    expect(turns.map(([first]) => first?.eventId)).toEqual(['stuck', 'other', 'stuck', 'third']);
  });

  test('gives each task a turn of its own, at its place in the order of arrival', async () => {
    const { lane, turns, turnBegins, release } = heldLane();
    let begins = turnBegins();
    const jobs = [order(), order(), task(), task(), order()];
    const answers = jobs.map((each) => lane.submit(each));
    for (let turn = 0; turn < 4; turn += 1) {
      await begins;
      begins = turnBegins();
      release();
    }
    await Promise.all(answers);
    expect(turns).toEqual([jobs.slice(0, 2), [jobs[2]], [jobs[3]], [jobs[4]]]);
  });

  test('refuses at once when too many wait', async () => {
    const { lane, turnBegins, release } = heldLane({ maxWaiting: 2 });
    let begins = turnBegins();
    const served = [lane.submit(order())];
    await begins;
    served.push(lane.submit(order()), lane.submit(order()));
    expect(await lane.submit(order())).toMatchObject({ refused: [{ code: 'overloaded' }] });
    begins = turnBegins();
    release();
    await begins;
    release();
    expect(await Promise.all(served)).toEqual([MADE, MADE, MADE]);
  });

  test('refuses those who have waited too long while a turn does not end', async () => {
    const { lane, turns, turnBegins, release } = heldLane({ maxWaitMs: 150 });
    const begins = turnBegins();
    const stuck = lane.submit(order());
    await begins;
    expect(await lane.submit(order())).toMatchObject({ refused: [{ code: 'overloaded' }] });
    expect(lane.depth).toBe(0);
    release();
    expect(await stuck).toEqual(MADE);
    expect(turns).toHaveLength(1);
  });

  test('drops the order of a client that has gone away before its turn', async () => {
    const { lane, turns, turnBegins, release } = heldLane();
    const caller = { destroyed: false };
    let begins = turnBegins();
    const first = lane.submit(order());
    await begins;
    const [gone, stays] = [order(), order()];
    const answers = [lane.submit(gone, caller), lane.submit(stays)];
    caller.destroyed = true;
    begins = turnBegins();
    release();
    await begins;
    expect(turns[1]).toEqual([stays]);
    release();
    await Promise.all([first, ...answers]);
  });

  test('is idle when nothing waits and nothing is in flight', async () => {
    const { lane, turnBegins, release } = heldLane();
    await lane.idle();
    const begins = turnBegins();
    const answer = lane.submit(order());
    const idle = lane.idle().then(() => 'idle');
    await begins;
    expect(await Promise.race([idle, Promise.resolve('busy')])).toBe('busy');
    release();
    await answer;
    expect(await idle).toBe('idle');
  });

  test('goes on after a turn that failed in a way nobody foresaw', async () => {
    let turns = 0;
    const serve: Server['serve'] = () => {
      turns += 1;
      return turns === 1 ? Promise.reject(new Error('a bug')) : Promise.resolve([MADE]);
    };
    const lane = new Lanes({ ...BY_THEMSELVES, serve }, LIMITS);
    expect(await lane.submit(order())).toMatchObject({ refused: [{ code: 'internal_error' }] });
    expect(await lane.submit(order())).toEqual(MADE);
  });

  test('tells how long the oldest has waited', async () => {
    const { lane, turnBegins, release } = heldLane();
    expect(lane.oldestMs).toBe(0);
    let begins = turnBegins();
    const first = lane.submit(order());
    await begins;
    const second = lane.submit(order());
    expect(lane.oldestMs).toBeGreaterThan(0);
    begins = turnBegins();
    release();
    await begins;
    release();
    await Promise.all([first, second]);
  });
});
