import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { DatabaseProxy } from '../support/database-proxy';
import { Instance } from '../support/instance';
import { undisturbed } from '../support/undisturbed';

/** What a supervisor gives an answer; the service says within one what it knows. */
const PATIENCE_MS = 2_500;

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

/** The machine may stand still while one is asked; one that does not answer in time does not at the third time either. */
const ATTEMPTS = 3;

async function health({ url }: Instance, path: 'live' | 'ready') {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await fetch(`${url}/health/${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      return { status: answer.status, body: (await answer.json()) as { status: string; checks?: object } };
    } catch (error) {
      if (attempt === ATTEMPTS || (error as Error).name !== 'TimeoutError') throw error;
    }
  }
}

test('while the database takes what it is sent and answers nothing, the service is alive and not ready, and says so in time', async () => {
  const proxy = await DatabaseProxy.open(database.url);
  const instance = await Instance.start({ DATABASE_URL: proxy.url });
  expect((await health(instance, 'ready')).status).toBe(200);
  proxy.cutAt('SELECT 1', 'before', { silentAfterwards: true });
  let ready = await health(instance, 'ready');
  while (ready.status === 200) {
    await sleep(20);
    ready = await health(instance, 'ready');
  }
  // The first finds its connection cut; those after it, nobody who answers.
  for (let asked = 0; asked < 3; asked += 1) {
    expect(await health(instance, 'ready')).toMatchObject({
      status: 503,
      body: { status: 'unavailable', checks: { database: 'unavailable', migrations: 'ok' } },
    });
    expect(await health(instance, 'live')).toEqual({ status: 200, body: { status: 'ok' } });
  }
  await instance.end('SIGKILL');
  await proxy.close();
});

test('a service that is told to stop is alive and not ready until it does, whatever its database says', async () => {
  // It says so for two seconds.
  await undisturbed(1_000, async () => {
    const instance = await Instance.start({ DATABASE_URL: database.url });
    const ended = instance.end('SIGTERM');
    let ready = await health(instance, 'ready');
    while (ready.status === 200) {
      await sleep(5);
      ready = await health(instance, 'ready');
    }
    const live = await health(instance, 'live');
    expect(ready).toEqual({
      status: 503,
      body: { status: 'stopping', checks: { database: 'ok', migrations: 'ok', lanes: 'ok' } },
    });
    expect(live).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await ended).toBe(0);
  });
}, 60_000);
