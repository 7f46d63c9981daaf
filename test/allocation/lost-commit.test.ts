import { Injectable } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';
import { Allocation } from '../../src/allocation/allocation';
import { Attempts } from '../../src/allocation/attempts';
import { audit } from '../../src/allocation/audit';
import type { Manner, OptionChanges } from '../../src/allocation/changes';
import type {
  ChargeResult,
  Job,
  Order,
  Outcome,
  PaymentState,
  TakeOrder,
  Task,
} from '../../src/allocation/orders';
import { StockHint } from '../../src/allocation/stock-hint';
import { Tasks } from '../../src/allocation/tasks';
import { Turn } from '../../src/allocation/turn';
import { type AppFactory, createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { Connections } from '../../src/database/connections';
import { DatabaseService } from '../../src/database/database.service';
import { newId } from '../../src/ids';
import { Blocker } from '../support/blocker';
import { createTestDatabase } from '../support/database';
import { type Cut, DatabaseProxy } from '../support/database-proxy';
import { stopFolding } from '../support/folding';
import { overriding } from '../support/overriding';
import { until } from '../support/paying';
import { type Answer, codeOf, newUser, Shop } from '../support/shop';

/** A way to take tickets: what is offered, what is asked for, and where the proxy recognises the moment of no return. */
interface Way {
  readonly cutAt: string;
  readonly ofEvent?: Record<string, unknown>;
  readonly take: (shop: Shop, options: readonly string[]) => Promise<Answer>;
}

const buyThree: Way['take'] = (shop, [option = '']) => shop.buy(option, 3);
const reserveThree: Way['take'] = (shop, options) =>
  shop.reserveAll(options.map((option, index) => ({ option, quantity: index + 1 })));

/** One statement, which is its own transaction. */
const PURCHASE: Way = { cutAt: 'take_all', take: buyThree };
/** The same, with a lock ahead of it in one flight. */
const KINDS: Way = { cutAt: 'COMMIT', take: reserveThree };
/** What is counted over an event is looked at before it is decided. */
const COUNTED_PURCHASE: Way = { cutAt: 'COMMIT', ofEvent: { max_tickets_per_user: 100 }, take: buyThree };
const COUNTED_KINDS: Way = { cutAt: 'COMMIT', ofEvent: { max_tickets_per_user: 100 }, take: reserveThree };

/** Retries as many services do: the same wish, but as a new purchase. */
@Injectable()
class BuyAgain extends Attempts {
  constructor(
    private readonly again: Turn,
    connections: Connections,
  ) {
    super(again, connections);
  }

  override async serve(jobs: readonly Job[], hint: StockHint): Promise<Outcome[]> {
    const [order] = jobs as readonly [Order];
    return this.again.serve([order], hint).catch(() => this.again.serve([{ ...order, id: newId() }], hint));
  }
}

interface Cutting {
  readonly nest: NestFastifyApplication;
  readonly shop: Shop;
  readonly client: Client;
  readonly proxy: DatabaseProxy;
  /** Of the database, not by way of the proxy. */
  readonly url: string;
}

/** Runs `work` with a service whose connections to its database can be cut. */
async function withProxy<T>(work: (cutting: Cutting) => Promise<T>, create?: AppFactory): Promise<T> {
  const database = await createTestDatabase();
  const proxy = await DatabaseProxy.open(database.url);
  // What is cut is the turn's connection, so nobody else must be at the database.
  const idle = { SWEEP_INTERVAL_SECONDS: '0', AUDIT_INTERVAL_SECONDS: '0' };
  const config = loadConfig({ LOG_LEVEL: 'silent', ...idle });
  const { nest } = await createApp(config, proxy.url, create);
  stopFolding({ nest });
  await nest.listen(0, '127.0.0.1');
  await nest.get(DatabaseService).start();
  const shop = new Shop(await nest.getUrl());
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return await work({ nest, shop, client, proxy, url: database.url });
  } finally {
    shop.close();
    await client.end();
    await nest.close();
    await proxy.close();
    await database.drop();
  }
}

