import { randomUUID } from 'node:crypto';
import { countFigures } from '../bench/count-figures';
import { withClient } from '../bench/databases';
import { reserveForMany } from '../bench/expiring-holds';
import { fillWithReservations } from '../bench/listed-reservations';
import { reserveToPay } from '../bench/payable-reservations';
import { busiestDay, fillWithPurchases } from '../bench/sold-tickets';
import { auditOf } from '../bench/verify';
import { createTestDatabase, type TestDatabase } from './support/database';

/** The benchmark writes by itself what would take the service too long: with the same books as the service. */
describe('what the benchmark makes up', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  /** An option of an event of its own. */
  async function makeOption(maxPerUser: number | null = null): Promise<string> {
    const [event, option] = [randomUUID(), randomUUID()];
    await withClient(database.url, async (client) => {
      await client.query(
        `INSERT INTO events (id, name, created_at, updated_at) VALUES ($1, 'Hot', now(), now())`,
        [event],
      );
      await client.query(
        `INSERT INTO ticket_options (id, event_id, name, allocation, remaining, price_cents, max_per_user, counts_users, created_at, updated_at)
         VALUES ($1, $2, 'Hot', 100000, 100000, 2500, $3, $3::integer IS NOT NULL, now(), now())`,
        [option, event, maxPerUser],
      );
      await countFigures(client);
    });
    return option;
  }

  it('is sound when reservations are about to run out', async () => {
    await reserveForMany(database.url, await makeOption(4), { users: 300, aheadSeconds: 600 });
    expect(await auditOf(database.url)).toEqual([]);
  });

  it('is sound when reservations are there to be listed', async () => {
    // Those of the last half hour, of which some were never paid.
    await fillWithReservations(database.url, [await makeOption()], 60_000);
    expect(await auditOf(database.url)).toEqual([]);
  });

  it('is sound when reservations are there to be paid', async () => {
    const { head, count } = await reserveToPay(database.url, await makeOption(), 300);
    expect(await auditOf(database.url)).toEqual([]);
    const { rows } = await withClient(database.url, (client) =>
      client.query<{ id: string }>('SELECT id FROM reservations ORDER BY id'),
    );
    const ids = Array.from({ length: count }, (_, n) => head + n.toString(16).padStart(8, '0'));
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  it('is sound when tickets were sold for months, and loses no index', async () => {
    const indexes = (): Promise<string[]> =>
      withClient(database.url, async (client) => {
        const { rows } = await client.query<{ definition: string }>(
          `SELECT indexdef AS definition FROM pg_indexes WHERE tablename = 'purchases'
            UNION ALL
           SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'purchases'::regclass
            ORDER BY 1`,
        );
        return rows.map(({ definition }) => definition);
      });
    const before = await indexes();
    await fillWithPurchases(database.url, 5_000);
    expect(await indexes()).toEqual(before);
    expect(await auditOf(database.url)).toEqual([]);
    const { from, to } = await busiestDay(database.url);
    expect(to.getTime() - from.getTime()).toBe(86_400_000);
    expect(to.getTime()).toBeLessThan(Date.now() + 86_400_000);
  });
});
