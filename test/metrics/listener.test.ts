import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createTestDatabase } from '../support/database';
import { Instance } from '../support/instance';
import { Issuer } from '../support/issuer';
import { Metrics } from '../support/metrics';

test('with METRICS_PORT the metrics are there without a token, and at the main port only with one', async () => {
  const issuer = await Issuer.start();
  const database = await createTestDatabase();
  const env = { ...issuer.env, DATABASE_URL: database.url, METRICS_PORT: '0' };
  const instance = await Instance.start(env);
  const listener = String(instance.log.find(({ msg }) => msg === 'metrics')?.['address']);
  expect(listener).not.toBe(instance.url);
  expect((await Metrics.of(listener)).get('holdfast_database_up')).toBe(1);
  expect((await fetch(`${listener}/ticket_options`)).status).toBe(404);
  expect((await fetch(`${listener}/metrics`, { method: 'POST' })).status).toBe(404);

  expect((await fetch(`${instance.url}/metrics`)).status).toBe(401);
  const withScope = async (scope: string) => ({
    authorization: `Bearer ${await issuer.token({ sub: 'prometheus', scope })}`,
  });
  expect(
    (await fetch(`${instance.url}/metrics`, { headers: await withScope('tickets:manage') })).status,
  ).toBe(403);
  const metrics = await Metrics.of(instance.url, await withScope('statistics:read'));
  expect(metrics.get('holdfast_database_up')).toBe(1);

  expect(await instance.end()).toBe(0);
  await issuer.stop();
  await database.drop();
});

test('a METRICS_PORT that is taken ends the start with one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(
    await Instance.fail({ DATABASE_URL: 'postgres://127.0.0.1:1/none', METRICS_PORT: String(port) }),
  ).toEqual({
    code: 78,
    told: `Something else is listening on 127.0.0.1:${port} already; stop it, or set METRICS_PORT to a free port.`,
  });
  other.close();
});
