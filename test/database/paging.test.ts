import fc from 'fast-check';
import { Client } from 'pg';
import { cut, cutOfOwner, readSlice, type Slice, type SortKey, Values } from '../../src/database/paging';
import { createTestDatabase, type TestDatabase } from '../support/database';

interface Row {
  id: string;
  name: string;
  at: Date | null;
  owner: string;
}

const KEYS = {
  name: { sql: 'name', type: 'text' },
  at: { sql: `coalesce(at, 'infinity')`, type: 'timestamptz', ifNull: 'infinity' },
} as const;

const uuid = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const ROWS = Array.from({ length: 40 }, (_, n): Row => ({
  id: uuid(n * 2 + 1), // there are ids between them that nothing has
  name: ['a', 'B', 'b', 'ä', ''][(n * 7) % 5] ?? '',
  at: n % 4 === 0 ? null : new Date(Date.UTC(2026, 0, 1 + ((n * 5) % 3), 0, 0, 0, n % 2)),
  owner: uuid(900 + (n % 3)),
}));

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('CREATE TABLE paged (id uuid, name text COLLATE "C", at timestamptz(3), owner uuid)');
  for (const { id, name, at, owner } of ROWS)
    await client.query('INSERT INTO paged VALUES ($1, $2, $3, $4)', [id, name, at, owner]);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

interface Key {
  readonly by: 'name' | 'at';
  readonly descending: boolean;
}
interface Order {
  readonly keys: readonly Key[];
  readonly descending: boolean;
}

/** The order that a list should have, told in JavaScript. */
function compare(a: Row, b: Row, { keys, descending }: Order): number {
  for (const key of keys) {
    const [x, y] = [a, b].map((row) =>
      key.by === 'at' ? (row.at?.getTime() ?? Infinity) : Buffer.from(row.name),
    );
    const sign = Buffer.isBuffer(x) && Buffer.isBuffer(y) ? x.compare(y) : Math.sign(Number(x) - Number(y));
    if (sign !== 0 && !Number.isNaN(sign)) return key.descending ? -sign : sign;
  }
  const sign = a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  return descending ? -sign : sign;
}

/** What a slice should hold. */
function expected(rows: readonly Row[], order: Order, place: Row | undefined, back: boolean, size: number) {
  const sorted = rows.toSorted((a, b) => compare(a, b, order));
  const beyond = sorted.filter(
    (row) => place === undefined || compare(row, place, order) * (back ? -1 : 1) > 0,
  );
  return {
    ids: (back ? beyond.slice(-size) : beyond.slice(0, size)).map(({ id }) => id),
    hasMore: beyond.length > size,
  };
}

const somewhere = fc.record({
  id: fc.integer({ min: 0, max: 81 }).map(uuid),
  name: fc.constantFrom('a', 'B', 'b', 'ä', '', 'c'),
  at: fc.constantFrom(...ROWS.map(({ at }) => at), new Date(0)),
  owner: fc.constant(''),
});
const key = fc.record({ by: fc.constantFrom('name' as const, 'at' as const), descending: fc.boolean() });
const orders = fc.record({
  keys: fc.uniqueArray(key, { maxLength: 2, selector: ({ by }) => by }),
  descending: fc.boolean(),
});
const slices = {
  place: fc.option(fc.oneof(fc.constantFrom(...ROWS), somewhere), { nil: undefined }),
  back: fc.boolean(),
  size: fc.integer({ min: 1, max: 45 }),
};

function sliceAt(
  position: readonly (string | Date | null)[] | undefined,
  back: boolean,
  size: number,
): Slice {
  if (position === undefined) return { size };
  return back ? { size, before: position } : { size, after: position };
}

describe('a slice of a list', () => {
  test('is what a sorted array has there, in any order, from any place, in either direction', async () => {
    await fc.assert(
      fc.asyncProperty(orders, slices.place, slices.back, slices.size, async (order, place, back, size) => {
        const keys: SortKey[] = order.keys.map(({ by, descending }) => ({ ...KEYS[by], descending }));
        keys.push({ sql: 'id', type: 'uuid', descending: order.descending });
        const position = place && [...order.keys.map(({ by }) => place[by]), place.id];
        const slice = sliceAt(position, back, size);
        const values = new Values();
        const { beyond, orderBy, limit } = cut(keys, slice, values);
        const text = `SELECT id FROM paged WHERE ${beyond} ORDER BY ${orderBy} LIMIT ${limit}`;
        const { items, hasMore } = await readSlice<{ id: string }>(client, 'paged', text, values, slice);
        const inJavaScript = expected(ROWS, order, place, back && place !== undefined, size);
        expect({ ids: items.map(({ id }) => id), hasMore }).toEqual(inJavaScript);
      }),
      { numRuns: 500 },
    );
  });

  test('of one owner has nobody else’s', async () => {
    const owners = fc.constantFrom(...ROWS.map(({ owner }) => owner), uuid(999));
    await fc.assert(
      fc.asyncProperty(owners, slices.place, slices.back, slices.size, async (owner, place, back, size) => {
        const slice = sliceAt(place && [place.id], back, size);
        const values = new Values();
        const { beyond, orderBy, limit } = cutOfOwner(
          'owner',
          values.add(owner, 'uuid'),
          'id',
          slice,
          values,
        );
        const text = `SELECT id FROM paged WHERE ${beyond} ORDER BY ${orderBy} LIMIT ${limit}`;
        const { items, hasMore } = await readSlice<{ id: string }>(client, 'owned', text, values, slice);
        const own = ROWS.filter((row) => row.owner === owner);
        const byId = { keys: [], descending: false };
        const inJavaScript = expected(own, byId, place, back && place !== undefined, size);
        expect({ ids: items.map(({ id }) => id), hasMore }).toEqual(inJavaScript);
      }),
      { numRuns: 300 },
    );
  });

  test('goes on being read when more different lists are asked for than are prepared', async () => {
    for (let n = 0; n < 300; n++) {
      const text = `SELECT id FROM paged WHERE ${n} = ${n} ORDER BY id LIMIT $1::integer`;
      const values = new Values();
      values.add(2, 'integer');
      const { items } = await readSlice<{ id: string }>(client, 'many', text, values, { size: 1 });
      expect(items).toEqual([{ id: ROWS[0]?.id }]);
    }
    const { rows } = await client.query('SELECT FROM pg_prepared_statements');
    expect(rows.length).toBeLessThanOrEqual(200);
  });
});
