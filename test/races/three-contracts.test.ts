import { audit } from '../../src/allocation/audit';
import { notHeldUp } from '../support/held-up';
import { brokenBy } from '../support/instance';
import { type Answer, newUser, type Shop } from '../support/shop';
import { withTwoInstances } from '../support/two-instances';

const ALLOCATION = 500;

/** Sends a purchase by each of the three contracts in turn, to each of two instances in turn. @returns what was sold, and whether the books are right */
function sellOut(broken?: ReturnType<typeof brokenBy>) {
  return withTwoInstances(
    async ({ shops, client }) => {
      const option = await shops[0].offer({ allocation: ALLOCATION });
      const number = Number(
        (await shops[0].get(`/ticket_options/${option}`)).body.data?.attributes['number'],
      );
      // Whoever has to look the number up first comes last, and may find nothing left.
      await Promise.all(shops.map((shop) => shop.get(`/tickets/${number}`)));
      const buyers: ((shop: Shop) => Promise<Answer>)[] = [
        (shop) => shop.buy(option, 2),
        (shop) => shop.postPlain(`/tickets/${number}/purchases`, { quantity: 2, user_id: newUser() }),
        (shop) =>
          shop.postPlain(`/simple/ticket_options/${option}/purchases`, { Quantity: 2, UserID: newUser() }),
      ];
      const answers: Answer[][] = [[], [], []];
      const send = async (n: number): Promise<void> => {
        const buyer = buyers[n % 3];
        if (buyer !== undefined) answers[n % 3]?.push(await buyer(shops[n % 2 === 0 ? 0 : 1]));
      };
      await Promise.all(Array.from({ length: 600 }, (_, n) => send(n)));
      const statuses = answers.map((each) => each.map(({ status }) => status));
      const { rows } = await client.query<{ sold: number }>('SELECT sold FROM ticket_options');
      return { answers: answers.flat(), statuses, sold: rows[0]?.sold, differences: await audit(client) };
    },
    { broken },
  );
}

test('three contracts on two instances sell from one option, exactly what there is', async () => {
  const { statuses, sold, differences } = await notHeldUp(sellOut, ({ answers }) =>
    answers.filter(({ status }) => ![200, 201, 400].includes(status)),
  );
  const made = statuses.flat().filter((status) => status < 300).length;
  expect([made, sold, differences]).toEqual([ALLOCATION / 2, ALLOCATION, []]);
  expect(statuses.map((each) => [...new Set(each)].sort())).toEqual([
    [201, 400],
    [201, 400],
    [200, 400],
  ]);
}, 60_000);

test('negative control: with a stock that is read before the lock, not all is as it should be', async () => {
  const { statuses, sold, differences } = await sellOut(brokenBy('stock-before-lock'));
  const made = statuses.flat().filter((status) => status < 300).length;
  expect(made === ALLOCATION / 2 && sold === ALLOCATION && differences.length === 0).toBe(false);
}, 60_000);
