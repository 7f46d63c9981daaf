import { startApp, type TestApp } from '../support/app';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from '../http/client';
import { type Answer, errorOf, itemsOf } from '../http/wire';

/* The profile https://jsonapi.org/profiles/ethanresnick/cursor-pagination/, which every list follows. */

const PROFILE = 'https://jsonapi.org/profiles/ethanresnick/cursor-pagination/';
const COUNT = 25;
let app: TestApp;
let client: Client;
/** The ids of all events, in the order of creation; every fifth has the same name. */
const ids: string[] = [];
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
  for (let n = 0; n < COUNT; n++) ids.push((await client.event({ name: `Name ${n % 5}` })).id);
});
afterAll(() => app.stop());

const cursorOf = ({ meta }: ResourceObject): string => meta?.page.cursor ?? '';
const page = (query: string): Promise<Answer> => client.get(`/events?${query}`);
const idsOf = (answer: Answer): string[] => itemsOf(answer).map(({ id }) => id);

test('I1 equal keys are told apart by the id: no page loses or repeats anything', async () => {
  for (const sort of ['name', '-name']) {
    const all = idsOf(await page(`sort=${sort}&page[size]=100`));
    expect(new Set(all).size).toBe(COUNT);
    const walked: string[] = [];
    for (
      let next: string | null | undefined = `/events?sort=${sort}&page[size]=4`;
      typeof next === 'string';
    ) {
      const answer: Answer = await client.get(next);
      walked.push(...idsOf(answer));
      next = answer.document.links?.next;
    }
    expect(walked).toEqual(all);
  }
});

test.each(['0', '-1', '1.5', 'abc', '', '1e3', '+5', '%205', '99999999999999999999'])(
  'I2 a size that is none is 400: "%s"',
  async (size) => {
    const answer = await page(`page[size]=${size}`);
    expect(answer.status).toBe(400);
    expect(errorOf(answer).source).toEqual({ parameter: 'page[size]' });
  },
);

test('I3 a size beyond the largest is 400 and told what that is, and not cut', async () => {
  const refused = errorOf(await page('page[size]=101'));
  expect(refused).toMatchObject({
    status: '400',
    source: { parameter: 'page[size]' },
    meta: { page: { maxSize: 100 } },
    links: { type: `${PROFILE}max-size-exceeded` },
  });
  expect(idsOf(await page('page[size]=100'))).toHaveLength(COUNT);
});

test('I4 without a size a page has 20, and is full while there is more', async () => {
  expect(idsOf(await page(''))).toEqual(ids.slice(0, 20));
  expect(idsOf(await page('page[size]=7'))).toEqual(ids.slice(0, 7));
});

test('I5 a page begins right behind its cursor, or ends right before it, also when its item is gone', async () => {
  const all = itemsOf(await page('page[size]=100'));
  const [tenth, last] = [all[9], all.at(-1)];
  if (tenth === undefined || last === undefined) throw new Error('there are not enough');
  expect(idsOf(await page(`page[after]=${cursorOf(tenth)}&page[size]=3`))).toEqual(ids.slice(10, 13));
  expect(idsOf(await page(`page[before]=${cursorOf(tenth)}&page[size]=3`))).toEqual(ids.slice(6, 9));
  expect(idsOf(await page(`page[after]=${cursorOf(last)}`))).toEqual([]);
  const gone = await client.event();
  const [there] = itemsOf(await page(`page[after]=${cursorOf(last)}`));
  await client.remove(`/events/${gone.id}`);
  if (there === undefined) throw new Error('it was not listed');
  const { id } = await client.event();
  expect(idsOf(await page(`page[after]=${cursorOf(there)}`))).toEqual([id]);
  await client.remove(`/events/${id}`);
});

test('I6 a cursor that is none is 400', async () => {
  const [first] = itemsOf(await page('page[size]=1'));
  const [option] = [await client.option()];
  const [listed] = itemsOf(await client.get('/ticket_options?page[size]=1'));
  expect(listed?.id).toBe(option.id);
  const own = first === undefined ? '' : cursorOf(first);
  for (const cursor of [
    'x',
    '',
    'e30',
    own.slice(1),
    `${own}x`,
    listed === undefined ? '' : cursorOf(listed),
  ])
    for (const parameter of ['page[after]', 'page[before]']) {
      const answer = await page(`${parameter}=${cursor}`);
      expect([cursor, answer.status]).toEqual([cursor, 400]);
      expect(errorOf(answer).source).toEqual({ parameter });
    }
  const other = await page(`sort=name&page[after]=${own}`);
  expect([other.status, errorOf(other).source]).toEqual([400, { parameter: 'page[after]' }]);
  await app.database.query('DELETE FROM ticket_options');
});

test('I7 both cursors are 400, with the link that the profile has for it', async () => {
  const [from, , to] = itemsOf(await page('page[size]=3'));
  if (from === undefined || to === undefined) throw new Error('there are not enough');
  const answer = await page(`page[after]=${cursorOf(from)}&page[before]=${cursorOf(to)}`);
  expect(errorOf(answer)).toMatchObject({
    status: '400',
    source: { parameter: 'page[before]' },
    links: { type: `${PROFILE}range-pagination-not-supported` },
  });
});

test('I8 an order that is not offered is 400, with the link that the profile has for it', async () => {
  for (const sort of ['nope', 'status', '-venue'])
    expect(errorOf(await page(`sort=${sort}`))).toMatchObject({
      status: '400',
      source: { parameter: 'sort' },
      links: { type: `${PROFILE}unsupported-sort` },
    });
});

test('I9 prev and next are always there, and null where there is nothing', async () => {
  const first = await page('page[size]=10');
  expect(first.document.links).toMatchObject({ prev: null, next: expect.any(String) as string });
  const middle = await client.get(first.document.links?.next ?? '');
  expect(middle.document.links).toMatchObject({
    prev: expect.any(String) as string,
    next: expect.any(String) as string,
  });
  const last = await client.get(middle.document.links?.next ?? '');
  expect(last.document.links).toMatchObject({ prev: expect.any(String) as string, next: null });
});

test('I10 every item has its cursor as meta.page.cursor', async () => {
  const items = itemsOf(await page(''));
  expect(new Set(items.map(cursorOf)).size).toBe(20);
  for (const { meta } of items) expect(meta).toEqual({ page: { cursor: expect.any(String) as string } });
});
