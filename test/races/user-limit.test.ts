import { audit } from '../../src/allocation/audit';
import { notHeldUp } from '../support/held-up';
import { type Broken, brokenBy } from '../support/instance';
import { type Answer, codeOf, newUser, type Shop } from '../support/shop';
import { type TwoInstances, withTwoInstances } from '../support/two-instances';

const LIMIT = 4;
const USERS = 20;
const REQUESTS = 50;
/** What they are told, each of it at least once. */
const EXPECTED = new Set(['201', 'user_limit_exceeded']);

/** What one of the parallel requests of a user is. */
type Ask = (shop: Shop, user: string, n: number) => Promise<Answer>;

/** Each of 20 users sends 50 requests at once, half of them to each instance; answers what they hold and own then. */
function storm(prepare: (shop: Shop) => Promise<Ask>, broken?: Broken) {
  return withTwoInstances(
    async ({ shops, client }: TwoInstances) => {
      const ask = await prepare(shops[0]);
      const users = Array.from({ length: USERS }, newUser);
      const requests = users.flatMap((user) =>
        Array.from({ length: REQUESTS }, (_, n) => ask(shops[n % 2 === 0 ? 0 : 1], user, n)),
      );
      const answers = await Promise.all(requests);
      const { rows } = await client.query<{ tickets: string }>(
        `SELECT sum(quantity) AS tickets
           FROM (SELECT user_id, quantity FROM purchases UNION ALL SELECT user_id, quantity FROM holds) AS had
          GROUP BY user_id`,
      );
      return { answers, had: rows.map(({ tickets }) => Number(tickets)), differences: await audit(client) };
    },
    { broken },
  );
}

/** A limit of one option: purchases and reservations of 1 and 2 tickets. */
async function ofAnOption(shop: Shop): Promise<Ask> {
  const option = await shop.offer({ allocation: 10_000, max_per_user: LIMIT });
  return (at, user, n) => {
    const quantity = 1 + (Math.floor(n / 4) % 2);
    return n % 4 < 2 ? at.buy(option, quantity, user) : at.reserve(option, quantity, user);
  };
}

/** The limit of an event over its options: the same of either, and reservations of both. */
async function ofAnEvent(shop: Shop): Promise<Ask> {
  const event = await shop.announce({ max_tickets_per_user: LIMIT });
  const options = [
    await shop.offer({ allocation: 10_000 }, event),
    await shop.offer({ allocation: 10_000 }, event),
  ] as const;
  return (at, user, n) => {
    const option = options[n % 4 < 2 ? 0 : 1];
    if (n % 5 === 0)
      return at.reserveAll(
        options.map((each) => ({ option: each, quantity: 1 })),
        user,
      );
    return n % 3 === 0 ? at.buy(option, 1 + (n % 2), user) : at.reserve(option, 1 + (n % 2), user);
  };
}

describe.each([
  ['of an option', ofAnOption],
  ['of an event over two options', ofAnEvent],
])('a limit of 4 tickets for each user, %s, on two instances', (_of, prepare) => {
  test('is reached by everyone and passed by nobody, held and owned together', async () => {
    const { answers, had, differences } = await notHeldUp(
      () => storm(prepare),
      (result) => result.answers.filter((answer) => !EXPECTED.has(codeOf(answer))),
    );
    expect(had).toEqual(Array.from({ length: USERS }, () => LIMIT));
    expect(new Set(answers.map(codeOf))).toEqual(EXPECTED);
    expect(differences).toEqual([]);
  }, 60_000);

  test('negative control: counted before the lock, somebody passes it', async () => {
    const { had } = await storm(prepare, brokenBy('rest-before-lock'));
    expect(Math.max(...had)).toBeGreaterThan(LIMIT);
  });
});
