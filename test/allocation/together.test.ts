import { Injectable } from '@nestjs/common';
import { Client } from 'pg';
import { Allocation } from '../../src/allocation/allocation';
import { audit } from '../../src/allocation/audit';
import { LANE_LIMITS } from '../../src/allocation/lanes';
import type { Order, Outcome, TakeOrder } from '../../src/allocation/orders';
import type { StockHint } from '../../src/allocation/stock-hint';
import { lockTogether } from '../../src/allocation/take-together';
import { Turn } from '../../src/allocation/turn';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { arrayOf, query } from '../../src/database/sql';
import { createTestDatabase } from '../support/database';
import { lockWaits } from '../support/lock-waits';
import { overriding } from '../support/overriding';
import { until } from '../support/paying';
import { type Answer, codeOf, newUser, Shop } from '../support/shop';

/* Orders of many events that one turn serves together. */

/** How many events each turn for several had, and how many of them nothing came of. */
const turns: { events: number; left: number }[] = [];

/** What keeps the orders of one event waiting in the middle of their turn. */
class Gate {
  /** Whether somebody waits. */
  isReached = false;
  open = (): void => undefined;
  private readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });

  pass(): Promise<void> {
    this.isReached = true;
    return this.opened;
  }
}

@Injectable()
class WatchedTurn extends Turn {
  static gate: Gate | undefined;

  override async serve(orders: readonly [Order, ...Order[]], hint: StockHint): Promise<Outcome[]> {
    await WatchedTurn.gate?.pass();
    return super.serve(orders, hint);
  }

  override async serveTogether(
    groups: readonly (readonly [TakeOrder, ...TakeOrder[]])[],
    hint: StockHint,
  ): Promise<(Outcome[] | null)[]> {
    const outcomes = await super.serveTogether(groups, hint);
    turns.push({ events: groups.length, left: outcomes.filter((each) => each === null).length });
    return outcomes;
  }
}

let shop: Shop;
/** Another instance on the same database. */
let elsewhere: Shop;
let allocation: Allocation;
let database: Client;
let url: string;
let close: () => Promise<void>;

async function start(url: string, turn: typeof Turn) {
  // One lane: whoever comes while its turn is held waits together with the others.
  const config = loadConfig({ LOG_LEVEL: 'silent', ALLOCATION_LANES: '1', SWEEP_INTERVAL_SECONDS: '0' });
  const { nest } = await createApp(config, url, overriding(Turn, turn));
  await nest.listen(0, '127.0.0.1');
  await nest.get(DatabaseService).start();
  return { nest, shop: new Shop(await nest.getUrl()) };
}

beforeAll(async () => {
  const own = await createTestDatabase();
  ({ url } = own);
  database = new Client({ connectionString: url });
  await database.connect();
  // Requests that come one by one wait for each other here, however long that takes.
  jest.replaceProperty(LANE_LIMITS, 'maxWaitMs', 60_000);
  const [here, there] = [await start(own.url, WatchedTurn), await start(own.url, Turn)];
  [shop, elsewhere] = [here.shop, there.shop];
  allocation = here.nest.get(Allocation);
  close = async () => {
    for (const each of [here, there]) {
      each.shop.close();
      await each.nest.close();
    }
    await database.end();
    await own.drop();
  };
});
afterAll(() => close());
beforeEach(() => {
  turns.length = 0;
});

/** Creates an option of an event of its own, of which the process has sold a ticket already. */
async function known(attributes: Record<string, unknown> = {}, ofEvent?: Record<string, unknown>) {
  const event = await shop.announce(ofEvent);
  const option = await shop.offer({ allocation: 10, ...attributes }, event);
  const first = await shop.reserve(option, 1);
  expect(first.status).toBe(201);
  return { event, option };
}

/** Holds the only lane until all of these requests wait for it. @returns their answers */
async function atOnce(requests: readonly (() => Promise<Answer>)[]): Promise<Answer[]> {
  const { option } = await known();
  const gate = new Gate();
  WatchedTurn.gate = gate;
  try {
    const held = shop.buy(option, 1);
    await until(() => gate.isReached, 'the lane waits');
    const answers: Promise<Answer>[] = [];
    for (const request of requests) {
      answers.push(request());
      await until(() => allocation.state.waiting === answers.length, 'it waits');
    }
    gate.open();
    expect((await held).status).toBe(201);
    return await Promise.all(answers);
  } finally {
    WatchedTurn.gate = undefined;
    gate.open();
  }
}

