import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { audit } from '../../src/allocation/audit';
import { createTestDatabase } from '../support/database';
import { type Broken, brokenBy, Instance } from '../support/instance';
import { type Answer, codeOf, newUser, Shop } from '../support/shop';

const COPIES = 100;

/** What 100 copies of each of some requests come to. */
interface Storm {
  readonly statuses: readonly number[];
  /** How many purchases each key has made, of those that were answered or not. */
  readonly purchases: readonly number[];
  /** How many different ids the answers to one key name, at most. */
  readonly mostIds: number;
  readonly differences: readonly string[];
}

/**
 * Somebody who got no answer sends the same request again, to whichever instance there is, a hundred times; meanwhile
 * the first instance is killed and a third one comes.
 */
async function retryStorm(requests: number, broken?: Broken): Promise<Storm> {
  const database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, ...broken?.env };
  const [first, second] = await Promise.all([
    Instance.start(env, broken?.script),
    Instance.start(env, broken?.script),
  ]);
  const shops = [new Shop(first.url), new Shop(second.url)] as const;
  const option = await shops[0].offer({ allocation: 1_000_000 });
  const wanted = Array.from({ length: requests }, () => ({ key: randomUUID(), user: newUser() }));
  const answers = wanted.map((): Answer[] => []);
  const copy = async (index: number, number: number): Promise<void> => {
    const { key, user } = wanted[index] ?? { key: '', user: '' };
    // Whoever has lost the first instance turns to the second.
    for (const shop of number % 2 === 0 ? [shops[0], shops[1]] : [shops[1]]) {
      let answer = await shop.buy(option, 2, user, key);
      // So many at once may be too many for a moment; with its key a request may come again.
      while (codeOf(answer) === 'overloaded') answer = await shop.buy(option, 2, user, key);
      answers[index]?.push(answer);
      if (answer.status !== 0) return;
    }
  };
  let killed: Promise<unknown> = Promise.resolve();
  const done = Promise.all(
    wanted.map(async (_, index) => {
      const copies = Array.from({ length: COPIES }, (__, number) => copy(index, number));
      if (index === Math.floor(requests / 2)) killed = first.end('SIGKILL');
      await Promise.all(copies);
    }),
  );
  await done;
  await killed;
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ user_id: string; count: number }>(
    'SELECT user_id, count(*)::integer AS count FROM purchases GROUP BY user_id',
  );
  const differences = (await audit(client)).map(({ sentence }) => sentence);
  await client.end();
  for (const shop of shops) shop.close();
  await second.end();
  await database.drop();
  const made = new Map(rows.map(({ user_id: user, count }) => [user, count]));
  return {
    statuses: [...new Set(answers.flat().map(({ status }) => status))].sort((a, b) => a - b),
    purchases: wanted.map(({ user }) => made.get(user) ?? 0),
    mostIds: Math.max(
      ...answers.map((each) => new Set(each.flatMap(({ body }) => body.data?.id ?? [])).size),
    ),
    differences,
  };
}

test('100 copies of a request on two instances, one of them killed meanwhile, make one purchase', async () => {
  const { statuses, purchases, mostIds, differences } = await retryStorm(20);
  expect(statuses.filter((status) => status !== 0)).toEqual([201]);
  expect(purchases).toEqual(Array.from({ length: 20 }, () => 1));
  expect(mostIds).toBe(1);
  expect(differences).toEqual([]);
}, 60_000);

test('negative control: a service that does not keep the keys sells to one request many times', async () => {
  const { purchases } = await retryStorm(5, brokenBy('forgets-keys'));
  expect(Math.max(...purchases)).toBeGreaterThan(1);
}, 60_000);
