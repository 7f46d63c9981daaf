import { audit } from '../../src/allocation/audit';
import { notHeldUp } from '../support/held-up';
import { type Broken, brokenBy } from '../support/instance';
import { type Answer, codeOf, newUser } from '../support/shop';
import { withTwoInstances } from '../support/two-instances';

const EVENTS = 40;
/** Of each of an event's two options, the first of which allows a user two. */
const ALLOCATION = 6;
const BUYERS = 96;
const TRIES = 16;

interface Storm {
  readonly answers: readonly Answer[];
  /** Tickets of the purchases and reservations that were confirmed. */
  readonly confirmed: number;
  /** Tickets of those in the tables. */
  readonly taken: number;
  readonly deadlocks: number;
  readonly differences: readonly string[];
}

/**
 * Many events with a few buyers each, on two instances: their turns serve many events together, each instance some that
 * the other one is at as well. Buyers share users, so that limits are reached, and want the kinds of an event in either order.
 */
function storm(broken?: Broken): Promise<Storm> {
  return withTwoInstances(
    async ({ shops, client }) => {
      const offers: string[] = [];
      for (let n = 0; n < EVENTS; n += 1) {
        const event = await shops[0].announce();
        offers.push(await shops[0].offer({ allocation: ALLOCATION, max_per_user: 2 }, event));
        offers.push(await shops[0].offer({ allocation: ALLOCATION }, event));
      }
      const users = Array.from({ length: 12 }, newUser);
      const answers: Answer[] = [];
      const buyer = async (number: number): Promise<void> => {
        const shop = number % 2 === 0 ? shops[0] : shops[1];
        for (let n = 0; n < TRIES; n += 1) {
          const option = offers[(number * 31 + n * 7) % offers.length] ?? '';
          const user = users[(number + n) % users.length] ?? '';
          answers.push(await (n % 2 === 0 ? shop.buy(option, 1, user) : shop.reserve(option, 1, user)));
        }
      };
      await Promise.all(Array.from({ length: BUYERS }, (_, number) => buyer(number)));
      const { rows } = await client.query<{ taken: number; deadlocks: number }>(
        `SELECT ((SELECT sum(quantity) FROM purchases) + (SELECT sum(quantity) FROM holds))::integer AS taken,
                (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database())::integer AS deadlocks`,
      );
      return {
        answers,
        confirmed: answers.filter(({ status }) => status === 201).length,
        taken: rows[0]?.taken ?? NaN,
        deadlocks: rows[0]?.deadlocks ?? NaN,
        differences: (await audit(client)).map(({ sentence }) => sentence),
      };
    },
    { broken },
  );
}

const EXPECTED = ['201', 'invalid_purchase_quantity', 'insufficient_tickets', 'user_limit_exceeded'];

function oddOf({ answers }: Storm): Answer[] {
  return answers.filter((answer) => !EXPECTED.includes(codeOf(answer)));
}

/** Everything that is wrong after a storm; nothing, when the promises hold. */
function wrongs(result: Storm): string[] {
  const { confirmed, taken, deadlocks, differences } = result;
  return [
    ...(confirmed === taken ? [] : [`${confirmed} tickets were confirmed, but ${taken} are in the tables`]),
    ...(deadlocks === 0 ? [] : [`${deadlocks} transactions waited for each other`]),
    ...oddOf(result).map(codeOf),
    ...differences,
  ];
}

describe('buyers of many events on two instances', () => {
  test('get what they are told, within all limits, and no two turns wait for each other', async () => {
    const result = await notHeldUp(storm, oddOf);
    expect(wrongs(result)).toEqual([]);
    expect(result.confirmed).toBeGreaterThan(EVENTS * ALLOCATION);
  }, 60_000);

  test('negative control: a turn that confirms to all events what some of them got is found out', async () => {
    const result = await storm(brokenBy('confirms-all'));
    expect(result.confirmed).toBeGreaterThan(result.taken);
  });
});
