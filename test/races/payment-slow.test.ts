import { allButChecks, wrongsWithMoney } from '../support/money';
import { PAYS_ONLY, type PayingInstance, reserveMany, Scene } from '../support/paying';
import type { Told } from '../support/till';

// Starting processes takes its time on a busy machine.
jest.setTimeout(60_000);

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.open();
});
afterEach(() => scene.close());

/**
 * Stops a process in the middle of its payments, lets another recover them, and wakes it up.
 *
 * @returns what has become of the payments, what the process has changed since then, and what its clients were told
 */
async function oversleep(env: Record<string, string>) {
  const [slow] = await Promise.all([scene.start(env), scene.start()]);
  const { event, reservations } = await reserveMany(slow.shop, 16);
  const points = ['before charge', 'after charge'] as const;
  const answers = Promise.all(
    reservations.map((id, number) => slow.till.pay(id, `wait ${points[number % 2] ?? ''}: tok_visa`)),
  );
  await slow.reach('before charge', 16);
  await slow.reach('after charge', 8);
  slow.signal('SIGSTOP');
  if (env === PAYS_ONLY) await scene.endLeases(event);
  await scene.settled(event);
  const before = await allButChecks(scene.pool);

  slow.release(); // which it hears when it goes on
  slow.signal('SIGCONT');
  await slow.reach('after settling', reservations.length);
  const told = await answers;
  const changed = (await allButChecks(scene.pool)).filter((row) => !before.includes(row));
  expect(await wrongsWithMoney(scene.pool, told)).toEqual([]);
  await expectTruth(slow, told);
  const codes = told.map(({ code }) => code).sort();
  return { statuses: await scene.statuses(event), changed, codes };
}

describe('a process that is stopped while its payments are recovered by another', () => {
  test('changes nothing when it wakes up, and tells what has become of them', async () => {
    expect(await oversleep(PAYS_ONLY)).toEqual({
      statuses: { 'failed voided': 8, succeeded: 8 },
      changed: [],
      codes: [...Array<string>(8).fill('201'), ...Array<string>(8).fill('payment_error')],
    });
  });

  test('changes nothing when it wakes up after its own lease either', async () => {
    expect((await oversleep({ PAYMENT_LEASE_SECONDS: '2' })).changed).toEqual([]);
  });
});

test('a process that is stopped while its refunds are made by another gives nothing back a second time', async () => {
  const [slow] = await Promise.all([scene.start(PAYS_ONLY), scene.start()]);
  const { event, reservations } = await reserveMany(slow.shop, 16);
  const points = ['before refund', 'after refund'] as const;
  const paid = await Promise.all(
    reservations.map((id, number) => slow.till.pay(id, `wait ${points[number % 2] ?? ''}: tok_visa`)),
  );
  const refunds = paid.map(({ bought: [purchase = ''] }) => slow.till.refund(purchase));
  await slow.reach('before refund', 16);
  await slow.reach('after refund', 8);
  slow.signal('SIGSTOP');
  await scene.endLeases(event);
  await scene.settled(event);
  const before = await allButChecks(scene.pool);

  slow.release();
  slow.signal('SIGCONT');
  const told = await Promise.all(refunds);
  expect(told.map(({ status }) => status)).toEqual(Array<number>(16).fill(204));
  expect(await allButChecks(scene.pool)).toEqual(before);
  expect(await wrongsWithMoney(scene.pool, [...paid, ...told])).toEqual([]);
});

/** Whoever is not told what was bought is told which payment to read; nobody is told anything that is not so. */
async function expectTruth({ shop }: PayingInstance, told: readonly Told[]): Promise<void> {
  for (const { code, payment = '' } of told) {
    const { body } = await shop.get(`/payments/${payment}`);
    const status = body.data?.attributes['status'];
    const allowed =
      status === 'succeeded' ? ['201', 'outcome_unknown'] : ['payment_error', 'outcome_unknown'];
    expect(allowed).toContain(code);
  }
}

describe('two instances that find the same payments due at the same moment', () => {
  /** Twice as many are due, no more than an instance looks after at once. */
  const EACH = 20;

  /** @returns how often the gateway was asked about the payments that were charged, and told to call off the others: each number of times, and for how many payments */
  async function recoverTogether(env: Record<string, string> = {}) {
    // What is claimed by one of them is not due for the other again, however busy the machine is.
    const recovering = { PAYMENT_LEASE_SECONDS: '60', RECOVERY: 'together', ...env };
    const [payer, ...recoverers] = await Promise.all([
      scene.start(PAYS_ONLY),
      scene.start(recovering),
      scene.start(recovering),
    ]);
    const { event, reservations } = await reserveMany(payer.shop, 2 * EACH);
    const [charged, uncharged] = [reservations.slice(0, EACH), reservations.slice(EACH)];
    const answers = [
      ...charged.map((id) => payer.till.pay(id, 'wait after charge: tok_visa')),
      ...uncharged.map((id) => payer.till.pay(id, 'wait before charge: tok_visa')),
    ];
    await payer.reach('before charge', 2 * EACH);
    await payer.reach('after charge', EACH);
    await payer.kill();
    await scene.endLeases(event);
    for (const recoverer of recoverers) await recoverer.reach('due', 2 * EACH);
    for (const recoverer of recoverers) recoverer.release();
    await scene.settled(event);
    const isCharged = new Set(payer.at('after charge'));
    const asked = recoverers.flatMap((each) => each.at('find')).filter((payment) => isCharged.has(payment));
    const calledOff = recoverers.flatMap((each) => each.at('void'));
    return {
      statuses: await scene.statuses(event),
      asked: timesOf(asked),
      calledOff: timesOf(calledOff),
      wrongs: await wrongsWithMoney(scene.pool, await Promise.all(answers)),
    };
  }

  /** @returns how many were there once, twice and so on */
  function timesOf(payments: readonly string[]): Record<number, number> {
    const times = new Map<string, number>();
    for (const payment of payments) times.set(payment, (times.get(payment) ?? 0) + 1);
    const counts: Record<number, number> = {};
    for (const count of times.values()) counts[count] = (counts[count] ?? 0) + 1;
    return counts;
  }

  test('look after each of them once', async () => {
    expect(await recoverTogether()).toEqual({
      statuses: { 'failed voided': EACH, succeeded: EACH },
      asked: { 1: EACH },
      calledOff: { 1: EACH },
      wrongs: [],
    });
  });

  test('negative control: look after many of them twice, where everybody takes what is due', async () => {
    const { asked } = await recoverTogether({ BROKEN: 'claims-nothing' });
    expect(asked).not.toEqual({ 1: EACH });
  });
});
