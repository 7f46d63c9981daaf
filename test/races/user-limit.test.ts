import { Client } from 'pg';
import { audit } from '../../src/allocation/audit';
import { createTestDatabase } from '../support/database';
import { BROKEN, Instance } from '../support/instance';
import { newUser, Shop } from '../support/shop';

const LIMIT = 4;

/** 20 users, each with 50 parallel requests for 1 and 2 tickets on two instances; answers what they own. */
async function storm(script: string | undefined, env: Record<string, string>) {
  const database = await createTestDatabase();
  const starting = [1, 2].map(() => Instance.start({ DATABASE_URL: database.url, ...env }, script));
  const instances = await Promise.all(starting);
  const shops = instances.map(({ url }) => new Shop(url));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const [one, other] = shops;
    if (one === undefined || other === undefined) throw new Error('there are no shops');
    const option = await one.offer({ allocation: 10_000, max_per_user: LIMIT });
    const users = Array.from({ length: 20 }, newUser);
    const requests = users.flatMap((user) =>
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? one : other).buy(option, 1 + (n % 2), user)),
    );
    const answers = await Promise.all(requests);
    const owned = await client.query<{ tickets: string }>(
      'SELECT sum(quantity) AS tickets FROM purchases GROUP BY user_id',
    );
    return {
      codes: new Set(answers.map(({ body, status }) => body.errors?.[0]?.code ?? String(status))),
      most: Math.max(...owned.rows.map(({ tickets }) => Number(tickets))),
      owned: owned.rows.map(({ tickets }) => Number(tickets)),
      differences: (await audit(client)).map(({ sentence }) => sentence),
    };
  } finally {
    await client.end();
    for (const shop of shops) shop.close();
    await Promise.all(instances.map((instance) => instance.end()));
    await database.drop();
  }
}

describe('a limit of 4 tickets for each user, on two instances', () => {
  test('is reached by everyone and passed by nobody', async () => {
    const { codes, owned, differences } = await storm(undefined, {});
    expect(owned).toEqual(Array.from({ length: 20 }, () => LIMIT));
    expect(codes).toEqual(new Set(['201', 'user_limit_exceeded']));
    expect(differences).toEqual([]);
  });

  test('negative control: counted before the lock, somebody passes it', async () => {
    const { most, differences } = await storm(BROKEN, { BROKEN: 'counts-before-lock' });
    expect(most).toBeGreaterThan(LIMIT);
    expect(differences).not.toEqual([]);
  });
});
