import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedServer } from '../../src/database/embedded';
import { Blocker } from '../support/blocker';
import { wrongsWithMoney } from '../support/money';
import { cardOf, type PayingInstance, reserveMany, Scene, until } from '../support/paying';
import { payAndRefund } from '../support/paying-storm';
import { makeTestFolder, removeTestFolder } from '../support/server';
import type { Told } from '../support/till';

// Starting processes takes its time on a busy machine.
jest.setTimeout(60_000);

const EACH = 16;

let folder: string;
let server: EmbeddedServer;
let scene: Scene;
let payer: PayingInstance;
beforeAll(async () => {
  folder = makeTestFolder();
  server = EmbeddedServer.open({ dataDir: folder });
  await server.start();
  scene = await Scene.open(server.url);
  payer = await scene.start({ PAYMENT_LEASE_SECONDS: '4' });
  await Blocker.prepare(server.url);
});
afterAll(async () => {
  await scene.close();
  await server.stop();
  removeTestFolder(folder);
});

async function killServer(): Promise<void> {
  const pidFile = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8');
  process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL');
}

/** Begins to pay reservations of an event of its own, of which every fourth is refused. */
async function begin(wait: string): Promise<{ event: string; told: Promise<Told[]> }> {
  const { event, reservations } = await reserveMany(payer.shop, EACH);
  const told = reservations.map((id, number) => payer.till.pay(id, `wait ${wait}: ${cardOf(number)}`));
  return { event, told: Promise.all(told) };
}

test('kill -9 of PostgreSQL while payments are at every point: the same process finishes them', async () => {
  const steps = ['locking', 'writing', 'committing'] as const;
  const blocked = await Promise.all(steps.map(() => begin('after charge')));
  await payer.reach('after charge', steps.length * EACH);
  const blockers = await Promise.all(
    steps.map((step, number) => Blocker.block(server.url, blocked[number]?.event ?? '', step)),
  );
  payer.release();
  await Promise.all(blockers.map((blocker) => blocker.caught()));
  const waiting = await Promise.all([begin('before charge'), begin('after charge'), begin('after settling')]);
  await payer.reach('before charge', (steps.length + 3) * EACH);
  await payer.reach('after settling', EACH);

  await killServer();
  payer.release();
  await Promise.all(blockers.map((blocker) => blocker.end()));
  await scene.settled();
  const told = await Promise.all([...blocked, ...waiting].map((each) => each.told));
  expect(await wrongsWithMoney(scene.pool, told.flat())).toEqual([]);
  const allowed = ['201', 'card_error', 'payment_error', 'outcome_unknown'];
  expect(told.flat().filter(({ code }) => !allowed.includes(code))).toEqual([]);
  // What was durable before is what they were told, whatever became of the server afterwards.
  expect(told.at(-1)?.filter(({ status }) => status === 201)).toHaveLength((EACH * 3) / 4);
});

test('kill -9 of PostgreSQL in the middle of a storm: paying goes on, and no money is lost', async () => {
  const { told, end } = await payAndRefund(payer);
  const paid = (): number => told.filter(({ status }) => status === 201).length;
  await until(() => paid() > 100, 'many have paid');
  await killServer();
  const before = paid();
  await until(() => paid() > before + 100, 'many have paid again');
  await end();
  await scene.settled();
  expect(await wrongsWithMoney(scene.pool, told)).toEqual([]);
  const odd = told.filter(({ status }) => ![201, 204, 402, 503].includes(status));
  expect(odd).toEqual([]);
});