async function differences(): Promise<string[]> {
  return (await audit(database)).map(({ sentence }) => sentence);
}

const now = Date.now();
const at = (ms: number): string => new Date(now + ms).toISOString();

test('twenty events sell in one turn', async () => {
  const offers = [];
  for (let n = 0; n < 20; n += 1) offers.push(await known());
  const users = offers.map(() => newUser());
  const answers = await atOnce(
    offers.map(
      ({ option }, n) =>
        () =>
          shop.buy(option, 1 + (n % 3), users[n]),
    ),
  );
  expect(turns).toEqual([{ events: 20, left: 0 }]);
  expect(answers.map(({ status }) => status)).toEqual(offers.map(() => 201));
  for (const [n, { body }] of answers.entries()) {
    const { rows } = await database.query(
      `SELECT ticket_option_id, user_id, quantity, created_at,
              (SELECT sold FROM event_counts WHERE event_id = p.event_id)::integer AS sold
         FROM purchases AS p WHERE id = $1`,
      [body.data?.id],
    );
    const createdAt = new Date(String(body.data?.attributes['created_at']));
    const quantity = 1 + (n % 3);
    expect(rows).toEqual([
      {
        ticket_option_id: offers[n]?.option,
        user_id: users[n],
        quantity,
        created_at: createdAt,
        sold: quantity,
      },
    ]);
  }
  expect(await differences()).toEqual([]);
});

test('purchases and reservations, with limits, prices and keys, side by side', async () => {
  const [plain, limited, priced, both, keyed, held] = [
    await known(),
    await known({ max_per_user: 3 }),
    await known({ price_cents: 2_500 }),
    await known({ max_per_user: 3 }),
    await known(),
    await known({ max_per_user: 3, price_cents: 100 }),
  ];
  const user = newUser();
  const answers = await atOnce([
    () => shop.buy(plain.option, 2),
    () => shop.buy(limited.option, 3, user),
    () => shop.reserve(priced.option, 2),
    () => shop.buy(both.option, 1, user),
    () => shop.reserve(both.option, 2, user),
    () => shop.buy(keyed.option, 1, user, 'side-by-side'),
    () => shop.reserve(held.option, 3, user),
  ]);
  expect(turns).toEqual([{ events: 6, left: 0 }]);
  expect(answers.map(codeOf)).toEqual(answers.map(() => '201'));
  const again = await shop.buy(keyed.option, 1, user, 'side-by-side');
  expect(again.body.data?.id).toBe(answers[5]?.body.data?.id);
  const reserved = await shop.get(`/reservations/${answers[4]?.body.data?.id ?? ''}`);
  expect(reserved.body.data?.attributes).toEqual(answers[4]?.body.data?.attributes);
  expect(codeOf(await shop.buy(both.option, 1, user))).toBe('user_limit_exceeded');
  expect(codeOf(await shop.reserve(held.option, 1, user))).toBe('user_limit_exceeded');
  expect(await differences()).toEqual([]);
});

test('whoever cannot be served is refused for its own reason, and costs the others nothing', async () => {
  const offers = [await known(), await known(), await known()];
  const few = await known({ allocation: 2 });
  const over = await known();
  await shop.change(over.option, { sales_end_at: at(-1_000) });
  const early = await known();
  await shop.change(early.option, { sales_start_at: at(3_600_000) });
  const dear = await known();
  await shop.change(dear.option, { price_cents: 100 });
  const small = await known({ max_per_order: 2 });
  const limited = await known({ max_per_user: 2 });
  const greedy = newUser();
  await shop.buy(limited.option, 1, greedy);
  const off = await known();
  await shop.changeEvent(off.event, { status: 'cancelled' });
  const used = await known();
  await shop.buy(offers[0]?.option ?? '', 1, greedy, 'used-elsewhere');

  const answers = await atOnce([
    ...offers.map(
      ({ option }) =>
        () =>
          shop.buy(option, 1),
    ),
    () => shop.buy(few.option, 1),
    () => shop.buy(few.option, 1),
    () => shop.buy(over.option, 1),
    () => shop.buy(early.option, 1),
    () => shop.buy(dear.option, 1),
    () => shop.buy(small.option, 3),
    () => shop.buy(limited.option, 2, greedy),
    () => shop.buy(limited.option, 2),
    () => shop.buy(off.option, 1),
    () => shop.buy(used.option, 1),
  ]);
  expect(answers.map(codeOf)).toEqual([
    ...['201', '201', '201'],
    ...['201', 'invalid_purchase_quantity'],
    ...['sales_ended', 'sales_not_started', 'payment_required', 'order_limit_exceeded'],
    ...['user_limit_exceeded', '201', 'event_cancelled', '201'],
  ]);
  expect(turns[0]).toEqual({ events: 11, left: 7 });
  expect(await differences()).toEqual([]);
});

