import { audit } from '../../src/allocation/audit';
import { notHeldUp } from '../support/held-up';
import { type Broken, brokenBy } from '../support/instance';
import { type Answer } from '../support/shop';
import { withTwoInstances } from '../support/two-instances';

const ALLOCATION = 1_000;
const BUYERS = 400;

/** What 400 buyers on two instances did to 1,000 tickets. */
interface Storm {
  readonly answers: readonly Answer[];
  /** Tickets of the purchases that were confirmed. */
  readonly confirmed: number;
  readonly option: { remaining: number; reserved: number; sold: number };
  /** Tickets of the purchases in the table. */
  readonly purchased: number;
  readonly differences: readonly string[];
}

/**
 * 400 buyers with mixed wishes start in the same moment, half of them on each instance. Whoever is refused asks
 * for one ticket, until even that is refused: so all tickets must go, to the last one.
 */
function storm(broken?: Broken): Promise<Storm> {
  return withTwoInstances(
    async ({ shops, client }) => {
      const option = await shops[0].offer({ allocation: ALLOCATION });
      const answers: Answer[] = [];
      const buyer = async (number: number): Promise<void> => {
        const shop = number % 2 === 0 ? shops[0] : shops[1];
        for (let quantity = 1 + (number % 7); ; quantity = 1) {
          const answer = await shop.buy(option, quantity);
          answers.push(answer);
          if (answer.status !== 201 && quantity === 1) return;
        }
      };
      await Promise.all(Array.from({ length: BUYERS }, (_, number) => buyer(number)));

      const counters = await client.query<Storm['option']>(
        'SELECT remaining, reserved, sold FROM ticket_options',
      );
      const rows = await client.query<{ tickets: string }>('SELECT sum(quantity) AS tickets FROM purchases');
      return {
        answers,
        confirmed: answers.reduce((sum, { body }) => sum + Number(body.data?.attributes['quantity'] ?? 0), 0),
        option: counters.rows[0] ?? { remaining: -1, reserved: -1, sold: -1 },
        purchased: Number(rows.rows[0]?.tickets),
        differences: (await audit(client)).map(({ sentence }) => sentence),
      };
    },
    { broken },
  );
}

/** The refusals that are not the contract’s. */
function oddOf({ answers }: Storm): Answer[] {
  const refusals = answers.filter(({ status }) => status !== 201);
  return refusals.filter(
    ({ status, body }) => status !== 400 || body.errors?.[0]?.code !== 'invalid_purchase_quantity',
  );
}

/** Everything that is wrong after a storm; nothing, when the promises hold. */
function wrongs(result: Storm): string[] {
  const { confirmed, option, purchased, differences } = result;
  return [
    ...(purchased === ALLOCATION ? [] : [`${purchased} tickets were sold of ${ALLOCATION}`]),
    ...(confirmed === purchased
      ? []
      : [`${confirmed} tickets were confirmed, but ${purchased} are in the table`]),
    ...(option.remaining === 0 && option.sold === ALLOCATION ? [] : [`counters: ${JSON.stringify(option)}`]),
    ...oddOf(result).map(({ status, body }) => `a refusal was ${status} ${JSON.stringify(body)}`),
    ...differences,
  ];
}

describe('400 buyers of mixed quantities on two instances', () => {
  test('buy exactly 1,000 tickets, and every refusal is the contract’s', async () => {
    expect(wrongs(await notHeldUp(storm, oddOf))).toEqual([]);
  }, 60_000);

  test('negative control: with the guard taken out, the same test finds tickets sold twice', async () => {
    const result = await storm(brokenBy('stock-before-lock'));
    expect(wrongs(result)).not.toEqual([]);
    expect(result.purchased).toBeGreaterThan(ALLOCATION);
  });
});
