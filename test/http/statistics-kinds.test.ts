import { randomUUID } from 'node:crypto';
import { newId } from '../../src/ids';
import { kindIdOf, kindOf } from '../../src/statistics/kind-id';
import { startApp, type TestApp } from '../support/app';
import { purchase } from '../support/builders';
import { Client } from './client';
import { expectWalks } from './statistics-steps';
import { errorOf, idIn } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(() => app.stop());

const kindsOf = async (path: string) =>
  (await client.list(path)).map(({ id, attributes }) => [
    id,
    attributes?.['kind'],
    attributes?.['allocation'],
  ]);

/** Creates options of an event, each with ten tickets more than the one before. @returns the event */
async function eventWith(...kinds: readonly (string | null)[]): Promise<string> {
  const { id } = await client.event();
  for (const [index, kind] of kinds.entries())
    await client.option({ ...(kind !== null && { kind }), allocation: 10 * (index + 1) }, id);
  return id;
}

function missing(): never {
  throw new Error('the kind is not in the list');
}

beforeEach(async () => {
  await app.database.query(
    'TRUNCATE holds, reservations, purchases, user_counts, ticket_options, event_counts, sales, sales_totals, sales_folds, events CASCADE',
  );
});

test('options are added up by their kinds without regard to case, those without one in none', async () => {
  const one = await eventWith('Premium', 'vip', null, 'VIP');
  const two = await eventWith('premium', 'Vip');
  expect(await kindsOf('/statistics/kinds')).toEqual([
    ['premium', 'Premium', 20],
    ['vip', 'VIP', 80],
  ]);
  expect(await kindsOf(`/statistics/kinds?filter[event]=${one}`)).toEqual([
    [`${one}:premium`, 'Premium', 10],
    [`${one}:vip`, 'VIP', 60],
  ]);
  expect(await kindsOf(`/statistics/kinds?filter[event]=${two.toUpperCase()}`)).toEqual([
    [`${two}:premium`, 'premium', 10],
    [`${two}:vip`, 'Vip', 20],
  ]);
});

test('every figure is the sum over the options of the kind', async () => {
  const one = await client.option({ kind: 'VIP', allocation: 100 });
  const two = await client.option({ kind: 'vip', allocation: 50 });
  await client.option({ kind: 'Regular', allocation: 7 });
  await client.post('/purchases', purchase({ ticketOption: one.id, quantity: 30 }));
  await client.post('/purchases', purchase({ ticketOption: two.id, quantity: 5 }));
  await client.reserve(two.id, 2);
  await app.database.query('UPDATE ticket_options SET revenue_cents = sold * 100');
  const figures = {
    kind: 'VIP',
    allocation: 150,
    remaining: 113,
    reserved: 2,
    sold: 35,
    revenue_cents: 3_500,
  };
  expect(await client.read('/statistics/kinds/vip')).toEqual({
    type: 'kind_statistics',
    id: 'vip',
    attributes: figures,
    links: { self: '/statistics/kinds/vip' },
  });
  const event = idIn(two, 'event');
  expect(await client.read(`/statistics/kinds/${event}:VIP`)).toEqual({
    type: 'kind_statistics',
    id: `${event}:vip`,
    attributes: { ...figures, kind: 'vip', allocation: 50, remaining: 43, sold: 5, revenue_cents: 500 },
    links: { self: `/statistics/kinds/${event}%3Avip` },
  });
});

const ODD = [
  ...[
    'VIP',
    'Front row',
    'a/b',
    'what?',
    '#1',
    '100%',
    '%2F',
    'a:b',
    ':a',
    '::',
    ':',
    'ÜBER',
    'İ',
    'ß',
    '券',
  ],
  ...[
    `it's "so" <b>&amp;`,
    'a\\b',
    'a,b',
    'a+b',
    '.',
    '..',
    '\u{1F3AB}'.repeat(50),
    '/'.repeat(50),
    '-',
    '*',
  ],
  ...['e\u0301toile', "'; DROP TABLE sales; --", '{}', 'null', 'totals', `${newId()}:vip`, `${newId()}:`],
];

