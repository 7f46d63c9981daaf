import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type Broken, brokenBy, Instance } from '../support/instance';
import { createTestDatabase } from '../support/database';
import { Metrics } from '../support/metrics';

/** Two services on one database that both want to audit every second. */
interface Auditing {
  readonly instances: readonly [Instance, Instance];
  readonly client: Client;
}

async function withAuditing<T>(work: (both: Auditing) => Promise<T>, broken?: Broken): Promise<T> {
  const database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, AUDIT_INTERVAL_SECONDS: '1', ...broken?.env };
  const start = () => Instance.start(env, broken?.script);
  const instances = await Promise.all([start(), start()]);
  const client = new Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work({ instances, client });
  } finally {
    await client.end();
    await Promise.all(instances.map((instance) => instance.end('SIGTERM')));
    await database.drop();
  }
}

/** How many are in the middle of an audit: a lock on a table that is looked at holds them there. */
async function atIt(client: Client): Promise<number> {
  // Within a transaction the view would stay as it was seen first.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'holdfast audit' AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}

/** What each has tried: audits that another was left to, and those that it has made or is making. */
async function skippedBy({ instances }: Auditing): Promise<number[]> {
  const all = await Promise.all(instances.map(({ url }) => Metrics.of(url)));
  return all.map((metrics) => metrics.get('holdfast_audits_total{outcome="skipped"}') ?? 0);
}

/** @returns how many audit in the same moment, once each of the two has tried to or is at it */
async function together(both: Auditing): Promise<number> {
  await both.client.query('BEGIN');
  await both.client.query('LOCK TABLE refunds IN ACCESS EXCLUSIVE MODE');
  let working = 0;
  for (let tried = 0; tried < 2;) {
    const skipped = await skippedBy(both);
    working = await atIt(both.client);
    if (working > 0) tried = skipped.filter((count) => count > 0).length + working;
    await sleep(20);
  }
  await both.client.query('ROLLBACK');
  return working;
}

test('of two instances one audits, and the other leaves it to that', async () => {
  expect(await withAuditing(together)).toBe(1);
});

test('negative control: without the lock both audit at the same time', async () => {
  expect(await withAuditing(together, brokenBy('audits-without-lock'))).toBe(2);
});

test('when the instance that audits has died, the other one takes over', async () => {
  await withAuditing(async ({ instances }) => {
    const completedBy = async (instance: Instance): Promise<number> =>
      (await Metrics.of(instance.url)).get('holdfast_audits_total{outcome="complete"}') ?? 0;
    let first: Instance | undefined;
    while (first === undefined) {
      for (const instance of instances) if ((await completedBy(instance)) > 0) first = instance;
      await sleep(20);
    }
    const second = instances.find((each) => each !== first);
    if (second === undefined) throw new Error('there is no other instance');
    expect(await completedBy(second)).toBe(0);
    await first.end('SIGKILL');
    while ((await completedBy(second)) === 0) await sleep(20);
  });
});
