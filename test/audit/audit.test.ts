import { setTimeout as sleep } from 'node:timers/promises';
import { audit } from '../../src/allocation/audit';
import { auditInSlices } from '../../src/allocation/audit-slices';
import { startApp, type TestApp } from '../support/app';
import { Metrics } from '../support/metrics';
import { Shop } from '../support/shop';

let app: TestApp;
let shop: Shop;
beforeEach(() => start(2));
afterEach(async () => {
  jest.restoreAllMocks();
  await stop();
});

async function start(holdSeconds: number): Promise<void> {
  app = await startApp({
    env: { AUDIT_INTERVAL_SECONDS: '1', SWEEP_INTERVAL_SECONDS: '0', HOLD_SECONDS: String(holdSeconds) },
  });
  shop = new Shop(app.url);
}

async function stop(): Promise<void> {
  shop.close();
  await app.stop();
}

const COMPLETE = 'holdfast_audits_total{outcome="complete"}';

/** Waits for an audit that begins from now on, and comes to its end. */
async function nextAudit(): Promise<Metrics> {
  const before = (await Metrics.of(app.url)).get(COMPLETE) ?? 0;
  for (;;) {
    // The next one may have begun before this moment; the one after that has not.
    const metrics = await Metrics.of(app.url);
    if ((metrics.get(COMPLETE) ?? 0) >= before + 2) return metrics;
    await sleep(50);
  }
}

/** Sells, reserves, pays, cancels and refunds a little of each of some events. */
async function trade(events: number): Promise<string[]> {
  const options: string[] = [];
  for (let n = 0; n < events; n += 1) {
    const event = await shop.announce({ max_tickets_per_user: 9 });
    const free = await shop.offer({ allocation: 20, max_per_user: 5 }, event);
    const dear = await shop.offer({ allocation: 20, price_cents: 500 }, event);
    options.push(free, dear);
    const bought = await shop.buy(free, 2);
    await shop.buy(free, 1);
    await shop.refund(bought.body.data?.id ?? '');
    const reserve = async () => (await shop.reserve(dear, 2)).body.data?.id ?? '';
    expect((await shop.pay(await reserve())).status).toBe(201);
    await shop.cancel(await reserve());
    await reserve();
  }
  return options;
}

/** Everything that can be wrong, each in another event. */
const DAMAGE = [
  'UPDATE ticket_options SET sold = sold + 1, remaining = remaining - 1 WHERE id = $1',
  'UPDATE event_counts SET sold = sold + 1 WHERE event_id = (SELECT event_id FROM ticket_options WHERE id = $1)',
  'UPDATE user_counts SET tickets = tickets + 1 WHERE scope_id = $1',
  'DELETE FROM holds WHERE event_id = (SELECT event_id FROM ticket_options WHERE id = $1)',
  'UPDATE payments SET amount_cents = amount_cents + 1 WHERE event_id = (SELECT event_id FROM ticket_options WHERE id = $1)',
  'UPDATE sales SET sold = sold + 1 WHERE event_id = (SELECT event_id FROM ticket_options WHERE id = $1)',
  'UPDATE purchases SET reservation_id = NULL WHERE payment_id IS NOT NULL AND event_id = (SELECT event_id FROM ticket_options WHERE id = $1)',
  'UPDATE refunds SET done_at = NULL, check_at = now() WHERE event_id = (SELECT event_id FROM ticket_options WHERE id = $1)',
];

test('right books are told as no difference, while they move', async () => {
  await trade(2);
  const metrics = await nextAudit();
  expect(metrics.get('holdfast_audit_differences')).toBe(0);
  expect(metrics.get('holdfast_audit_interval_seconds')).toBe(1);
  expect(metrics.get('holdfast_audit_duration_seconds')).toBeGreaterThan(0);
  const ageSeconds =
    Date.now() / 1_000 - (metrics.get('holdfast_audit_last_complete_timestamp_seconds') ?? 0);
  expect(ageSeconds).toBeLessThan(10);
  expect(metrics.get('holdfast_audits_total{outcome="failed"}')).toBe(0);
});

test('a difference is told in the metrics, and in the log with what it is about; when it is gone, so is the figure', async () => {
  const errors = jest.spyOn(app.logger, 'error').mockReturnValue(undefined);
  const [option = ''] = await trade(1);
  await app.database.query(
    'UPDATE ticket_options SET sold = sold + 1, remaining = remaining - 1 WHERE id = $1',
    [option],
  );
  const wrong = await nextAudit();
  // The option's own counter, and the event's, which is compared with it.
  expect(wrong.get('holdfast_audit_differences')).toBe(2);
  expect(errors).toHaveBeenCalledWith(
    expect.objectContaining({ context: 'Audit', id: option }),
    expect.stringMatching(/^The books are wrong: ticket option .* but 0 are held and 1 bought$/),
  );
  await app.database.query(
    'UPDATE ticket_options SET sold = sold - 1, remaining = remaining + 1 WHERE id = $1',
    [option],
  );
  expect((await nextAudit()).get('holdfast_audit_differences')).toBe(0);
});

test('slices find what one look at everything finds, however they are cut', async () => {
  // Once a reservation is over, nobody minds that it holds nothing: this must not come between one look and another.
  await stop();
  await start(900);
  const options = await trade(DAMAGE.length);
  const slices = async (rows?: number): Promise<string[]> => {
    const found: string[] = [];
    for await (const { sentence } of auditInSlices(app.database, () => Promise.resolve(), rows))
      found.push(sentence);
    return found.sort();
  };
  expect(await slices(1)).toEqual([]);
  for (const [index, damage] of DAMAGE.entries()) {
    const { rowCount } = await app.database.query(damage, [options[2 * index]]);
    expect(rowCount).toBeGreaterThan(0);
  }
  // A hold of an event that was never announced is in nobody's slice but the last.
  await app.database.query(
    `INSERT INTO holds (ticket_option_id, expires_at, reservation_id, event_id, user_id, quantity)
     SELECT gen_random_uuid(), 'infinity', gen_random_uuid(), 'ffffffff-ffff-ffff-ffff-ffffffffffff', gen_random_uuid(), 1`,
  );
  const whole = (await audit(app.database)).map(({ sentence }) => sentence).sort();
  expect(whole.length).toBeGreaterThan(DAMAGE.length);
  for (const rows of [1, 7, undefined]) expect(await slices(rows)).toEqual(whole);
});

test('an audit that cannot come to its end is told, and the next one does', async () => {
  const warnings = jest.spyOn(app.logger, 'warn').mockReturnValue(undefined);
  await nextAudit();
  await app.database.query('BEGIN');
  await app.database.query('LOCK TABLE refunds IN ACCESS EXCLUSIVE MODE');
  for (let ended = false; !ended;) {
    // Within a transaction the view would stay as it was seen first.
    await app.database.query('SELECT pg_stat_clear_snapshot()');
    const { rowCount } = await app.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'holdfast audit' AND wait_event_type = 'Lock'`,
    );
    ended = (rowCount ?? 0) > 0;
    await sleep(20);
  }
  await app.database.query('ROLLBACK');
  while ((await Metrics.of(app.url)).get('holdfast_audits_total{outcome="failed"}') !== 1) await sleep(20);
  expect(warnings).toHaveBeenCalledWith(
    expect.objectContaining({ context: 'Audit' }),
    'The books could not be counted to the end',
  );
  expect((await nextAudit()).get('holdfast_audit_differences')).toBe(0);
});
