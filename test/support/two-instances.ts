import { Client } from 'pg';
import { createTestDatabase } from './database';
import { type Broken, Instance } from './instance';
import { Shop } from './shop';

/** Two services on one database, each a process of its own, and a look at the tables. */
interface TwoInstances {
  readonly shops: readonly [Shop, Shop];
  readonly client: Client;
}

/**
 * Runs `work` with two instances of the service on a fresh database.
 *
 * @param broken runs instances with the guard taken out instead
 */
export async function withTwoInstances<T>(
  work: (both: TwoInstances) => Promise<T>,
  broken?: Broken,
): Promise<T> {
  const database = await createTestDatabase();
  const start = (): Promise<Instance> =>
    Instance.start({ DATABASE_URL: database.url, ...broken?.env }, broken?.script);
  const instances = await Promise.all([start(), start()]);
  const shops = [new Shop(instances[0].url), new Shop(instances[1].url)] as const;
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return await work({ shops, client });
  } finally {
    await client.end();
    for (const shop of shops) shop.close();
    await Promise.all(instances.map((instance) => instance.end()));
    await database.drop();
  }
}
