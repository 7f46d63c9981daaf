import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';
import { Allocation } from '../../src/allocation/allocation';
import { audit } from '../../src/allocation/audit';
import type { Outcome } from '../../src/allocation/orders';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { newId } from '../../src/ids';
import { createTestDatabase } from '../support/database';
import { insertEvent, insertOption } from '../support/stock';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;
let nest: NestFastifyApplication;
let allocation: Allocation;
let event: string;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  const config = loadConfig({ LOG_LEVEL: 'silent', SWEEP_INTERVAL_SECONDS: '0' });
  ({ nest } = await createApp(config, database.url));
  await nest.get(DatabaseService).start();
  allocation = nest.get(Allocation);
});
beforeEach(async () => {
  event = await makeEvent();
});
afterEach(async () => {
  expect(await audit(client)).toEqual([]);
});
afterAll(async () => {
  await nest.close();
  await client.end();
  await database.drop();
});

function makeEvent(maxTicketsPerUser: number | null = null): Promise<string> {
  return insertEvent(client, { maxTicketsPerUser });
}

function offer(allocation: number, maxPerUser: number | null = null, priceCents = 0): Promise<string> {
  return insertOption(client, event, { allocation, maxPerUser, priceCents });
}

const itemsOf = (quantities: Record<string, number>) =>
  Object.entries(quantities).map(([ticketOptionId, quantity]) => ({ ticketOptionId, quantity }));

function buy(ticketOptionId: string, quantity: number, userId: string = randomUUID()): Promise<Outcome> {
  return allocation.buy({ id: newId(), eventId: event, userId, items: [{ ticketOptionId, quantity }] });
}

function reserve(quantities: Record<string, number>, userId: string = randomUUID(), id = newId()) {
  return allocation.reserve({ id, eventId: event, userId, items: itemsOf(quantities) });
}

async function reserved(quantities: Record<string, number>, userId: string = randomUUID()) {
  const { made } = await reserve(quantities, userId);
  if (made === undefined) throw new Error('not reserved');
  return made;
}

/** Lets reservations be over for that many seconds already. */
async function endedAgo(ids: readonly string[], seconds = 1): Promise<void> {
  const changes = [ids, seconds];
  const over = `expires_at = clock_timestamp() - $2 * interval '1 second'`;
  await client.query('BEGIN');
  await client.query(
    `UPDATE reservations SET created_at = created_at - interval '1 day', ${over} WHERE id = ANY ($1)`,
    changes,
  );
  await client.query(
    `UPDATE holds SET expires_at = (SELECT expires_at FROM reservations WHERE id = reservation_id) WHERE reservation_id = ANY ($1)`,
    [ids],
  );
  await client.query('COMMIT');
}

const changeOf = ({ id, items }: { id: string; items: readonly { ticketOptionId: string }[] }) => ({
  id,
  eventId: event,
  ticketOptionIds: items.map(({ ticketOptionId }) => ticketOptionId),
});

function codes(...outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ refused }) => refused?.[0].code ?? 'made');
}

async function counters(id: string): Promise<unknown> {
  const sql = 'SELECT remaining, reserved, sold FROM ticket_options WHERE id = $1';
  const { rows } = await client.query<Record<string, number>>(sql, [id]);
  return Object.values(rows[0] ?? {});
}

async function holds(): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    'SELECT count(*)::integer AS n FROM holds WHERE event_id = $1',
    [event],
  );
  return rows[0]?.n ?? -1;
}

