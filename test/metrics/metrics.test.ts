import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOut } from '../http/client';
import { startApp, listen, type TestApp } from '../support/app';
import { untilLockWait } from '../support/lock-waits';
import { Metrics } from '../support/metrics';
import { newUser, Shop } from '../support/shop';
import { undisturbed } from '../support/undisturbed';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '0' } });
  shop = new Shop(app.url);
});
afterAll(async () => {
  shop.close();
  await app.stop();
});

/** Waits until the metrics are so. @throws when a request is over before that during which they should be */
async function until(holds: (metrics: Metrics) => boolean, during?: Promise<unknown>): Promise<Metrics> {
  const state = { isOver: false };
  const end = (): void => {
    state.isOver = true;
  };
  during?.then(end, end);
  for (;;) {
    const metrics = await Metrics.of(app.url);
    if (holds(metrics)) return metrics;
    if (state.isOver) throw new Error('the request was over before the metrics were so');
    await sleep(20);
  }
}

test('what is told is the text format of Prometheus, and each metric has a sentence and a type', async () => {
  const answer = await fetch(`${app.url}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  const sample = /^[a-z_0-9]+(?:\{(?:[a-z_]+="[^"\n]*",?)*\})? (?:NaN|[+-]Inf|-?[\d.e+-]+)$/;
  expect(
    lines.filter((line) => !line.startsWith('# HELP ') && !line.startsWith('# TYPE ') && !sample.test(line)),
  ).toEqual([]);
  const helped = lines.filter((line) => line.startsWith('# HELP ')).map((line) => line.split(' ')[2]);
  const typed = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2]);
  expect(typed).toEqual(helped);
});

test('requests are counted by the pattern of their route, by method and status', async () => {
  const option = await shop.offer({ allocation: 2 });
  const before = await Metrics.of(app.url);
  for (let n = 0; n < 3; n += 1) await shop.get(`/ticket_options/${option}`);
  await shop.get(`/ticket_options/${newUser()}`);
  const grown = (after: Metrics, sample: string) => (after.get(sample) ?? 0) - (before.get(sample) ?? 0);
  const ok = 'holdfast_http_requests_total{route="/ticket_options/:id",method="GET",status="200"}';
  const missing = 'holdfast_http_requests_total{route="/ticket_options/:id",method="GET",status="404"}';
  const duration = 'holdfast_http_request_duration_seconds_count{route="/ticket_options/:id",method="GET"}';
  // A response is counted when its last byte has been handed over, which the client may see first.
  const after = await until((now) => grown(now, duration) === 4);
  expect([grown(after, ok), grown(after, missing)]).toEqual([3, 1]);
});

test('addresses that nobody knows make no labels', async () => {
  await until((metrics) => metrics.sum('holdfast_http_requests_total') > 0);
  const routes = (await Metrics.of(app.url)).labels('holdfast_http_requests_total', 'route');
  const before = (await Metrics.of(app.url)).sum('holdfast_http_requests_total', 'route="unknown"');
  for (let n = 0; n < 20; n += 1)
    await fetch(`${app.url}/${newUser()}?${n}`, { method: n % 2 ? 'GET' : 'POST' });
  await fetch(`${app.url}/%zz`);
  const after = await until(
    (now) => now.sum('holdfast_http_requests_total', 'route="unknown"') === before + 21,
  );
  expect(after.labels('holdfast_http_requests_total', 'route')).toEqual(
    new Set([...routes, 'unknown', '/metrics']),
  );
});

test('refusals are counted by their code, and every code is there before its first', async () => {
  const option = await shop.offer({ allocation: 1 });
  const before = await Metrics.of(app.url);
  const name = 'holdfast_refusals_total{code="insufficient_tickets"}';
  expect(before.get('holdfast_refusals_total{code="outcome_unknown"}')).toBe(0);
  expect((await shop.buy(option, 1)).status).toBe(201);
  const refused = (await shop.buy(option, 1)).body.errors?.[0]?.code ?? '';
  await until((after) => {
    const sample = `holdfast_refusals_total{code="${refused}"}`;
    return (after.get(sample) ?? 0) === (before.get(sample) ?? 0) + 1;
  });
  expect(before.get(name)).toBeDefined();
});

test('a turn is one value, however many orders it serves', async () => {
  const option = await shop.offer({ allocation: 1_000 });
  const before = await Metrics.of(app.url);
  await Promise.all(Array.from({ length: 200 }, () => shop.buy(option, 1)));
  const after = await Metrics.of(app.url);
  const grown = (sample: string) => (after.get(sample) ?? 0) - (before.get(sample) ?? 0);
  expect(grown('holdfast_turn_orders_sum')).toBe(200);
  const turns = grown('holdfast_turn_orders_count');
  expect(turns).toBeGreaterThan(0);
  expect(turns).toBeLessThan(200);
  expect(grown('holdfast_lane_wait_seconds_count')).toBe(turns);
  expect(grown('holdfast_turn_duration_seconds_count')).toBe(turns);
  expect(after.get('holdfast_lane_waiting_orders')).toBe(0);
});

test('while an order is held up, those behind it are seen to wait', () =>
  undisturbed(300, async () => {
    const option = await shop.offer({ allocation: 10 });
    const orders: ReturnType<Shop['buy']>[] = [];
    const buy = () => {
      const order = shop.buy(option, 1);
      orders.push(order);
      return order;
    };
    await app.database.query('BEGIN');
    try {
      await app.database.query('SELECT FROM ticket_options WHERE id = $1 FOR UPDATE', [option]);
      const first = buy();
      await untilLockWait(app.database, first);
      const second = buy();
      const isSeen = until((metrics) => metrics.get('holdfast_lane_waiting_orders') === 1, second);
      expect((await isSeen).get('holdfast_lane_oldest_wait_seconds')).toBeGreaterThan(0);
    } finally {
      await app.database.query('ROLLBACK');
      await Promise.allSettled(orders);
    }
    const statuses = (await Promise.all(orders)).map(({ status }) => status);
    expect(statuses).toEqual([201, 201]);
    expect((await Metrics.of(app.url)).get('holdfast_lane_oldest_wait_seconds')).toBe(0);
  }));

test('reservations are counted by what becomes of them, and what is over and not given back is seen', async () => {
  const option = await shop.offer({ allocation: 3 });
  const before = await Metrics.of(app.url);
  const reserve = async (quantity: number) => (await shop.reserve(option, quantity)).body.data?.id ?? '';
  const paid = await reserve(1);
  expect((await shop.pay(paid)).status).toBe(201);
  await shop.cancel(await reserve(1));
  await runOut(app, { id: await reserve(2) });
  const grown = (after: Metrics, name: string) =>
    (after.get(`holdfast_reservations_${name}_total`) ?? 0) -
    (before.get(`holdfast_reservations_${name}_total`) ?? 0);
  const over = await until((metrics) => (metrics.get('holdfast_expiry_lag_seconds') ?? 0) > 0.5);
  expect([
    grown(over, 'created'),
    grown(over, 'paid'),
    grown(over, 'cancelled'),
    grown(over, 'expired'),
  ]).toEqual([...[3, 1, 1, 0]]);
  expect(over.get('holdfast_tickets{state="reserved"}')).toBe(2);
  // Somebody who needs the tickets takes them back.
  expect((await shop.reserve(option, 2)).status).toBe(201);
  const back = await Metrics.of(app.url);
  expect(grown(back, 'expired')).toBe(1);
  expect(back.get('holdfast_expiry_lag_seconds')).toBeLessThan(0.5);
});

test('the pool and the version are told', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const metrics = await Metrics.of(app.url);
  expect(metrics.get(`holdfast_build_info{version="${version}",node="${process.version}"}`)).toBe(1);
  expect(metrics.get('holdfast_pool_size')).toBe(10);
  const open = async (): Promise<number | undefined> => {
    const { rows } = await app.database.query<{ open: number }>(
      `SELECT count(*)::int AS open FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'holdfast'`,
    );
    return rows[0]?.open;
  };
  // Connections come and go; so they are counted when they did not.
  for (;;) {
    const before = await open();
    const told = (await Metrics.of(app.url)).get('holdfast_pool_connections');
    if ((await open()) !== before) continue;
    expect(told).toBe(before);
    break;
  }
  expect(metrics.get('holdfast_database_up')).toBe(1);
});

test('without a database the metrics are told all the same, but for what only the database knows', async () => {
  const { nest, port, check } = await listen('postgres://127.0.0.1:1/none');
  const metrics = await Metrics.of(`http://127.0.0.1:${port}`);
  expect(metrics.get('holdfast_database_up')).toBe(0);
  for (const sample of [
    'holdfast_expiry_lag_seconds',
    'holdfast_tickets{state="sold"}',
    'holdfast_reservations_paid_total',
  ])
    expect(metrics.get(sample)).toBeUndefined();
  expect(metrics.get('holdfast_pool_connections')).toBe(0);
  await nest.close();
  check();
});
