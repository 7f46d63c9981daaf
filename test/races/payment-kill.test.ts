import type { Point } from '../processes/points';
import { atOnce } from '../support/at-once';
import { Blocker, type Step } from '../support/blocker';
import { wrongsWithMoney } from '../support/money';
import { cardOf, PAYS_ONLY, type PayingInstance, reserveMany, Scene, until } from '../support/paying';
import { payAndRefund } from '../support/paying-storm';
import type { Told } from '../support/till';

// Starting processes takes its time on a busy machine.
jest.setTimeout(60_000);

/** Payments that are under way when the process is killed, and such as were answered before. Every fourth is refused. */
const WAITING = 32;
const ANSWERED = 8;

type Moment = readonly [when: string, at: Point, step: Step | null, paid: number];

/** When the process that pays is killed, and how many of the payments that are under way end in purchases then. */
const MOMENTS: readonly Moment[] = [
  ['before the charge', 'before charge', null, 0],
  ['after the charge', 'after charge', null, 24],
  ['while it waits for the tickets to settle the payment', 'after charge', 'locking', 24],
  ['while it writes the purchases, with the COMMIT on its way', 'after charge', 'writing', 24],
  ['in the COMMIT, which gets through', 'after charge', 'committing', 24],
  ['after the COMMIT, before it has answered', 'after settling', null, 24],
];

/** Kills a process that pays at a moment, and lets another recover what was under way. */
async function killAt(scene: Scene, recoverer: PayingInstance, [, at, step]: Moment) {
  const payer = await scene.start(PAYS_ONLY);
  const { event, reservations } = await reserveMany(payer.shop, ANSWERED + WAITING);
  const first = reservations.slice(0, ANSWERED).map((id, number) => payer.till.pay(id, cardOf(number)));
  const told = await Promise.all(first);
  const others = reservations
    .slice(ANSWERED)
    .map((id, number) => payer.till.pay(id, `wait ${at}: ${cardOf(number)}`));
  await payer.reach(at, ANSWERED + WAITING);
  const blocker = step && (await Blocker.block(scene.url, event, step));
  if (blocker) {
    payer.release();
    await blocker.caught();
  }
  if (step === 'committing') {
    // PostgreSQL would roll back if it saw that nobody is at the other end any more.
    await payer.halt();
    await blocker?.end();
    await payer.kill();
  } else {
    await payer.kill();
    await blocker?.end();
  }
  await scene.endLeases(event);
  const unanswered = await Promise.all(others);
  await scene.settled(event);
  const paid = told.filter(({ status }) => status === 201).length;
  const { succeeded = 0, ...failed } = await scene.statuses(event);
  const known = new Set(payer.at(at));
  return {
    told: [...told, ...unanswered],
    outcome: {
      answered: paid,
      toldThat: unanswered.filter(({ status }) => status === 201).length,
      paid: succeeded - paid,
      failed: Object.values(failed).reduce((sum, count) => sum + count, 0),
    },
    asked: recoverer.at('find').filter((payment) => known.has(payment)).length,
  };
}

describe('kill -9 of the process that pays, with another on the same database', () => {
  let scene: Scene;
  let killed: (when: string) => ReturnType<typeof killAt>;

  beforeAll(async () => {
    scene = await Scene.open();
    await Blocker.prepare(scene.url);
    const recoverer = await scene.start();
    killed = await atOnce(
      Object.fromEntries(MOMENTS.map((moment) => [moment[0], () => killAt(scene, recoverer, moment)])),
    );
  });
  afterAll(() => scene.close());

  test.each(MOMENTS)('%s: every payment ends one way or the other', async (when, _at, _step, paid) => {
    const expected = { answered: 6, toldThat: 0, paid, failed: 2 + WAITING - paid };
    expect((await killed(when)).outcome).toEqual(expected);
  });

  test('what was committed was not recovered, but was there', async () => {
    expect((await killed('in the COMMIT, which gets through')).asked).toBeLessThan(WAITING);
    expect((await killed('after the COMMIT, before it has answered')).asked).toBe(0);
  });

  test('afterwards what was charged is owned, nothing else is, and every answer holds', async () => {
    const told: Told[] = [];
    for (const [when] of MOMENTS) told.push(...(await killed(when)).told);
    expect(told).toHaveLength(MOMENTS.length * (WAITING + ANSWERED));
    expect(await wrongsWithMoney(scene.pool, told)).toEqual([]);
  });
});

test('negative control: where nobody asks what was charged, nobody gets it', async () => {
  await Scene.during(async (scene) => {
    const recoverer = await scene.start({ BROKEN: 'does-not-ask' });
    const { outcome } = await killAt(scene, recoverer, ['', 'after charge', null, 24]);
    expect(outcome.paid).toBe(0);
  });
});

describe('kill -9 in the middle of a storm of payments and refunds', () => {
  function killInStorm(env: Record<string, string> = {}): Promise<string[]> {
    return Scene.during(async (scene) => {
      const payer = await scene.start(env);
      const { told, end } = await payAndRefund(payer);
      await until(() => told.filter(({ status }) => status === 201).length > 150, 'many have paid');
      await payer.kill();
      await end();
      await scene.start();
      await scene.settled();
      return wrongsWithMoney(scene.pool, told);
    });
  }

  test('after the start of another process every payment and every refund is there once, or not at all', async () => {
    expect(await killInStorm()).toEqual([]);
  });

  test('negative control: whoever tells what was bought before that is settled tells what is not true', async () => {
    const wrongs = await killInStorm({ BROKEN: 'answers-before-settling' });
    expect(wrongs).toContainEqual(expect.stringMatching(/was told to have bought/));
  });
});
