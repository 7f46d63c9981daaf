import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { Balancer } from '../support/balancer';
import { createTestDatabase } from '../support/database';
import { Instance } from '../support/instance';
import { Shop } from '../support/shop';
import { undisturbed } from '../support/undisturbed';

const CLIENTS = 16;

/**
 * Buyers buy through a proxy in front of two instances while each of them in turn is ended by a signal and started again.
 *
 * @returns what the buyers were answered, by status (0: no answer), how often, and what was sold
 */
async function restartEachUnderLoad(signal: NodeJS.Signals) {
  const database = await createTestDatabase();
  const start = (port = 0): Promise<Instance> =>
    Instance.start({ DATABASE_URL: database.url, PORT: String(port) });
  // A connection of somebody else may have the port for a while, which it ends for with 78.
  const startAgain = async (port: number): Promise<Instance> => {
    for (const end = performance.now() + 20_000; ;) {
      try {
        return await start(port);
      } catch (error) {
        if (!String(error).includes('ended with 78 ') || performance.now() > end) throw error;
        await sleep(100);
      }
    }
  };
  let instances: Instance[] = await Promise.all([start(), start()]);
  const ports = instances.map(({ url }) => Number(new URL(url).port));
  const balancer = await Balancer.open(ports);
  const shop = new Shop(balancer.url, Date.now, signal === 'SIGKILL');
  const option = await shop.offer({ allocation: 1_000_000 });

  const statuses: Record<number, number> = {};
  const load = { isOver: false };
  const client = async (): Promise<void> => {
    while (!load.isOver) {
      const { status } = await shop.buy(option, 1);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  const exitCodes: (number | null)[] = [];
  for (const [index, instance] of instances.entries()) {
    exitCodes.push(await instance.end(signal));
    const restarted = await startAgain(ports[index] ?? 0);
    instances = instances.with(index, restarted);
    await balancer.allReady();
  }
  load.isOver = true;
  await clients;

  const look = new Client({ connectionString: database.url });
  await look.connect();
  const { rows } = await look.query<{ sold: number }>('SELECT sold FROM ticket_options');
  await look.end();
  shop.close();
  await balancer.close();
  await Promise.all(instances.map((instance) => instance.end()));
  await database.drop();
  return { statuses, exitCodes, sold: rows[0]?.sold };
}

test('a rolling restart behind a proxy fails no request', async () => {
  // An instance says for two seconds that it will stop, and this process is clients and proxy.
  await undisturbed(1_000, async () => {
    const { statuses, exitCodes, sold } = await restartEachUnderLoad('SIGTERM');
    expect(statuses).toEqual({ 201: sold });
    expect(sold).toBeGreaterThan(100);
    expect(exitCodes).toEqual([0, 0]);
  });
}, 180_000);

test('instances that end at once, without a word, fail some', async () => {
  const { statuses } = await restartEachUnderLoad('SIGKILL');
  expect(Object.keys(statuses)).not.toEqual(['201']);
}, 90_000);
