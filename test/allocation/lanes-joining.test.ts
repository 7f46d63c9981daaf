import { setImmediate } from 'node:timers/promises';
import { type LaneLimits, Lanes, type Server } from '../../src/allocation/lanes';
import type { Job, Outcome } from '../../src/allocation/orders';
import { BY_THEMSELVES, LIMITS, MADE, order, task } from './lane-jobs';

/**
 * Lanes in which orders may join, and whose turns end only when they are let go.
 *
 * @param alone the events of which nothing comes together with others
 * @returns `submit`, which returns the turns that are on their way as soon as no other would begin with what it was given
 */
function heldJointLanes(limits: Partial<LaneLimits> = {}, alone: readonly string[] = []) {
  const onTheirWay: { events: string; end: () => void }[] = [];
  const turn = async (jobs: readonly Job[]): Promise<void> => {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        onTheirWay.splice(onTheirWay.indexOf(each), 1);
        resolve();
      };
      const each = { events: jobs.map(({ eventId }) => eventId).join(''), end };
      onTheirWay.push(each);
    });
  };
  const made = (group: readonly Job[]): Outcome[] => group.map(() => MADE);
  const lane = new Lanes(
    {
      mayJoin: (group) => group.every(({ kind }) => kind !== 'task'),
      serve: (group) => turn(group).then(() => made(group)),
      serveTogether: async (groups) => {
        await turn(groups.flat());
        return groups.map((group) => (alone.includes(group[0]?.eventId ?? '') ? null : made(group)));
      },
    },
    { ...LIMITS, lanes: 4, maxJointMs: 60_000, ...limits },
  );
  const answers: Promise<Outcome>[] = [];
  const settled = async (): Promise<string[]> => {
    for (let rounds = 0; rounds < 5; rounds += 1) await setImmediate();
    return onTheirWay.map(({ events }) => events);
  };
  return {
    lane,
    /** Each letter is an order of an event; in brackets they are tasks. */
    submit: (events: string): Promise<string[]> => {
      const isTask = events.startsWith('(');
      for (const event of events.replace(/[()]/g, ''))
        answers.push(lane.submit(isTask ? task(event) : order(event)));
      return settled();
    },
    settled,
    /** Ends the turn that has been on its way for longest. */
    end: (): Promise<string[]> => {
      onTheirWay[0]?.end();
      return settled();
    },
    /** Ends all, and what comes behind them. @returns whether everybody was served */
    endAll: async (): Promise<boolean> => {
      while ((await settled()).length > 0) onTheirWay[0]?.end();
      return (await Promise.all(answers)).every((outcome) => outcome === MADE);
    },
  };
}

/** Submits all at once where orders may join. @returns the turns that were served, and the outcomes */
async function serveAll(
  jobs: readonly Job[],
  limits: Partial<LaneLimits>,
  serveTogether?: Server['serveTogether'],
) {
  const turns: Job[][] = [];
  const made = (group: readonly Job[]): Outcome[] => group.map(() => MADE);
  const server: Server = {
    mayJoin: (group) => group.every(({ kind }) => kind !== 'task'),
    serve: (group) => {
      turns.push([...group]);
      return Promise.resolve(made(group));
    },
    serveTogether: (groups) => {
      if (serveTogether !== undefined) return serveTogether(groups);
      turns.push(groups.flat());
      return Promise.resolve(groups.map(made));
    },
  };
  const lane = new Lanes(server, { ...LIMITS, ...limits });
  const outcomes = await Promise.all(jobs.map((job) => lane.submit(job)));
  return { turns, outcomes };
}