/** Takes 3 of 20 tickets while the connection is cut; answers what came back and what is in the tables. */
function takeWhileCut(
  way: Way,
  how: Cut,
  { create, silentAfterwards = false }: { create?: AppFactory; silentAfterwards?: boolean } = {},
) {
  return withProxy(async ({ shop, client, proxy }) => {
    const event = await shop.announce(way.ofEvent);
    const options = [
      await shop.offer({ allocation: 10 }, event),
      await shop.offer({ allocation: 10 }, event),
    ];
    for (const option of options) await shop.buy(option, 1); // the process knows them now
    proxy.cutAt(way.cutAt, how, { silentAfterwards });
    const answer = await way.take(shop, options);
    const { rows } = await client.query<{ id: string; tickets: number }>(
      `SELECT id, quantity AS tickets FROM purchases WHERE quantity <> 1
        UNION ALL
       SELECT id, (SELECT sum(q)::integer FROM unnest(quantities) AS q) FROM reservations`,
    );
    const counters = await client.query<{ taken: number }>(
      'SELECT sum(sold + reserved)::integer AS taken FROM ticket_options',
    );
    return {
      cuts: proxy.cuts,
      status: answer.status,
      error: answer.body.errors?.[0],
      ids: rows.map(({ id }) => id),
      isThere: rows.some(({ id }) => id === answer.body.data?.id),
      tickets: rows.map(({ tickets }) => tickets),
      taken: counters.rows[0]?.taken,
      differences: await audit(client),
    };
  }, create);
}

/** Orders of three events are served together while the connection is cut. @returns what was answered, and what is in the tables */
function takeTogetherWhileCut(how: Cut, create?: AppFactory) {
  return withProxy(async ({ nest, shop, client, proxy }) => {
    const hint = new StockHint();
    const attempts = nest.get(Attempts);
    const groups: Order[][] = [];
    for (let n = 0; n < 3; n += 1) {
      const eventId = await shop.announce();
      const items = [{ ticketOptionId: await shop.offer({ allocation: 10 }, eventId), quantity: 1 }];
      const order = (): Order => ({ kind: 'buy', id: newId(), eventId, userId: newUser(), items });
      await attempts.serve([order()], hint); // looked at, so that it is known
      groups.push([order(), order()]);
    }
    proxy.cutAt('COMMIT', how);
    const outcomes = await attempts.serveTogether(groups, hint);
    const ids = groups.flat().map(({ id }) => id);
    const { rows } = await client.query<{ purchases: number; acknowledged: number }>(
      'SELECT count(*)::integer AS purchases, count(*) FILTER (WHERE id = ANY ($1))::integer AS acknowledged FROM purchases',
      [ids],
    );
    return {
      cuts: proxy.cuts,
      made: outcomes.flat().filter((outcome) => outcome?.made !== undefined).length,
      ...rows[0],
      differences: await audit(client),
    };
  }, create);
}

/** Changes a name by the version that it was read with, while the connection is cut. */
function changeWhileCut(how: Cut, create?: AppFactory) {
  return withProxy(async ({ shop, proxy }) => {
    const option = await shop.offer({ allocation: 10 });
    const { headers } = await shop.get(`/ticket_options/${option}`);
    proxy.cutAt('COMMIT', how);
    const changed = await shop.change(option, { name: 'Other' }, String(headers['etag']));
    const { body } = await shop.get(`/ticket_options/${option}`);
    return { cuts: proxy.cuts, code: codeOf(changed), name: body.data?.attributes['name'] };
  }, create);
}

/**
 * Somebody extends a reservation and somebody else pays it, in one turn, while its connection is cut: they arrive while a
 * sale of the same event waits for a lock.
 */