test('a key that another instance knows is found by the turn, and its request is answered as there', async () => {
  const [other, keyed] = [await known(), await known()];
  const user = newUser();
  const first = await elsewhere.buy(keyed.option, 1, user, 'known-key');
  const answers = await atOnce([
    () => shop.buy(other.option, 1),
    () => shop.buy(keyed.option, 1, user, 'known-key'),
  ]);
  expect(turns).toEqual([{ events: 2, left: 1 }]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(answers[1]?.body.data?.id).toBe(first.body.data?.id);
  expect(await differences()).toEqual([]);
});

test('options that have never been looked at are sold together too, limits and all', async () => {
  const offer = async (attributes: Record<string, unknown> = {}) =>
    shop.offer({ allocation: 10, ...attributes }, await shop.announce());
  const [plain, limited, dear] = [
    await offer(),
    await offer({ max_per_user: 2 }),
    await offer({ price_cents: 100 }),
  ];
  const user = newUser();
  const answers = await atOnce([
    () => shop.buy(plain, 1),
    () => shop.buy(limited, 2, user),
    () => shop.reserve(dear, 1),
  ]);
  expect(answers.map(codeOf)).toEqual(['201', '201', '201']);
  // What has a price is not known to have one.
  expect(turns).toEqual([{ events: 3, left: 1 }]);
  const again = await atOnce([
    () => shop.buy(plain, 1),
    () => shop.buy(limited, 1, user),
    () => shop.reserve(plain, 2),
  ]);
  expect(again.map(codeOf)).toEqual(['201', 'user_limit_exceeded', '201']);
  expect(turns[1]).toEqual({ events: 2, left: 1 });
  expect(await differences()).toEqual([]);
});

/** Another session, for as long as `work` needs it. */
async function withSession<T>(work: (session: Client) => Promise<T>): Promise<T> {
  const session = new Client({ connectionString: url });
  await session.connect();
  return work(session).finally(() => session.end());
}

test.each([
  ['ticket_options', 'id', { ticket_options: 3, event_counts: 4 }],
  ['event_counts', 'event_id', { ticket_options: 0, event_counts: 3 }],
])(
  'locks all options and then all counts, in the order of their ids: the first of %s',
  async (table, id, free) => {
    const shops = [await known(), await known(), await known(), await known()];
    const [options, events] = [shops.map(({ option }) => option), shops.map(({ event }) => event)];
    const [least] = (table === 'ticket_options' ? options : events).toSorted();
    // Not in the order of their ids, whichever they are.
    for (const ids of [options, events]) ids.sort().reverse();
    const unlocked = (watcher: Client) => async (what: string, column: string, ids: readonly string[]) =>
      (await watcher.query(`SELECT FROM ${what} WHERE ${column} = ANY ($1) FOR UPDATE SKIP LOCKED`, [ids]))
        .rows.length;
    await withSession((turn) =>
      withSession(async (watcher) => {
        const count = unlocked(watcher);
        const counts = async () => ({
          ticket_options: await count('ticket_options', 'id', options),
          event_counts: await count('event_counts', 'event_id', events),
        });
        await database.query('BEGIN');
        await database.query(`SELECT FROM ${table} WHERE ${id} = $1 FOR UPDATE`, [least]);
        await turn.query('BEGIN');
        const locking = query(turn, lockTogether, [arrayOf(events), arrayOf(options)]);
        await until(async () => (await lockWaits(database)) === 1, 'it waits for the first');
        expect(await counts()).toEqual(free);
        await database.query('COMMIT');
        expect(await locking).toEqual([{ counted: 4 }]);
        expect(await counts()).toEqual({ ticket_options: 0, event_counts: 0 });
        await turn.query('COMMIT');
      }),
    );
  },
);