test.each(ODD)(
  'a kind called %j is found by its address and by itself, over all and in an event',
  async (kind) => {
    const event = await eventWith(kind, kind.toLowerCase(), 'other');
    for (const list of ['/statistics/kinds', `/statistics/kinds?filter[event]=${event}`]) {
      const listed = await client.list(list);
      expect(listed).toHaveLength(2);
      const [{ meta, ...resource } = missing()] = listed.filter(
        ({ attributes }) => attributes?.['kind'] !== 'other',
      );
      const [first] = [kind, kind.toLowerCase()].sort();
      expect(resource.attributes).toMatchObject({ kind: first, allocation: 30 });
      expect(meta?.page.cursor).not.toBe('');
      // As clients resolve it, which take . and .. for steps.
      const { pathname } = new URL(resource.links.self, app.url);
      expect(await client.read(pathname)).toEqual(resource);
    }
    expect((await client.read(`/statistics/kinds/${event}:${encodeURIComponent(kind)}`)).id).toBe(
      `${event}:${kind.normalize('NFC').toLowerCase()}`,
    );
  },
);

test('no kind over all events can be taken for one within an event', async () => {
  const event = await eventWith('VIP');
  await eventWith(`${event}:vip`, `:${event}:vip`);
  const listed = await kindsOf('/statistics/kinds');
  expect(listed).toHaveLength(3);
  expect(new Set(listed.map(([id]) => id)).size).toBe(3);
  expect(listed.map(([id]) => id)).toContain(`:${event}:vip`);
  expect((await client.read(`/statistics/kinds/${event}:vip`)).attributes?.['kind']).toBe('VIP');
  expect((await client.read(`/statistics/kinds/:${event}:VIP`)).attributes?.['kind']).toBe(`${event}:vip`);
});

test('an id means what it was made of', () => {
  const event = newId();
  for (const key of [
    'vip',
    '.',
    '..',
    ':..',
    ':',
    '::vip',
    `${event}:vip`,
    `${event}:`,
    `:${event}:vip`,
    '',
    'a:b',
  ])
    for (const scope of [
      { key, event: undefined },
      { key, event },
    ])
      expect(kindOf(kindIdOf(scope))).toEqual(scope);
});

test('C11 I1 I5 pages have each kind once, there and back, in the order of the code points', async () => {
  const event = await eventWith(...ODD, ...Array.from({ length: 20 }, (_, n) => `Row ${n}`));
  await eventWith('row 3', 'row 4', 'elsewhere');
  const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  for (const list of ['/statistics/kinds', `/statistics/kinds?filter[event]=${event}`]) {
    const listed = await expectWalks(client, list);
    expect(listed.length).toBeGreaterThan(40);
    const keys = listed.map(({ id }) => kindOf(id).key);
    expect(keys).toEqual(keys.toSorted(byCodePoint));
  }
});

test('an event without kinds, or that there is not, has an empty list', async () => {
  const event = await eventWith(null, null);
  for (const id of [event, randomUUID()])
    expect(await client.list(`/statistics/kinds?filter[event]=${id}`)).toEqual([]);
});

test.each([
  ['one that no option has', 'none'],
  ['NUL', '%00'],
  ['bytes that are no text', '%FF'],
  ['half of a character', '%ED%A0%80'],
  ['a space', '%20'],
  ['more than kinds can have', encodeURIComponent('券'.repeat(60))],
  ['more than ids can have', 'x'.repeat(201)],
])('%s is no kind', async (_, kind) => {
  await eventWith('VIP');
  const answer = await client.get(`/statistics/kinds/${kind}`);
  // What is not well-formed is refused before anybody looks for it.
  expect(errorOf(answer).code).toMatch(/^(not_found|malformed_request)$/);
});