describe('a reservation', () => {
  test('of several kinds takes all of them, at their prices, or none', async () => {
    const [a, b] = [await offer(5, null, 1_000), await offer(5, 2, 250)];
    const made = await reserved({ [a]: 5, [b]: 2 });
    expect(made.items.map(({ unitPriceCents }) => unitPriceCents)).toEqual([1_000, 250]);
    expect(made.expiresAt.getTime() - made.createdAt.getTime()).toBe(900_000);
    expect(codes(await reserve({ [b]: 1, [a]: 1 }))).toEqual(['insufficient_tickets']);
    expect([await counters(a), await counters(b)]).toEqual([
      [0, 5, 0],
      [3, 2, 0],
    ]);
  });

  test('that comes a second time is its own success', async () => {
    const [a, id, user] = [await offer(5), newId(), randomUUID()];
    const first = await reserve({ [a]: 2 }, user, id);
    const [again, other] = await Promise.all([reserve({ [a]: 2 }, user, id), reserve({ [a]: 3 })]);
    expect(again).toEqual(first);
    expect(codes(other)).toEqual(['made']);
    expect(await counters(a)).toEqual([0, 5, 0]);
  });

  test('is cancelled once, and its tickets go to those behind in the same turn', async () => {
    const a = await offer(4, 4);
    const made = await reserved({ [a]: 4 });
    const outcomes = await Promise.all([
      buy(a, 1),
      allocation.cancel(changeOf(made)),
      allocation.cancel(changeOf(made)),
      buy(a, 3),
      reserve({ [a]: 1 }, made.userId),
    ]);
    expect(codes(...outcomes)).toEqual(['invalid_purchase_quantity', 'made', 'made', 'made', 'made']);
    expect(await counters(a)).toEqual([0, 1, 3]);
  });

  test('is extended together with its hold, and no longer than allowed', async () => {
    const [a, b] = [await offer(5), await offer(5)];
    const made = await reserved({ [a]: 1, [b]: 2 });
    const until = new Date(made.createdAt.getTime() + 3_600_000);
    const tooLate = new Date(until.getTime() + 1);
    expect(codes(await allocation.extend({ ...changeOf(made), until: tooLate }))).toEqual([
      'extension_limit_reached',
    ]);
    const extended = await allocation.extend({ ...changeOf(made), until });
    expect(extended.made).toEqual({ ...made, expiresAt: until });
    expect(await allocation.extend({ ...changeOf(made), until })).toEqual(extended);
    const { rows } = await client.query('SELECT DISTINCT expires_at FROM holds WHERE reservation_id = $1', [
      made.id,
    ]);
    expect(rows).toEqual([{ expires_at: until }]);
    expect(codes(await allocation.cancel(changeOf(made)))).toEqual(['made']);
    expect(await counters(a)).toEqual([5, 0, 0]);
  });
});

