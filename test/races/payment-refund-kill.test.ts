import { atOnce } from '../support/at-once';
import { Blocker, type Step } from '../support/blocker';
import type { Point } from '../processes/points';
import { wrongsWithMoney } from '../support/money';
import { PAYS_ONLY, reserveMany, type Sale, Scene } from '../support/paying';
import type { Told } from '../support/till';

// Starting processes takes its time on a busy machine.
jest.setTimeout(60_000);

const MANY = 12;

/** When the process that pays back is killed. */
const MOMENTS: readonly (readonly [when: string, at: Point, step: Step | null])[] = [
  ['before the gateway has given the money back', 'before refund', null],
  ['after the gateway has given the money back', 'after refund', null],
  ['while it waits for the tickets to take them back', 'after refund', 'locking'],
  ['while it takes the purchases back, with the COMMIT on its way', 'after refund', 'writing'],
  ['in the COMMIT, which gets through', 'after refund', 'committing'],
  ['after the COMMIT, before it has answered', 'after refunding', null],
];

/** @returns how many tickets of each option are sold, and what is missing of the allocation */
async function soldOf({ pool }: Scene, { options }: Sale): Promise<unknown> {
  const { rows } = await pool.query<Record<string, number>>(
    'SELECT sold, allocation - remaining AS missing FROM ticket_options WHERE id = ANY ($1) ORDER BY number',
    [options],
  );
  return rows;
}

/** Takes the first purchase of each reservation back, and kills the process that does so. */
async function killRefunds(scene: Scene, at: Point, step: Step | null) {
  const payer = await scene.start(PAYS_ONLY);
  const sale = await reserveMany(payer.shop, MANY);
  const paid = await Promise.all(sale.reservations.map((id) => payer.till.pay(id, `wait ${at}: tok_visa`)));
  const refunds = paid.map(({ bought: [purchase = ''] }) => payer.till.refund(purchase));
  await payer.reach(at, MANY);
  const blocker = step && (await Blocker.block(scene.url, sale.event, step));
  if (blocker) {
    payer.release();
    await blocker.caught();
  }
  await payer.kill();
  await blocker?.end();
  await scene.endLeases(sale.event);
  await scene.settled(sale.event);
  const told = [...paid, ...(await Promise.all(refunds))];
  return { told, sold: await soldOf(scene, sale), statuses: await scene.statuses(sale.event) };
}

/** Of every three reservations one has a ticket of the first kind, one two of the second, and one some of both: of those the three of the first kind stay. */
const AFTERWARDS = {
  sold: [
    { sold: MANY, missing: MANY },
    { sold: 0, missing: 0 },
  ],
  statuses: { partially_refunded: MANY / 3, refunded: (2 * MANY) / 3 },
};

/** The same for payments that are paid back because their event was cancelled while they were charged. */
async function killAfterCancel(scene: Scene, at: Point) {
  const payer = await scene.start(PAYS_ONLY);
  const { event, reservations } = await reserveMany(payer.shop, MANY);
  const paid = reservations.map((id) => payer.till.pay(id, `wait before charge, ${at}: tok_visa`));
  await payer.reach('before charge', MANY);
  await payer.shop.changeEvent(event, { status: 'cancelled' });
  payer.release();
  await payer.reach(at, MANY);
  await payer.kill();
  await scene.endLeases(event);
  await scene.settled(event);
  return { told: await Promise.all(paid), sold: [], statuses: await scene.statuses(event) };
}

const POINTS: readonly Point[] = ['before refund', 'after refund', 'after refunding'];

describe('kill -9 of the process that pays back, with another on the same database', () => {
  let scene: Scene;
  let killed: (when: string) => ReturnType<typeof killRefunds>;

  beforeAll(async () => {
    scene = await Scene.open();
    await Blocker.prepare(scene.url);
    await scene.start();
    const refunds = MOMENTS.map(([when, at, step]) => [when, () => killRefunds(scene, at, step)] as const);
    const cancels = POINTS.map((at) => [at, () => killAfterCancel(scene, at)] as const);
    killed = await atOnce(Object.fromEntries([...refunds, ...cancels]));
  });
  afterAll(() => scene.close());

  test.each(MOMENTS)('a purchase, %s: the tickets are back once', async (when) => {
    expect(await killed(when)).toMatchObject(AFTERWARDS);
  });

  test.each(POINTS)('a payment for a cancelled event, %s: all of it goes back', async (at) => {
    expect((await killed(at)).statuses).toEqual({ 'refunded event_cancelled': MANY });
  });

  test('afterwards the gateway has given everything back, once', async () => {
    const told: Told[] = [];
    for (const [name] of [...MOMENTS, ...POINTS.map((at) => [at])]) told.push(...(await killed(name)).told);
    expect(await wrongsWithMoney(scene.pool, told)).toEqual([]);
    const { rows } = await scene.pool.query('SELECT FROM gateway_refunds');
    expect(rows).toHaveLength((MOMENTS.length + POINTS.length) * MANY);
  });
});

test('negative control: with another key for each attempt, money is given back twice', async () => {
  await Scene.during(async (scene) => {
    const env = { BROKEN: 'refunds-with-new-keys' };
    const [payer] = await Promise.all([scene.start({ ...env, ...PAYS_ONLY }), scene.start(env)]);
    const { event, reservations } = await reserveMany(payer.shop, MANY);
    const pay = (id: string): Promise<Told> => payer.till.pay(id, 'wait after refund: tok_visa');
    const paid = await Promise.all(reservations.map(pay));
    const refunds = paid
      .filter(({ bought }) => bought.length > 1)
      .map(({ bought: [purchase = ''] }) => payer.till.refund(purchase));
    await payer.reach('after refund', refunds.length);
    await payer.kill();
    await scene.endLeases(event);
    await scene.settled();
    expect(await wrongsWithMoney(scene.pool, await Promise.all(refunds))).toContainEqual(
      expect.stringMatching(/but the gateway has charged 5500 and given back 5000/),
    );
  });
});