function extendAndPayWhileCut(how: Cut, create?: AppFactory) {
  return withProxy(async ({ nest, shop, proxy, url }) => {
    const event = await shop.announce();
    const free = await shop.offer({ allocation: 10 }, event);
    const option = await shop.offer({ allocation: 10, price_cents: 700 }, event);
    const { body: reserved } = await shop.reserve(option, 1);
    const { id = '', attributes } = reserved.data ?? {};
    await shop.buy(free, 1); // the process knows it now
    const blocker = await Blocker.block(url, event, 'locking');
    const first = shop.buy(free, 1);
    await blocker.caught();
    const later = new Date(Date.parse(String(attributes?.['expires_at'])) + 1_000);
    const allocation = nest.get(Allocation);
    const extending = shop.extend(id, later);
    await until(() => allocation.state.waiting === 1, 'the extension waits');
    const paying = shop.pay(id);
    await until(() => allocation.state.waiting === 2, 'the payment waits behind it');
    proxy.cutAt('COMMIT', how);
    await blocker.end();
    const extended = await extending;
    const { body } = await shop.get(`/reservations/${id}`);
    await Promise.all([first, paying]);
    return {
      cuts: proxy.cuts,
      code: codeOf(extended),
      isLater: body.data?.attributes['expires_at'] === later.toISOString(),
    };
  }, create);
}

/** Extends without a key of its own. */
@Injectable()
class ExtendsWithoutKeys extends Turn {
  override serveAgain(orders: readonly [Order, ...Order[]], hint: StockHint) {
    const [first, ...rest] = orders.map((order): Order =>
      order.kind === 'extend' ? { ...order, key: undefined } : order,
    );
    return super.serveAgain([first ?? orders[0], ...rest], hint);
  }
}

/** Does not recognise what it has changed itself. */
@Injectable()
class WithoutKeys extends Tasks {
  override changeOption(eventId: string, id: string, changes: OptionChanges, { onlyIf }: Manner): Task {
    return super.changeOption(eventId, id, changes, { onlyIf });
  }
}

const ONCE = { cuts: 1, status: 201, isThere: true, tickets: [3], taken: 5, differences: [] };

describe('a connection that dies while it commits', () => {
  test.each(
    Object.entries({ PURCHASE, KINDS, COUNTED_PURCHASE, COUNTED_KINDS }).flatMap(([name, way]) => [
      [name, 'before it is sent', way, 'before'] as const,
      [name, 'after it is done', way, 'after'] as const,
      [name, 'with its server, which panics', way, 'panic'] as const,
      [name, 'which arrives late', way, 'late'] as const,
    ]),
  )('takes once and says so: %s, %s', async (_name, _when, way, how) => {
    expect(await takeWhileCut(way, how)).toMatchObject(ONCE);
  });

  test.each([
    ['purchase_id', PURCHASE],
    ['reservation_id', KINDS],
  ])('is answered 503 with the %s to look for when the database stays away', async (member, way) => {
    const { status, error, ids } = await takeWhileCut(way, 'after', { silentAfterwards: true });
    expect(status).toBe(503);
    expect(error).toMatchObject({ code: 'outcome_unknown', meta: { [member]: expect.anything() as string } });
    // Whether it was taken or not: this is where to look.
    expect(ids.filter((id) => id !== error?.meta?.[member])).toEqual([]);
  });

  test('negative control: a retry that does not recognise itself sells twice', async () => {
    const result = await takeWhileCut(PURCHASE, 'after', { create: overriding(Attempts, BuyAgain) });
    expect(result).not.toMatchObject(ONCE);
    expect(result.tickets).toEqual([3, 3]);
  });
});

/** Retries the groups of several events as new purchases. */
@Injectable()
class BuyTogetherAgain extends Attempts {
  constructor(
    private readonly again: Turn,
    connections: Connections,
  ) {
    super(again, connections);
  }

  override async serveTogether(groups: readonly (readonly Job[])[], hint: StockHint) {
    const takes = groups as unknown as (readonly [TakeOrder, ...TakeOrder[]])[];
    const anew = takes.map(([first, ...rest]) =>
      [first, ...rest].map((order) => ({ ...order, id: newId() })),
    );
    return this.again
      .serveTogether(takes, hint)
      .catch(() => this.again.serveTogether(anew as unknown as typeof takes, hint));
  }
}