describe('what is over', () => {
  test('goes to the next buyer: as much as is needed, oldest first', async () => {
    const a = await offer(10, 4);
    const made = [];
    for (let n = 0; n < 10; n += 1) made.push(await reserved({ [a]: 1 }));
    for (const [n, { id }] of made.entries()) await endedAgo([id], 20 - n);
    expect(codes(await buy(a, 3), await reserve({ [a]: 2 }))).toEqual(['made', 'made']);
    expect(await counters(a)).toEqual([0, 7, 3]);
    const { rows } = await client.query<{ id: string }>(
      'SELECT reservation_id AS id FROM holds WHERE event_id = $1 AND expires_at < clock_timestamp() ORDER BY expires_at',
      [event],
    );
    expect(rows.map(({ id }) => id)).toEqual(made.slice(5).map(({ id }) => id));
  });

  test('goes back whole, also the kinds that nobody asked for', async () => {
    const [a, b, c] = [await offer(2), await offer(3, 9), await offer(4)];
    const { id } = await reserved({ [a]: 2, [b]: 3 });
    const stays = await reserved({ [c]: 4 });
    await endedAgo([id]);
    expect(codes(await buy(a, 1))).toEqual(['made']);
    expect([await counters(a), await counters(b)]).toEqual([
      [1, 0, 1],
      [3, 0, 0],
    ]);
    await endedAgo([stays.id]);
    expect(codes(await reserve({ [a]: 1, [c]: 5 }))).toEqual(['insufficient_tickets']);
    expect(await holds()).toBe(1);
  });

  test('is not enough for everybody: the rest is refused with what there is', async () => {
    const a = await offer(3);
    const { id } = await reserved({ [a]: 3 });
    await endedAgo([id]);
    const outcomes = await Promise.all([reserve({ [a]: 2 }), reserve({ [a]: 2 }), buy(a, 1)]);
    expect(codes(...outcomes)).toEqual(['made', 'insufficient_tickets', 'made']);
    expect(outcomes[1].refused?.[0].meta).toEqual({ remaining: 1 });
  });

  test('does not count towards a limit of an option', async () => {
    const [a, user] = [await offer(100, 4), randomUUID()];
    const { id } = await reserved({ [a]: 3 }, user);
    await buy(a, 1, user);
    expect(codes(await reserve({ [a]: 1 }, user))).toEqual(['user_limit_exceeded']);
    await endedAgo([id]);
    expect(codes(await reserve({ [a]: 4 }, user))).toEqual(['user_limit_exceeded']);
    expect(codes(await reserve({ [a]: 3 }, user), await reserve({ [a]: 1 }, user))).toEqual([
      'made',
      'user_limit_exceeded',
    ]);
    expect(await counters(a)).toEqual([96, 3, 1]);
  });

  test('does not count towards the limit of an event, whatever option it is of', async () => {
    event = await makeEvent(4);
    const [a, b, user] = [await offer(100), await offer(100, 3), randomUUID()];
    const { id } = await reserved({ [a]: 2, [b]: 2 }, user);
    expect(codes(await buy(b, 1, user))).toEqual(['user_limit_exceeded']);
    await endedAgo([id]);
    expect(codes(await buy(b, 3, user), await reserve({ [a]: 2 }, user))).toEqual([
      'made',
      'user_limit_exceeded',
    ]);
    expect([await counters(a), await counters(b)]).toEqual([
      [100, 0, 0],
      [97, 0, 3],
    ]);
  });

  test('cannot be extended, and cancelling it changes nothing', async () => {
    const a = await offer(3);
    const made = await reserved({ [a]: 3 });
    await endedAgo([made.id]);
    const until = new Date(Date.now() + 60_000);
    expect(codes(await allocation.extend({ ...changeOf(made), until }))).toEqual(['reservation_expired']);
    expect(codes(await allocation.cancel(changeOf(made)))).toEqual(['made']);
    expect(await counters(a)).toEqual([0, 3, 0]);
  });

  test('is given back by the sweep, in portions, and what lasts stays', async () => {
    const [a, b] = [await offer(50, 5), await offer(50)];
    const over = [];
    for (let n = 0; n < 7; n += 1) over.push((await reserved({ [a]: 2, [b]: 1 })).id);
    await reserved({ [a]: 1 });
    await endedAgo(over);
    await client.query('SELECT pg_advisory_lock(480517, hashtext($1))', [event]);
    expect(await allocation.releaseOver(event, [a], 4)).toBe(0); // another instance is at it
    await client.query('SELECT pg_advisory_unlock(480517, hashtext($1))', [event]);
    expect(await allocation.releaseOver(event, [a], 4)).toBe(8);
    expect([await counters(a), await counters(b)]).toEqual([
      [43, 7, 0],
      [47, 3, 0],
    ]);
    expect(await allocation.releaseOver(event, [a, b], 100)).toBe(6);
    expect(await allocation.releaseOver(event, [a, b], 100)).toBe(0);
    expect(await counters(a)).toEqual([49, 1, 0]);
  });
});

describe('an option that is changed', () => {
  test('has no smaller allocation than what is reserved and sold, but what is over does not count', async () => {
    const a = await offer(10, 5);
    const made = await reserved({ [a]: 4 });
    await buy(a, 2);
    const below = await allocation.changeOption(event, a, { allocation: 5 });
    expect(below.refused).toEqual([{ code: 'allocation_below_committed', meta: { reserved: 4, sold: 2 } }]);
    expect(codes(await allocation.changeOption(event, a, { allocation: 6 }))).toEqual(['made']);
    expect(await counters(a)).toEqual([0, 4, 2]);
    await endedAgo([made.id]);
    expect(codes(await allocation.changeOption(event, a, { allocation: 1 }))).toEqual([
      'allocation_below_committed',
    ]);
    expect(await counters(a)).toEqual([0, 4, 2]);
    expect(codes(await allocation.changeOption(event, a, { allocation: 2 }))).toEqual(['made']);
    expect(await counters(a)).toEqual([0, 0, 2]);
  });

  test('with its first limit counts what users have, and goes on counting without one', async () => {
    const [a, user] = [await offer(100), randomUUID()];
    await buy(a, 2, user);
    const { id } = await reserved({ [a]: 1 }, user);
    await allocation.changeOption(event, a, { maxPerUser: 3 });
    expect(codes(await buy(a, 1, user))).toEqual(['user_limit_exceeded']);
    await endedAgo([id]);
    expect(codes(await buy(a, 1, user))).toEqual(['made']);
    await allocation.changeOption(event, a, { maxPerUser: null });
    expect(codes(await buy(a, 5, user))).toEqual(['made']);
    await allocation.changeOption(event, a, { maxPerUser: 9 });
    expect(codes(await buy(a, 2, user), await buy(a, 1, user))).toEqual(['user_limit_exceeded', 'made']);
  });

  test('has a window that begins before it ends, also when only one end is changed', async () => {
    const a = await offer(1);
    const [early, late] = [new Date('2030-01-01'), new Date('2030-01-02')];
    await allocation.changeOption(event, a, { salesEndAt: early });
    const { refused } = await allocation.changeOption(event, a, { salesStartAt: late });
    expect(refused?.[0]).toMatchObject({
      code: 'invalid_attribute',
      source: { pointer: '/data/attributes/sales_start_at' },
    });
  });

  test('or deleted, was never taken from', async () => {
    const [a, b] = [await offer(1), await offer(1)];
    await allocation.cancel(changeOf(await reserved({ [a]: 1 })));
    expect(
      codes(
        await allocation.removeOption(event, a),
        await allocation.removeOption(event, b),
        await allocation.removeOption(event, b),
        await allocation.changeOption(event, b, { name: 'gone' }),
        await buy(b, 1),
      ),
    ).toEqual(['ticket_option_in_use', 'made', 'not_found', 'not_found', 'not_found']);
  });
});

