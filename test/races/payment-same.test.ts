import { setTimeout as sleep } from 'node:timers/promises';
import { wrongsWithMoney } from '../support/money';
import { idOf, type PayingInstance, Scene, until } from '../support/paying';
import { codeOf, type Shop } from '../support/shop';
import type { Told } from '../support/till';
import { undisturbed } from '../support/undisturbed';

// Starting processes takes its time on a busy machine.
jest.setTimeout(60_000);

/** Around the instant at which a reservation is over. */
const OFFSETS_MS = [-500, -50, -30, -20, -10, -6, -3, -1, 0, 1, 3, 6, 10, 20, 30, 50];

let scene: Scene;
let both: readonly [PayingInstance, PayingInstance];
beforeAll(async () => {
  scene = await Scene.open();
  const env = { HOLD_SECONDS: '2', PAYMENT_LEASE_SECONDS: '10' };
  both = await Promise.all([scene.start(env), scene.start(env)]);
});
afterEach(async () => {
  await scene.settled();
  expect(await wrongsWithMoney(scene.pool)).toEqual([]);
});
afterAll(() => scene.close());

/** A reservation, and the instant from which on it is over. */
interface Reserved {
  readonly id: string;
  readonly overMs: number;
}

async function reserve(shop: Shop): Promise<Reserved> {
  const option = await shop.offer({ allocation: 1, price_cents: 2_500, max_per_user: 1 });
  const answer = await shop.reserve(option, 1);
  return { id: idOf(answer), overMs: Date.parse(String(answer.body.data?.attributes['expires_at'])) };
}