describe('a turn for several events, whose connection dies while it commits', () => {
  const EACH_ONCE = { cuts: 1, made: 6, purchases: 9, acknowledged: 6, differences: [] };

  test.each(['before', 'after', 'late'] as const)('sells once and says so: %s', async (how) => {
    expect(await takeTogetherWhileCut(how)).toEqual(EACH_ONCE);
  });

  test('negative control: a retry that does not recognise itself sells twice', async () => {
    const result = await takeTogetherWhileCut('after', overriding(Attempts, BuyTogetherAgain));
    expect(result).toMatchObject({ made: 6, purchases: 15 });
  });
});

describe('an extension, whose connection dies while it commits, of a reservation that somebody pays in the same turn', () => {
  const DONE = { cuts: 1, code: '200', isLater: true };

  test.each(['before', 'after', 'late'] as const)('is made once and says so: %s', async (how) => {
    expect(await extendAndPayWhileCut(how)).toEqual(DONE);
  });

  test('negative control: without a key of its own it is refused for what came behind it', async () => {
    const result = await extendAndPayWhileCut('after', overriding(Turn, ExtendsWithoutKeys));
    expect(result).toEqual({ ...DONE, code: 'reservation_in_payment' });
  });
});

/**
 * A payment begins, and nobody hears of it: it is called off when its lease is over, and somebody else pays the reservation. Then
 * the first is sent again.
 */
function payAgainWhenOvertaken(create?: AppFactory) {
  return withProxy(async ({ nest, shop }) => {
    const eventId = await shop.announce();
    const option = await shop.offer({ allocation: 10, price_cents: 700 }, eventId);
    const { body } = await shop.reserve(option, 1);
    const of = { eventId, reservationId: body.data?.id ?? '', ticketOptionIds: [option], leaseMs: 60_000 };
    const attempt = () => ({ ...of, id: newId(), purchaseIds: [newId()] });
    const [first, second] = [attempt(), attempt()];
    const pay = (which: typeof first): Order => ({ ...which, kind: 'pay', currency: 'EUR' });
    const settle = (which: typeof first, charge: ChargeResult): Order => ({
      ...{ ...which, kind: 'settle', charge, refundId: newId() },
    });
    const [turn, hint] = [nest.get(Turn), new StockHint()];
    await turn.serve([pay(first)], hint);
    await turn.serve([settle(first, { succeeded: false, failureCode: 'voided' })], hint);
    await turn.serve([pay(second)], hint);
    await turn.serve([settle(second, { succeeded: true })], hint);
    const [again] = await turn.serveAgain([pay(first)], hint);
    const { payment } = (again?.made ?? {}) as { payment?: PaymentState };
    return payment?.id === first.id ? payment.failureCode : (again?.refused?.[0].code ?? again);
  }, create);
}

/** Takes what was sent before for new. */
@Injectable()
class ServesAsNew extends Turn {
  override serveAgain(orders: readonly [Order, ...Order[]], hint: StockHint) {
    return super.serve(orders, hint);
  }
}

describe('a payment whose COMMIT was not heard of, called off and overtaken by another one', () => {
  test('recognises itself', async () => {
    expect(await payAgainWhenOvertaken()).toBe('voided');
  });

  test('negative control: taken for new it is refused for what the other one did', async () => {
    expect(await payAgainWhenOvertaken(overriding(Turn, ServesAsNew))).toBe('reservation_paid');
  });
});

describe('a change by a version, whose connection dies while it commits', () => {
  const DONE = { cuts: 1, code: '200', name: 'Other' };

  test.each(['before', 'after', 'late'] as const)('is made once and says so: %s', async (how) => {
    expect(await changeWhileCut(how)).toEqual(DONE);
  });

  test('negative control: without a key of its own it is refused for what it did itself', async () => {
    const result = await changeWhileCut('after', overriding(Tasks, WithoutKeys));
    expect(result).toEqual({ ...DONE, code: 'precondition_failed' });
  });
});
