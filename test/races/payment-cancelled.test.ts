import { wrongsWithMoney } from '../support/money';
import { cardOf, PAYS_ONLY, type PayingInstance, reserveMany, Scene } from '../support/paying';
import { codeOf } from '../support/shop';

// Starting processes takes its time on a busy machine.
jest.setTimeout(60_000);

const EACH = 12;

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.open();
});
afterEach(() => scene.close());

/** Both instances pay at every point, and the event is cancelled meanwhile. @returns what the clients are told, once they are */
async function cancelWhilePaying([one, two]: readonly [PayingInstance, PayingInstance]) {
  const sale = await reserveMany(one.shop, 4 * EACH);
  const points = ['before charge', 'after charge'] as const;
  const answers = sale.reservations.map((id, number) => {
    const { till } = number % 2 === 0 ? one : two;
    return till.pay(id, `wait ${points[Math.floor(number / 2) % 2] ?? ''}: ${cardOf(number >> 2)}`);
  });
  for (const instance of [one, two]) {
    await instance.reach('before charge', 2 * EACH);
    await instance.reach('after charge', EACH);
  }
  expect(codeOf(await two.shop.changeEvent(sale.event, { status: 'cancelled' }))).toBe('200');
  return { ...sale, answers: Promise.all(answers) };
}

/** What the options of an event have left, and everything that anybody owns or holds of it. */
async function stockOf(event: string): Promise<unknown> {
  const { rows } = await scene.pool.query<Record<string, number>>(
    `SELECT sum(allocation - remaining)::integer AS missing, sum(reserved + sold)::integer AS taken,
            (SELECT count(*)::integer FROM purchases) AS purchases, (SELECT count(*)::integer FROM holds) AS holds,
            (SELECT count(*)::integer FROM user_counts WHERE tickets > 0) AS counted
       FROM ticket_options WHERE event_id = $1`,
    [event],
  );
  return rows[0];
}

const NOTHING_TAKEN = { missing: 0, taken: 0, purchases: 0, holds: 0, counted: 0 };
const CHARGED = 3 * EACH;
const REFUSED = EACH;

test('an event that is cancelled while charges are under way on two instances: all that is charged goes back', async () => {
  const both = await Promise.all([scene.start(PAYS_ONLY), scene.start(PAYS_ONLY)]);
  const { event, answers } = await cancelWhilePaying(both);
  for (const instance of both) instance.release();
  const told = await answers;
  await scene.settled();
  expect(await scene.statuses(event)).toEqual({
    'failed card_error': REFUSED,
    'refunded event_cancelled': CHARGED,
  });
  const cancelled = told.filter(({ status, code }) => status === 409 && code === 'event_cancelled');
  expect(new Set(cancelled.map(({ payment }) => payment)).size).toBe(CHARGED);
  expect(told.filter(({ code }) => code === 'card_error')).toHaveLength(REFUSED);
  for (const { payment = '' } of cancelled.slice(0, 5)) {
    const { body } = await both[0].shop.get(`/payments/${payment}`);
    const { amount_cents: amount, ...shown } = body.data?.attributes ?? {};
    expect(shown).toMatchObject({
      status: 'refunded',
      failure_code: 'event_cancelled',
      refunded_cents: amount,
    });
  }
  expect(await stockOf(event)).toEqual(NOTHING_TAKEN);
  expect(await wrongsWithMoney(scene.pool, told)).toEqual([]);
});

test('the same with one of them killed: the other gives its charges back', async () => {
  const both = await Promise.all([scene.start(PAYS_ONLY), scene.start({ PAYMENT_LEASE_SECONDS: '60' })]);
  const { event, answers } = await cancelWhilePaying(both);
  await both[0].kill();
  both[1].release();
  await scene.endLeases(event);
  const told = await answers;
  await scene.settled();
  const statuses = await scene.statuses(event);
  // Of those that had not arrived yet, the ones of the killed process never do.
  expect(statuses['refunded event_cancelled']).toBeGreaterThanOrEqual((CHARGED * 3) / 4 - EACH);
  expect(statuses).not.toHaveProperty('succeeded');
  expect(await stockOf(event)).toEqual(NOTHING_TAKEN);
  expect(await wrongsWithMoney(scene.pool, told)).toEqual([]);
});
