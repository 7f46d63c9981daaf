import { Connections } from '../../src/database/connections';
import { newId } from '../../src/ids';
import {
  CardError,
  type Charge,
  CurrencyError,
  PaymentError,
  PaymentGateway,
  VoidedError,
} from '../../src/payments/payment-gateway';
import { SimulatedGateway } from '../../src/payments/simulated-gateway';
import { SimulatedGatewayRepository } from '../../src/payments/simulated-gateway.repository';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let gateway: PaymentGateway;
beforeAll(async () => {
  app = await startApp();
  gateway = app.nest.get(PaymentGateway, { strict: false });
});
afterAll(() => app.stop());

/** Each sends its own statements, as those of other processes do. */
function gateways(count: number): PaymentGateway[] {
  const repository = new SimulatedGatewayRepository(app.nest.get(Connections, { strict: false }));
  return Array.from({ length: count }, () => new SimulatedGateway(repository));
}

const EUR_10: Charge = { amountCents: 1_000n, currency: 'EUR' };

/** What is remembered of a key. */
async function remembered(key: string): Promise<unknown> {
  const text = 'SELECT amount_cents, voided, refunded_cents FROM gateway_charges WHERE key = $1';
  return (await app.database.query(text, [key])).rows[0];
}

describe('charge', () => {
  test('takes any token but two, and EUR unless another currency is named', async () => {
    expect(await gateway.charge(newId(), 1_000n, 'tok')).toEqual(EUR_10);
    expect(await gateway.charge(newId(), 1_000n, '', 'EUR')).toEqual(EUR_10);
    expect(await gateway.charge(newId(), 2n ** 62n, 'CARD_ERROR')).toMatchObject({ amountCents: 2n ** 62n });
  });

  test.each([
    ['card_error', 'EUR', CardError, 'Your card has been declined'],
    ['payment_error', 'EUR', PaymentError, 'Something went wrong with your transaction'],
    ['tok', 'GBP', CurrencyError, 'Currency GBP not supported'],
    ['tok', 'eur', CurrencyError, 'Currency eur not supported'],
    ['card_error', 'GBP', CardError, 'Your card has been declined'],
    ['payment_error', 'GBP', PaymentError, 'Something went wrong with your transaction'],
  ])('refuses the token %s in %s, and charges nothing', async (token, currency, kind, sentence) => {
    const key = newId();
    const refused = gateway.charge(key, 1_000n, token, currency);
    await expect(refused).rejects.toBeInstanceOf(kind);
    await expect(refused).rejects.toThrow(sentence);
    expect(await remembered(key)).toBeUndefined();
  });

  test('the same key again answers the first charge', async () => {
    const key = newId();
    await gateway.charge(key, 1_000n, 'tok');
    expect(await gateway.charge(key, 5n, 'other')).toEqual(EUR_10);
  });

  test('a key can be charged after it was refused', async () => {
    const key = newId();
    await expect(gateway.charge(key, 1_000n, 'card_error')).rejects.toBeInstanceOf(CardError);
    expect(await gateway.charge(key, 1_000n, 'tok')).toEqual(EUR_10);
  });

  test('two hundred charges of one key at once, in ten processes, are one', async () => {
    const key = newId();
    const amounts = Array.from({ length: 200 }, (_, index) => BigInt(1 + index));
    const charges = await Promise.all(
      gateways(10).flatMap((each, index) =>
        amounts.slice(20 * index, 20 * (index + 1)).map((amount) => each.charge(key, amount, 'tok')),
      ),
    );
    expect(charges).toHaveLength(200);
    expect(new Set(charges.map(({ amountCents }) => amountCents)).size).toBe(1);
    expect(await remembered(key)).toMatchObject({ amount_cents: String(charges[0]?.amountCents) });
  });

  test('the same keys in any order in ten processes do not wait for each other in a circle', async () => {
    const keys = Array.from({ length: 100 }, newId);
    const charges = await Promise.all(
      gateways(10).flatMap((each, index) =>
        (index % 2 === 0 ? keys : keys.toReversed()).map((key) => each.charge(key, 1_000n, 'tok')),
      ),
    );
    expect(charges.every(({ amountCents }) => amountCents === 1_000n)).toBe(true);
  });

  test('charges of many keys at once each have their own amount', async () => {
    const keys = Array.from({ length: 300 }, newId).reverse();
    const charges = await Promise.all(keys.map((key, index) => gateway.charge(key, BigInt(index), 'tok')));
    expect(charges.map(({ amountCents }) => Number(amountCents))).toEqual([...keys.keys()]);
  });
});

