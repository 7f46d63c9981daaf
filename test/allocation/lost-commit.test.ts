import { Injectable } from '@nestjs/common';
import { Client } from 'pg';
import { Attempts } from '../../src/allocation/attempts';
import { audit } from '../../src/allocation/audit';
import type { Job, Order, Outcome } from '../../src/allocation/orders';
import { StockHint } from '../../src/allocation/stock-hint';
import { Turn } from '../../src/allocation/turn';
import { type AppFactory, createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { Connections } from '../../src/database/connections';
import { DatabaseService } from '../../src/database/database.service';
import { newId } from '../../src/ids';
import { createTestDatabase } from '../support/database';
import { type Cut, DatabaseProxy } from '../support/database-proxy';
import { overriding } from '../support/overriding';
import { Shop } from '../support/shop';

/** The names by which the proxy recognises the moment of no return on each of the two ways to sell. */
const ONE_STATEMENT = { text: 'take_for_all', attributes: {} };
const TRANSACTION = { text: 'COMMIT', attributes: { max_per_user: 100 } };

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

/** Buys 3 of 10 tickets while the connection is cut; answers what came back and what is in the tables. */
async function buyWhileCut(
  way: { text: string; attributes: Record<string, unknown> },
  how: Cut,
  { create, silentAfterwards = false }: { create?: AppFactory; silentAfterwards?: boolean } = {},
) {
  const database = await createTestDatabase();
  const proxy = await DatabaseProxy.open(database.url);
  const { nest } = await createApp(loadConfig({ LOG_LEVEL: 'silent' }), proxy.url, create);
  await nest.listen(0, '127.0.0.1');
  await nest.get(DatabaseService).start();
  const shop = new Shop(await nest.getUrl());
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const option = await shop.offer({ allocation: 10, ...way.attributes });
    await shop.buy(option, 1);
    proxy.cutAt(way.text, how, { silentAfterwards });
    const answer = await shop.buy(option, 3);
    const { rows } = await client.query<{ id: string; quantity: number }>(
      'SELECT id, quantity FROM purchases',
    );
    const sold = await client.query<{ sold: number }>('SELECT sold FROM ticket_options');
    return {
      cuts: proxy.cuts,
      status: answer.status,
      error: answer.body.errors?.[0],
      ids: rows.map(({ id }) => id),
      isThere: rows.some(({ id }) => id === answer.body.data?.id),
      purchases: rows.map(({ quantity }) => quantity).sort(),
      sold: sold.rows[0]?.sold,
      differences: await audit(client),
    };
  } finally {
    shop.close();
    await client.end();
    await nest.close();
    await proxy.close();
    await database.drop();
  }
}

const ONCE = { cuts: 1, status: 201, isThere: true, purchases: [1, 3], sold: 4, differences: [] };

describe('a connection that dies while it commits', () => {
  test.each([
    ['one statement', 'before it is sent', ONE_STATEMENT, 'before'],
    ['one statement', 'after it is done', ONE_STATEMENT, 'after'],
    ['one statement', 'which arrives late', ONE_STATEMENT, 'late'],
    ['a transaction', 'before it is sent', TRANSACTION, 'before'],
    ['a transaction', 'after it is done', TRANSACTION, 'after'],
    ['a transaction', 'which arrives late', TRANSACTION, 'late'],
  ] as const)('sells once and says so: %s, %s', async (_way, _when, way, how) => {
    expect(await buyWhileCut(way, how)).toMatchObject(ONCE);
  });

  test('is answered 503 with the id to look for when the database stays away', async () => {
    const { status, error, ids, purchases } = await buyWhileCut(ONE_STATEMENT, 'after', {
      silentAfterwards: true,
    });
    expect(status).toBe(503);
    expect(error).toMatchObject({
      code: 'outcome_unknown',
      meta: { purchase_id: expect.anything() as string },
    });
    // It was sold, and this is where to look.
    expect(purchases).toEqual([1, 3]);
    expect(ids).toContain(error?.meta?.['purchase_id']);
  });

  test('negative control: a retry that does not recognise itself sells twice', async () => {
    const result = await buyWhileCut(ONE_STATEMENT, 'after', { create: overriding(Attempts, BuyAgain) });
    expect(result).not.toMatchObject(ONCE);
    expect(result.purchases).toEqual([1, 3, 3]);
  });
});
