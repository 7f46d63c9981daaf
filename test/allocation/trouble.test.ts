import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';
import { Allocation } from '../../src/allocation/allocation';
import { audit } from '../../src/allocation/audit';
import type { Outcome } from '../../src/allocation/orders';
import { Turn } from '../../src/allocation/turn';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { newId } from '../../src/ids';
import { createTestDatabase } from '../support/database';
import { newUser } from '../support/shop';
import { insertEvent, insertOption } from '../support/stock';

let eventId: string;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;
let nest: NestFastifyApplication;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  ({ nest } = await createApp(loadConfig({ LOG_LEVEL: 'silent' }), database.url));
  await nest.get(DatabaseService).start();
  eventId = await insertEvent(client);
});

afterAll(async () => {
  await nest.close();
  await client.end();
  await database.drop();
});

function offer(allocation: number, maxPerUser: number | null = null): Promise<string> {
  return insertOption(client, eventId, { allocation, maxPerUser });
}

function buy(ticketOptionId: string, quantity = 1, userId = newUser()): Promise<Outcome> {
  return nest.get(Allocation).buy({ id: newId(), eventId, userId, items: [{ ticketOptionId, quantity }] });
}

function codes(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ refused }) => refused?.[0].code ?? 'made');
}

async function counters(id: string): Promise<unknown> {
  const { rows } = await client.query('SELECT remaining, sold FROM ticket_options WHERE id = $1', [id]);
  return rows[0];
}

describe('a group with one poisonous order', () => {
  test.each([
    ['one statement', null],
    ['a transaction', 100],
  ])('serves its neighbours, sold in %s', async (_way, maxPerUser) => {
    const poisonous = newUser();
    await client.query(`
      CREATE OR REPLACE FUNCTION choke() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.user_id = '${poisonous}' THEN RAISE EXCEPTION 'choked' USING ERRCODE = '22000'; END IF;
        RETURN NEW;
      END $$;
      CREATE OR REPLACE TRIGGER choke BEFORE INSERT ON purchases FOR EACH ROW EXECUTE FUNCTION choke()`);
    const option = await offer(100, maxPerUser);
    const users = [newUser(), newUser(), poisonous, newUser(), newUser(), newUser(), newUser()];
    const outcomes = await Promise.all(users.map((user) => buy(option, 2, user)));
    expect(codes(outcomes)).toEqual(['made', 'made', 'internal_error', 'made', 'made', 'made', 'made']);
    expect(await counters(option)).toEqual({ remaining: 88, sold: 12 });
    await client.query('DROP TRIGGER choke ON purchases');
    expect(await audit(client)).toEqual([]);
  });
});

describe('a group that is in the way of another transaction', () => {
  test.each(['40001', '40P01'])('is sold again after SQLSTATE %s', async (state) => {
    await client.query(`
      CREATE SEQUENCE stumbles;
      CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('stumbles') <= 2 THEN RAISE EXCEPTION 'stumbled' USING ERRCODE = '${state}'; END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER stumble BEFORE INSERT ON purchases FOR EACH STATEMENT EXECUTE FUNCTION stumble()`);
    const option = await offer(10);
    expect(codes(await Promise.all([buy(option, 4), buy(option, 5)]))).toEqual(['made', 'made']);
    expect(await counters(option)).toEqual({ remaining: 1, sold: 9 });
    const { rows } = await client.query<{ last_value: string }>('SELECT last_value FROM stumbles');
    expect(Number(rows[0]?.last_value)).toBeGreaterThan(2);
    await client.query('DROP TRIGGER stumble ON purchases; DROP FUNCTION stumble; DROP SEQUENCE stumbles');
  });

  test('is refused, with nothing changed, when the row stays locked for too long; and serves again afterwards', async () => {
    const option = await offer(10);
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM ticket_options WHERE id = $1 FOR UPDATE', [option]);
    const serve = jest.spyOn(nest.get(Turn), 'serve');
    expect(codes([await buy(option)])).toEqual(['database_unavailable']);
    // Ended by the time limit for locks, and not tried again.
    expect(serve).toHaveBeenCalledTimes(1);
    await expect(serve.mock.results[0]?.value).rejects.toMatchObject({ code: '55P03' });
    serve.mockRestore();
    await holder.query('ROLLBACK');
    await holder.end();
    expect(codes([await buy(option)])).toEqual(['made']);
    expect(await counters(option)).toEqual({ remaining: 9, sold: 1 });
  });
});