/** @returns how often each was told, by its code */
function countsOf(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

async function chargesOf(told: readonly Told[]): Promise<number> {
  const payments = told.flatMap(({ payment }) => payment ?? []);
  const { rows } = await scene.pool.query('SELECT FROM gateway_charges WHERE key = ANY ($1) AND NOT voided', [
    payments,
  ]);
  return rows.length;
}

describe('one reservation that is paid many times at the same instant, on two instances', () => {
  test.each([2, 3, 5, 10, 20, 50])('%i times: is charged once', async (times) => {
    const { id } = await reserve(both[0].shop);
    const told = await Promise.all(
      Array.from({ length: times }, (_, number) => both[number % 2 === 0 ? 0 : 1].till.pay(id)),
    );
    const {
      201: paid,
      reservation_in_payment: waits = 0,
      reservation_paid: late = 0,
    } = countsOf(told.map(({ code }) => code));
    expect({ paid, refused: waits + late }).toEqual({ paid: 1, refused: times - 1 });
    expect(await chargesOf(told)).toBe(1);
  });

  test('with every other card refused: is charged once at most, and never after it is paid', async () => {
    const { id } = await reserve(both[0].shop);
    const told = await Promise.all(
      Array.from({ length: 40 }, (_, number) =>
        both[number % 2 === 0 ? 0 : 1].till.pay(id, number % 4 < 2 ? 'card_error' : 'tok_visa'),
      ),
    );
    const paid = told.filter(({ status }) => status === 201);
    expect(paid.length).toBeLessThanOrEqual(1);
    expect(await chargesOf(told)).toBe(paid.length);
  });
});

describe('a payment that begins in the instant in which its reservation is over', () => {
  test('is made if it begins before, and refused if not', async () => {
    const races = OFFSETS_MS.map(async (offsetMs, number) => {
      const { shop, till } = both[number % 2 === 0 ? 0 : 1];
      const { id, overMs } = await reserve(shop);
      while (Date.now() < overMs + offsetMs) await sleep(Math.max(1, overMs + offsetMs - Date.now()));
      const told = await till.pay(id);
      const { body } = await shop.get(`/payments/${told.payment ?? ''}`);
      return { told, overMs, begunMs: Date.parse(String(body.data?.attributes['created_at'])) };
    });
    const found = await Promise.all(races);
    expect(new Set(found.map(({ told }) => told.code))).toEqual(new Set(['201', 'reservation_expired']));
    for (const { told, overMs, begunMs } of found) {
      if (told.status === 201) expect(begunMs).toBeLessThan(overMs);
      if (told.sentMs >= overMs) expect(told.code).toBe('reservation_expired');
      if (told.answeredMs < overMs) expect(told.code).toBe('201');
    }
  });

  test('is made if its charge began before, however long that takes; nobody else gets the ticket meanwhile', () =>
    undisturbed(300, async () => {
      const [{ shop, till }, other] = both;
      const option = await shop.offer({ allocation: 1, price_cents: 2_500 });
      const reserved = await shop.reserve(option, 1);
      const overMs = Date.parse(String(reserved.body.data?.attributes['expires_at']));
      const begun = both[0].at('before charge').length;
      const told = till.pay(idOf(reserved), 'wait before charge: tok_visa');
      await until(() => both[0].at('before charge').length > begun, 'the charge is about to begin');
      await until(() => Date.now() > overMs + 100, 'the reservation would be over');
      expect(codeOf(await other.shop.reserve(option, 1))).toBe('insufficient_tickets');
      both[0].release();
      expect((await told).code).toBe('201');
      expect((await shop.get(`/purchases/${(await told).bought[0] ?? ''}`)).status).toBe(200);
    }));
});

describe('a reservation that is paid and changed in the same instant, on two instances', () => {
  const ROUNDS = 40;

  /** @returns the codes of both answers, as they were found to go together */
  async function race(
    change: (shop: Shop, reserved: Reserved) => Promise<string>,
  ): Promise<Record<string, number>> {
    const rounds = Array.from({ length: ROUNDS }, async (_, number) => {
      const reserved = await reserve(both[0].shop);
      const [payer, changer] = number % 2 === 0 ? both : [both[1], both[0]];
      const changed = sleep(number % 4).then(() => change(changer.shop, reserved));
      const [told, code] = await Promise.all([payer.till.pay(reserved.id), changed]);
      return `${told.code}, ${code}`;
    });
    return countsOf(await Promise.all(rounds));
  }

  test('is paid or cancelled, and never both', async () => {
    const found = await race(async (shop, { id }) => codeOf(await shop.cancel(id)));
    const allowed = ['201, reservation_paid', '201, reservation_in_payment', 'reservation_cancelled, 204'];
    expect(Object.keys(found).filter((pair) => !allowed.includes(pair))).toEqual([]);
  });

  test('is paid, and extended or not', async () => {
    const found = await race(async (shop, { id, overMs }) =>
      codeOf(await shop.extend(id, new Date(overMs + 5_000))),
    );
    const allowed = ['201, reservation_paid', '201, reservation_in_payment', '201, 200'];
    expect(Object.keys(found).filter((pair) => !allowed.includes(pair))).toEqual([]);
  });
});

describe('all purchases of one payment that are refunded at the same time, each on both instances', () => {
  const KINDS = 20;

  test.each([1, 2, 3])('are refunded once, and with them the payment (%i)', async () => {
    const [{ shop, till }] = both;
    const event = await shop.announce();
    const options = await Promise.all(
      Array.from({ length: KINDS }, () => shop.offer({ allocation: 10, price_cents: 100 }, event)),
    );
    const reserved = await shop.reserveAll(options.map((option) => ({ option, quantity: 1 })));
    const { bought, payment = '' } = await till.pay(idOf(reserved));
    const refunds = bought.flatMap((purchase, number) =>
      both.map(async (instance) => {
        await sleep(number + 3 * Math.random());
        return instance.till.refund(purchase);
      }),
    );
    const told = countsOf((await Promise.all(refunds)).map(({ code }) => code));
    expect(told).toEqual({ 204: KINDS, purchase_refunded: KINDS });
    const { body } = await shop.get(`/payments/${payment}`);
    expect(body.data?.attributes).toMatchObject({ status: 'refunded', refunded_cents: KINDS * 100 });
  });
});
