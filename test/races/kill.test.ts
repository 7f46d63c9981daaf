import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { audit } from '../../src/allocation/audit';
import { EmbeddedServer } from '../../src/database/embedded';
import { createTestDatabase } from '../support/database';
import { brokenBy, Instance } from '../support/instance';
import { makeTestFolder, removeTestFolder } from '../support/server';
import { type Answer, Shop } from '../support/shop';

// Starting processes takes its time on a busy machine.
jest.setTimeout(90_000);

const CLIENTS = 64;

/** Buys and reserves without a pause until told to stop; keeps every answer. */
function storm(shop: Shop, option: string) {
  const answers: Answer[] = [];
  let going = true;
  const client = async (number: number): Promise<void> => {
    while (going) {
      const quantity = 1 + (number % 3);
      const answer = await (number % 2 === 0 ? shop.buy(option, quantity) : shop.reserve(option, quantity));
      answers.push(answer);
      if (answer.status !== 201) await sleep(50); // as Retry-After asks, only sooner
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return {
    answers,
    end: async () => {
      going = false;
      await clients;
    },
  };
}

function confirmed(answers: readonly Answer[]): string[] {
  return answers.flatMap(({ status, body }) => (status === 201 && body.data ? [body.data.id] : []));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

/** Everything that is wrong with the books after a crash; nothing, when the promises hold. */
async function wrongs(url: string, answers: readonly Answer[]): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM purchases UNION ALL SELECT id FROM reservations',
  );
  const differences = await audit(client);
  await client.end();
  const present = new Set(rows.map(({ id }) => id));
  const ids = confirmed(answers);
  const lost = ids.filter((id) => !present.has(id));
  const unanswered = answers.filter(({ status }) => status === 0 || status === 503).length;
  const unexplained = rows.length - (ids.length - lost.length);
  return [
    ...(lost.length === 0 ? [] : [`${lost.length} that were confirmed are lost`]),
    ...(new Set(ids).size === ids.length ? [] : ['an id was confirmed twice']),
    // Whoever got no answer may have got tickets, once; nobody else has any.
    ...(unexplained <= unanswered
      ? []
      : [`${unexplained} that nobody was told of, but ${unanswered} without an answer`]),
    ...differences.map(({ sentence }) => sentence),
  ];
}

describe('kill -9 in the middle of a storm, on the embedded server', () => {
  let folder: string;
  let env: Record<string, string>;

  beforeEach(() => {
    folder = makeTestFolder();
    env = { DATA_DIR: folder };
  });
  afterEach(() => {
    removeTestFolder(folder);
  });

  test('of the service: after the restart every confirmed purchase and reservation is there, and none twice', async () => {
    const first = await Instance.start(env);
    const shop = new Shop(first.url);
    const option = await shop.offer({ allocation: 1_000_000 });
    const { answers, end } = storm(shop, option);
    await until(() => confirmed(answers).length > 500);
    await first.end('SIGKILL');
    await end();
    shop.close();

    const second = await Instance.start(env);
    const again = new Shop(second.url);
    for (const { body } of answers.filter(({ status }) => status === 201).slice(-50)) {
      expect((await again.get(`/${body.data?.type}/${body.data?.id}`)).status).toBe(200);
    }
    expect(await wrongs(EmbeddedServer.open({ dataDir: folder }).url, answers)).toEqual([]);
    again.close();
    expect(await second.end()).toBe(0);
  });

  test('of PostgreSQL: it comes back, selling goes on, and nothing is lost or sold twice', async () => {
    const instance = await Instance.start(env);
    const shop = new Shop(instance.url);
    const option = await shop.offer({ allocation: 1_000_000 });
    const { answers, end } = storm(shop, option);
    await until(() => confirmed(answers).length > 500);
    const pidFile = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8');
    process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL');
    const before = confirmed(answers).length;
    await until(() => confirmed(answers).length > before + 500);
    await end();
    shop.close();
    expect(await wrongs(EmbeddedServer.open({ dataDir: folder }).url, answers)).toEqual([]);
    const odd = answers.filter(({ status }) => status !== 201 && status !== 503);
    expect(odd).toEqual([]);
    expect(await instance.end()).toBe(0);
  });
});

test('negative control: a service that answers before it commits loses what it confirmed when it is killed', async () => {
  const database = await createTestDatabase();
  const { script, env } = brokenBy('answer-before-commit');
  const instance = await Instance.start({ DATABASE_URL: database.url, ...env }, script);
  const shop = new Shop(instance.url);
  const option = await shop.offer({ allocation: 1_000_000 });
  const { answers, end } = storm(shop, option);
  await until(() => confirmed(answers).length > 500);
  await instance.end('SIGKILL');
  await end();
  shop.close();
  expect(await wrongs(database.url, answers)).toContainEqual(
    expect.stringMatching(/that were confirmed are lost/),
  );
  await database.drop();
});