describe('sold out', () => {
  test.each([
    ['no limit per user', null],
    ['a limit per user', 4],
  ])('is answered without writing anything, with %s', async (_name, maxPerUser) => {
    const option = await offer(3, maxPerUser);
    const first = await Promise.all([buy(option, 3), buy(option, 1)]);
    expect(codes(first)).toEqual(['made', 'invalid_purchase_quantity']);
    await buy(option);
    // Where the row is, and who wrote or locked it last.
    const version = async (): Promise<unknown> => {
      const sql = 'SELECT ctid, xmin, xmax FROM ticket_options WHERE id = $1';
      return (await client.query(sql, [option])).rows;
    };
    const before = await version();
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => buy(option, 1 + (n % 3))));
    expect(new Set(codes(outcomes))).toEqual(new Set(['invalid_purchase_quantity']));
    expect(await version()).toEqual(before);
  });

  test('sells again as soon as there is something', async () => {
    const option = await offer(1, 4);
    await buy(option);
    expect(codes([await buy(option)])).toEqual(['invalid_purchase_quantity']);
    await client.query(
      `WITH counted AS (UPDATE event_counts SET allocation = allocation + 1 WHERE event_id = $2)
       UPDATE ticket_options SET allocation = 2, remaining = 1 WHERE id = $1`,
      [option, eventId],
    );
    expect(codes([await buy(option)])).toEqual(['made']);
  });
});

test('several options of one event are sold in one group, each in order of arrival', async () => {
  const [one, other] = [await offer(3), await offer(3, 2)];
  const user = newUser();
  const outcomes = await Promise.all([
    buy(one, 2),
    buy(other, 2, user),
    buy(other, 1, user),
    buy(one, 2),
    buy(one, 1),
    buy(other, 1),
    buy(newId(), 1),
  ]);
  expect(codes(outcomes)).toEqual([
    'made',
    'made',
    'user_limit_exceeded',
    'invalid_purchase_quantity',
    'made',
    'made',
    'not_found',
  ]);
  expect([await counters(one), await counters(other)]).toEqual([
    { remaining: 0, sold: 3 },
    { remaining: 0, sold: 3 },
  ]);
});

test.each([
  ['one statement', null],
  ['a transaction', 100],
])(
  'an order that comes a second time is its own success, and its neighbours are sold to (%s)',
  async (_way, limit) => {
    const option = await offer(10, limit);
    const items = [{ ticketOptionId: option, quantity: 3 }];
    const order = { id: newId(), eventId, userId: newUser(), items };
    const first = await nest.get(Allocation).buy(order);
    const again = await Promise.all([buy(option, 1), nest.get(Allocation).buy(order), buy(option, 2)]);
    expect(codes([first, ...again])).toEqual(['made', 'made', 'made', 'made']);
    expect(again[1]).toEqual(first);
    expect(await counters(option)).toEqual({ remaining: 4, sold: 6 });
    expect(await audit(client)).toEqual([]);
  },
);

describe('the database itself', () => {
  test.each([
    ['ck_ticket_options_remaining', 'remaining = -1, sold = 11'],
    ['ck_ticket_options_sold', 'remaining = 11, sold = -1'],
    ['ck_ticket_options_reserved', 'remaining = 11, reserved = -1'],
    ['ck_ticket_options_adds_up', 'remaining = 9'],
    ['ck_ticket_options_adds_up', 'sold = 2147483647'],
  ])('refuses a state that would be oversold (%s)', async (constraint, change) => {
    const option = await offer(10);
    await expect(
      client.query(`UPDATE ticket_options SET ${change} WHERE id = $1`, [option]),
    ).rejects.toMatchObject({
      code: '23514',
      constraint,
    });
  });

  test('sells the largest allocation there can be', async () => {
    const option = await offer(2_147_483_647);
    const outcomes = await Promise.all([
      buy(option, 2_147_483_647),
      buy(option, 2_147_483_647),
      buy(option, 1),
    ]);
    expect(codes(outcomes)).toEqual(['made', 'invalid_purchase_quantity', 'invalid_purchase_quantity']);
    expect(await counters(option)).toEqual({ remaining: 0, sold: 2_147_483_647 });
  });
});