describe('find', () => {
  test('answers the charge, and nothing where there is none or it was called off', async () => {
    const [charged, voided, unknown] = [newId(), newId(), newId()];
    await gateway.charge(charged, 1_000n, 'tok');
    await gateway.void(voided);
    expect(await Promise.all([charged, voided, unknown].map((key) => gateway.find(key)))).toEqual([
      EUR_10,
      undefined,
      undefined,
    ]);
  });
});

describe('void', () => {
  test('lets nothing be charged with that key, ever', async () => {
    const key = newId();
    expect(await gateway.void(key)).toBeUndefined();
    expect(await gateway.void(key)).toBeUndefined();
    await expect(gateway.charge(key, 1_000n, 'tok')).rejects.toBeInstanceOf(VoidedError);
    expect(await remembered(key)).toMatchObject({ voided: true, amount_cents: '0' });
  });

  test('leaves a charge that there is already, and answers it', async () => {
    const key = newId();
    await gateway.charge(key, 1_000n, 'tok');
    expect(await gateway.void(key)).toEqual(EUR_10);
    expect(await gateway.find(key)).toEqual(EUR_10);
  });

  test('against charges at the same moment: charged or called off, never both and never neither', async () => {
    const results = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const key = newId();
        const charge = (): Promise<boolean> =>
          gateway.charge(key, 1_000n, 'tok').then(
            () => true,
            () => false,
          );
        const calledOff = async (): Promise<boolean> => (await gateway.void(key)) === undefined;
        const both = index % 2 === 0 ? [charge(), calledOff()] : [calledOff(), charge()].reverse();
        const [charged, voided] = await Promise.all(both);
        return { charged, voided, found: (await gateway.find(key)) !== undefined };
      }),
    );
    for (const { charged, voided, found } of results) {
      expect(charged).toBe(!voided);
      expect(found).toBe(charged);
    }
  });
});

describe('refund', () => {
  test('gives back parts, each once, and never more than was charged', async () => {
    const [key, first, second] = [newId(), newId(), newId()];
    await gateway.charge(key, 1_000n, 'tok');
    await Promise.all([1, 2, 3].map(() => gateway.refund(key, first, 600n)));
    expect(await remembered(key)).toMatchObject({ refunded_cents: '600' });
    await expect(gateway.refund(key, newId(), 401n)).rejects.toThrow();
    await gateway.refund(key, second, 400n);
    await gateway.refund(key, second, 400n);
    expect(await remembered(key)).toMatchObject({ refunded_cents: '1000' });
    const text = 'SELECT amount_cents FROM gateway_refunds WHERE charge_key = $1 ORDER BY amount_cents';
    expect((await app.database.query(text, [key])).rows).toEqual([
      { amount_cents: '400' },
      { amount_cents: '600' },
    ]);
  });

  test('of many parts at the same moment no more succeed than were charged', async () => {
    const key = newId();
    await gateway.charge(key, 1_000n, 'tok');
    const parts = Array.from({ length: 15 }, () => gateway.refund(key, newId(), 100n));
    const results = await Promise.allSettled(parts);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(await remembered(key)).toMatchObject({ refunded_cents: '1000' });
  });

  test.each(['was never charged', 'was called off'])('is refused of what %s', async (what) => {
    const key = newId();
    if (what === 'was called off') await gateway.void(key);
    await expect(gateway.refund(key, newId(), 1n)).rejects.toThrow('no charge');
  });
});
