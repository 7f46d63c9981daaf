import { Client } from 'pg';
import { createTestDatabase } from './database';
import { type Broken, Instance } from './instance';
import { Shop } from './shop';

/** Two services on one database, each a process of its own, and a look at the tables. */
export interface TwoInstances {
  readonly shops: readonly [Shop, Shop];
  readonly client: Client;
  /** The database's clock, in milliseconds. */
  readonly now: () => number;
}

/**
 * Runs `work` with two instances of the service on a fresh database. Nothing is swept unless `env` says so: what is
 * over must be for the next buyer without it.
 *
 * @param broken runs instances with the guard taken out instead
 */
export async function withTwoInstances<T>(
  work: (both: TwoInstances) => Promise<T>,
  { broken, env }: { broken?: Broken | undefined; env?: Record<string, string> } = {},
): Promise<T> {
  const database = await createTestDatabase();
  const variables = { DATABASE_URL: database.url, SWEEP_INTERVAL_SECONDS: '0', ...env, ...broken?.env };
  const start = (): Promise<Instance> => Instance.start(variables, broken?.script);
  const instances = await Promise.all([start(), start()]);
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const leadMs = await leadOf(client);
  const now = (): number => Date.now() + leadMs;
  const isBroken = broken?.env['BROKEN'] !== undefined;
  const shops = [
    new Shop(instances[0].url, now, isBroken),
    new Shop(instances[1].url, now, isBroken),
  ] as const;
  try {
    return await work({ shops, client, now });
  } finally {
    await client.end();
    for (const shop of shops) shop.close();
    await Promise.all(instances.map((instance) => instance.end()));
    await database.drop();
  }
}

/** @returns by how many milliseconds the database's clock is ahead of ours; 0 when they cannot be told apart. */
async function leadOf(client: Client): Promise<number> {
  let [least, most] = [-Infinity, Infinity];
  for (let sample = 0; sample < 20; sample += 1) {
    const sentMs = Date.now();
    const { rows } = await client.query<{ ms: string }>(
      'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) AS ms',
    );
    const ms = Number(rows[0]?.ms);
    least = Math.max(least, ms - Date.now());
    most = Math.min(most, ms - sentMs);
  }
  return least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2);
}