describe('Lanes, with events that may join', () => {
  test('serve small groups of several events in one turn', async () => {
    const jobs = [order('a'), order('b'), order('a'), order('c')];
    const { turns, outcomes } = await serveAll(jobs, {});
    expect(turns).toEqual([[jobs[0], jobs[2], jobs[1], jobs[3]]]);
    expect(outcomes).toEqual(jobs.map(() => MADE));
  });

  test('serve large groups, tasks and events beyond the bound by themselves', async () => {
    const many = [order('many'), order('many'), order('many')];
    const jobs = [...many, order('a'), order('b'), task('c'), order('d'), order('e')];
    const { turns } = await serveAll(jobs, { maxJoining: 2, maxEvents: 3 });
    expect(turns).toEqual([many, [jobs[3], jobs[4], jobs[6]], [jobs[5]], [jobs[7]]]);
  });

  test('serve no more orders together than a group may have', async () => {
    const jobs = [order('a'), order('a'), order('b'), order('b'), order('c')];
    const { turns } = await serveAll(jobs, { maxGroup: 3 });
    expect(turns.map((turn) => turn.map(({ eventId }) => eventId))).toEqual([
      ['a', 'a', 'c'],
      ['b', 'b'],
    ]);
  });

  test('serve by itself, once, what nothing came of together, before what came later', async () => {
    const jobs = [order('a'), order('b'), order('b')];
    const later = order('b');
    const seen: string[][] = [];
    const lane = new Lanes(
      {
        mayJoin: () => true,
        serve: (group) => {
          seen.push(group.map(({ id }) => id));
          return Promise.resolve(group.map(() => MADE));
        },
        serveTogether: (groups) => {
          seen.push(groups.flat().map(({ id }) => id));
          if (seen.length === 1) void lane.submit(later);
          return Promise.resolve(
            groups.map((group) => (group[0]?.eventId === 'b' ? null : group.map(() => MADE))),
          );
        },
      },
      LIMITS,
    );
    expect(await Promise.all(jobs.map((job) => lane.submit(job)))).toEqual(jobs.map(() => MADE));
    const [a = '', b = '', b2 = ''] = jobs.map(({ id }) => id);
    expect(seen).toEqual([
      [a, b, b2],
      [b, b2, later.id],
    ]);
    await Promise.all([lane.submit(order('b')), lane.submit(order('a'))]);
    expect(seen[2]).toHaveLength(2);
  });

  test('serve each by itself after a turn together that failed in a way nobody foresaw', async () => {
    const jobs = [order('a'), order('b')];
    const { turns, outcomes } = await serveAll(jobs, {}, BY_THEMSELVES.serveTogether);
    expect(turns).toEqual([[jobs[0]], [jobs[1]]]);
    expect(outcomes).toEqual([MADE, MADE]);
  });

  test('refuse in time what waits for others again', async () => {
    const { outcomes } = await serveAll([order('a'), order('b')], { maxWaitMs: 60 }, async (groups) => {
      await new Promise((resolve) => setTimeout(resolve, 90));
      return groups.map(() => null);
    });
    for (const outcome of outcomes) expect(outcome).toMatchObject({ refused: [{ code: 'overloaded' }] });
  });

  test('begin another turn for several when as many wait as are on their way in such turns', async () => {
    const { submit, endAll } = heldJointLanes();
    expect(await submit('abcd')).toEqual(['abcd']);
    for (const event of 'efg') expect(await submit(event)).toEqual(['abcd']);
    expect(await submit('h')).toEqual(['abcd', 'efgh']);
    expect(await submit('ijklmno')).toEqual(['abcd', 'efgh']);
    expect(await submit('p')).toEqual(['abcd', 'efgh', 'ijklmnop']);
    expect(await endAll()).toBe(true);
  });

  test('serve whoever waits when no other turn for several is on its way', async () => {
    const { submit, end, endAll } = heldJointLanes();
    await submit('abcd');
    await submit('efgh');
    expect(await submit('i')).toEqual(['abcd', 'efgh']);
    expect(await end()).toEqual(['efgh']);
    expect(await end()).toEqual(['i']);
    expect(await endAll()).toBe(true);
  });

  test('let nobody wait for that who could not join', async () => {
    const { submit, end, endAll } = heldJointLanes({ maxJoining: 2 });
    await submit('abcdef');
    expect(await submit('g')).toEqual(['abcdef']);
    expect(await submit('(h)')).toEqual(['abcdef', 'h']);
    expect(await submit('iii')).toEqual(['abcdef', 'h', 'iii']);
    expect(await submit('j')).toEqual(['abcdef', 'h', 'iii']);
    expect(await submit('k')).toEqual(['abcdef', 'h', 'iii']);
    expect(await end()).toEqual(['h', 'iii', 'gjk']);
    expect(await endAll()).toBe(true);
  });

  test('let nobody wait for that of whom nothing came together', async () => {
    const { submit, end, endAll } = heldJointLanes({}, ['a', 'b']);
    await submit('abcd');
    expect(await submit('efgh')).toEqual(['abcd', 'efgh']);
    expect(await submit('i')).toEqual(['abcd', 'efgh']);
    expect(await end()).toEqual(['efgh', 'a', 'b']);
    expect(await endAll()).toBe(true);
  });

  test('wait no longer for a turn that does not end', async () => {
    const { submit, settled, endAll } = heldJointLanes({ maxJointMs: 1 });
    expect(await submit('abcd')).toEqual(['abcd']);
    expect(await submit('e').then(() => submit('f'))).toContain('abcd');
    while ((await settled()).length === 1) await setImmediate();
    expect((await settled()).slice(1).join('')).toBe('ef');
    expect(await endAll()).toBe(true);
  });
});
