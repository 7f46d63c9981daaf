import { audit } from '../../src/allocation/audit';
import { type Broken, brokenBy } from '../support/instance';
import { newUser } from '../support/shop';
import { withTwoInstances } from '../support/two-instances';

const LIMIT = 4;

/** 20 users, each with 50 parallel requests for 1 and 2 tickets on two instances; answers what they own. */
function storm(broken?: Broken) {
  return withTwoInstances(async ({ shops: [one, other], client }) => {
    const option = await one.offer({ allocation: 10_000, max_per_user: LIMIT });
    const users = Array.from({ length: 20 }, newUser);
    const requests = users.flatMap((user) =>
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? one : other).buy(option, 1 + (n % 2), user)),
    );
    const answers = await Promise.all(requests);
    const { rows } = await client.query<{ tickets: string }>(
      'SELECT sum(quantity) AS tickets FROM purchases GROUP BY user_id',
    );
    return {
      codes: new Set(answers.map(({ body, status }) => body.errors?.[0]?.code ?? String(status))),
      owned: rows.map(({ tickets }) => Number(tickets)),
      differences: (await audit(client)).map(({ sentence }) => sentence),
    };
  }, broken);
}

describe('a limit of 4 tickets for each user, on two instances', () => {
  test('is reached by everyone and passed by nobody', async () => {
    const { codes, owned, differences } = await storm();
    expect(owned).toEqual(Array.from({ length: 20 }, () => LIMIT));
    expect(codes).toEqual(new Set(['201', 'user_limit_exceeded']));
    expect(differences).toEqual([]);
  });

  test('negative control: counted before the lock, somebody passes it', async () => {
    const { owned, differences } = await storm(brokenBy('counts-before-lock'));
    expect(Math.max(...owned)).toBeGreaterThan(LIMIT);
    expect(differences).not.toEqual([]);
  });
});