describe('an event that is changed', () => {
  test('or cancelled gives back what is held, and sells nothing more', async () => {
    const [a, b] = [await offer(10, 5), await offer(10)];
    const [active, over] = [await reserved({ [a]: 1, [b]: 2 }), await reserved({ [b]: 3 })];
    await buy(a, 4);
    await endedAgo([over.id]);
    expect(codes(await allocation.changeEvent(event, { status: 'cancelled' }))).toEqual(['made']);
    expect([await counters(a), await counters(b)]).toEqual([
      [6, 0, 4],
      [10, 0, 0],
    ]);
    const until = new Date(Date.now() + 3_000_000);
    expect(
      codes(
        await buy(a, 1),
        await reserve({ [b]: 1 }),
        await allocation.extend({ ...changeOf(active), until }),
        await allocation.extend({ ...changeOf(over), until }),
        await allocation.cancel(changeOf(active)),
        await allocation.changeEvent(event, { status: 'cancelled' }),
        await allocation.changeEvent(event, { status: 'scheduled' }),
      ),
    ).toEqual([
      'event_cancelled',
      'event_cancelled',
      'reservation_cancelled',
      'reservation_expired',
      'made',
      'made',
      'event_cancelled',
    ]);
  });

  test('with its first limit counts what users have of all its options', async () => {
    const [a, b, user] = [await offer(10), await offer(10), randomUUID()];
    await buy(a, 2, user);
    await reserved({ [b]: 1 }, user);
    await allocation.changeEvent(event, { maxTicketsPerUser: 4 });
    expect(codes(await buy(b, 2, user), await buy(a, 1, user), await buy(b, 1, user))).toEqual([
      'user_limit_exceeded',
      'made',
      'user_limit_exceeded',
    ]);
  });

  test('or deleted with its options, was never taken from', async () => {
    const a = await offer(1);
    expect(codes(await allocation.removeEvent(event), await allocation.removeEvent(event))).toEqual([
      'made',
      'not_found',
    ]);
    expect(codes(await buy(a, 1))).toEqual(['not_found']);
    event = await makeEvent();
    await buy(await offer(1), 1);
    expect(codes(await allocation.removeEvent(event))).toEqual(['event_in_use']);
  });
});

test('a hold that the books have lost fails its own order only', async () => {
  const a = await offer(10, 5);
  const broken = await reserved({ [a]: 1 });
  const { rows } = await client.query('DELETE FROM holds WHERE reservation_id = $1 RETURNING *', [broken.id]);
  const outcomes = await Promise.all([buy(a, 1), allocation.cancel(changeOf(broken)), reserve({ [a]: 2 })]);
  expect(codes(...outcomes)).toEqual(['made', 'internal_error', 'made']);
  expect((await audit(client)).map(({ id }) => id)).toEqual(expect.arrayContaining([a, broken.id]));
  await client.query('INSERT INTO holds SELECT * FROM json_populate_record(NULL::holds, $1)', [
    JSON.stringify(rows[0]),
  ]);
});
