import { atOnce } from '../support/at-once';
import { allButChecks, wrongsWithMoney } from '../support/money';
import { idOf, type PayingInstance, Scene, until } from '../support/paying';
import { codeOf } from '../support/shop';
import type { Told } from '../support/till';

// Starting processes takes its time on a busy machine.
jest.setTimeout(60_000);

/** A reservation ends with the lease of its payment, so that its tickets are for the next buyer. */
const ENV = { HOLD_SECONDS: '1' };
const VOIDS_DO_NOT_HOLD = { VOIDS: 'do not hold' };

/** Somebody whose charge is late, and somebody else who has bought the ticket meanwhile. */
interface Late {
  readonly scene: Scene;
  readonly payer: PayingInstance;
  readonly payment: string;
  /** What the one was told whose charge is late, and what the other has bought. */
  readonly told: Promise<Told>;
  readonly sold: Told;
}

async function stateOf({ shop }: PayingInstance, payment: string): Promise<Record<string, unknown>> {
  const { body } = await shop.get(`/payments/${payment}`);
  return { ...body.data?.attributes };
}

/**
 * Somebody pays for the only ticket, and the charge does not arrive. The payment is given up, the reservation runs out, and somebody
 * else buys the ticket.
 */
async function beLate(scene: Scene, points: string, env: Record<string, string>): Promise<Late> {
  const payer = await scene.start({ ...ENV, ...env });
  const { shop, till } = payer;
  const option = await shop.offer({ allocation: 1, price_cents: 2_500 });
  const told = till.pay(idOf(await shop.reserve(option, 1)), `wait ${points}: tok_visa`);
  await payer.reach('before charge', 1);
  const [payment = ''] = payer.at('before charge');
  await until(
    async () => (await stateOf(payer, payment))['failure_code'] === 'voided',
    'the payment was given up',
  );
  let sold: Told | undefined;
  await until(async () => {
    const reserved = await shop.reserve(option, 1);
    if (reserved.status === 201) sold = await till.pay(idOf(reserved));
    return sold?.status === 201;
  }, 'the ticket is for the next buyer');
  if (sold === undefined) throw new Error('nobody has bought the ticket');
  expect(codeOf(await shop.get(`/purchases/${sold.bought[0] ?? ''}`))).toBe('200');
  return { scene, payer, payment, told, sold };
}

/** Everything that is to be known of a charge that came too late. */
interface Outcome {
  readonly payment: Record<string, unknown>;
  /** What its client was told, and whether that names the payment. */
  readonly code: string;
  readonly isNamed: boolean;
  /** Rows that the late charge has made or changed. */
  readonly changed: readonly string[];
  readonly wrongs: readonly string[];
}

/** Waits until the money of the late charge is back, if it is to be. */
async function outcomeOf({ scene, payment, told, sold }: Late, by: PayingInstance): Promise<Outcome> {
  const isBack = async (): Promise<boolean> => (await stateOf(by, payment))['status'] === 'refunded';
  await until(isBack, 'the money is back', 5_000).catch(() => undefined);
  const { status, refunded_cents, failure_code } = await stateOf(by, payment);
  const { code, payment: named } = await told;
  const wrongs = await wrongsWithMoney(scene.pool, [sold, await told]);
  return {
    payment: { status, refunded_cents, failure_code },
    code,
    isNamed: named === payment,
    changed: [],
    wrongs,
  };
}

/** The gateway charges although it was told not to, and the process that asked for it hears of that. */
function heardOf(env: Record<string, string> = {}): Promise<Outcome> {
  return Scene.during(async (scene) => {
    const late = await beLate(scene, 'before charge', { ...VOIDS_DO_NOT_HOLD, ...env });
    late.payer.release();
    return outcomeOf(late, late.payer);
  });
}

/** The same, but that process is killed before it hears of it. */
function unheardOf(): Promise<Outcome> {
  return Scene.during(async (scene) => {
    const other = await scene.start(VOIDS_DO_NOT_HOLD);
    const late = await beLate(scene, 'before charge, after charge', VOIDS_DO_NOT_HOLD);
    late.payer.release();
    await late.payer.reach('after charge', [late.payment]);
    await late.told;
    await late.payer.kill();
    return outcomeOf(late, other);
  });
}

/** The gateway keeps to what it was told. */
function keptTo(env: Record<string, string> = {}): Promise<Outcome> {
  return Scene.during(async (scene) => {
    const late = await beLate(scene, 'before charge', env);
    await late.told;
    const before = await allButChecks(scene.pool);
    const settledBefore = timesSettled(late);
    late.payer.release();
    await until(() => timesSettled(late) > settledBefore, 'the process has heard of its charge');
    await scene.settled();
    const changed = (await allButChecks(scene.pool)).filter((row) => !before.includes(row));
    return { ...(await outcomeOf(late, late.payer)), changed };
  });
}

function timesSettled({ payer, payment }: Late): number {
  return payer.at('after settling').filter((settled) => settled === payment).length;
}

const TOLD = { code: 'outcome_unknown', isNamed: true };
const GIVEN_UP = { status: 'failed', refunded_cents: 0, failure_code: 'voided' };
const GIVEN_BACK = { status: 'refunded', refunded_cents: 2_500, failure_code: 'voided' };

let come: (name: string) => Promise<Outcome>;
beforeAll(async () => {
  come = await atOnce({
    heardOf: () => heardOf(),
    unheardOf: () => unheardOf(),
    forgotten: () => heardOf({ BROKEN: 'forgets-late-charges' }),
    keptTo: () => keptTo(),
    notVoided: () => keptTo({ BROKEN: 'releases-without-void' }),
  });
});

describe('a charge that goes through after it was called off, when the ticket is sold to somebody else', () => {
  const expected = { payment: GIVEN_BACK, ...TOLD, changed: [], wrongs: [] };

  test('is paid back by the process that hears of it', async () => {
    expect(await come('heardOf')).toEqual(expected);
  });

  test('is paid back by another, when the process is killed before it hears of it', async () => {
    expect(await come('unheardOf')).toEqual(expected);
  });

  test('negative control: is lost where a payment that was given up is left as it is', async () => {
    const { payment, wrongs } = await come('forgotten');
    expect(payment).toEqual(GIVEN_UP);
    expect(wrongs).toContainEqual(expect.stringMatching(/but the gateway has charged 2500 and given back 0/));
  });
});

describe('a charge that arrives after it was called off, at a gateway that keeps to that', () => {
  test('changes nothing', async () => {
    expect(await come('keptTo')).toEqual({ payment: GIVEN_UP, ...TOLD, changed: [], wrongs: [] });
  });

  test('negative control: is charged where the ticket is released without calling the charge off', async () => {
    const { changed } = await come('notVoided');
    expect(changed).toContainEqual(expect.stringMatching(/^gateway_charges: /));
  });
});
