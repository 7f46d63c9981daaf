import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { openApiDocument } from '../../src/openapi';
import { refusals, sendTo } from './client';
import { asked } from './crates';
import { startDemo } from './demo';
import { CRATE } from './stock';

interface Page {
  data: {
    attributes: { number: number; row: number; filled: number; taken_at: string };
    meta: { page: { cursor: string } };
  }[];
  links: { prev: string | null; next: string | null };
}

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startDemo();
});
afterAll(() => app.close());
beforeEach(() => {
  asked.length = 0;
});

const URL = `/crates/${CRATE}/slots`;
const get = (url: string) => sendTo(app, { method: 'GET', url });

/** Follows one kind of link to the end, and lists the numbers of each page. */
async function walk(from: string, rel: 'next' | 'prev'): Promise<{ numbers: number[][]; last: string }> {
  const numbers: number[][] = [];
  let last = from;
  for (let url: string | null = from; url !== null;) {
    const { data, links }: Page = (await get(url)).json();
    numbers.push(data.map(({ attributes }) => attributes.number));
    last = url;
    url = links[rel];
  }
  return { numbers, last };
}

const ONE_TO_TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

describe('a list with an order of its own', () => {
  it.each([1, 3, 10])('C11 I1 pages in it, there and back, %s at a time', async (size) => {
    const there = await walk(`${URL}?page[size]=${size}`, 'next');
    expect(there.numbers.flat()).toEqual(ONE_TO_TEN);
    const back = await walk(there.last, 'prev');
    expect(back.numbers.toReversed().flat()).toEqual(ONE_TO_TEN);
  });

  it.each([
    ['row', [4, 3, 2, 1, 8, 7, 6, 5, 10, 9]], // in one row the ids decide, which run against the numbers
    ['-row', [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]],
    ['-filled', [2, 3, 4, 5, 6, 7, 8, 9, 10, 1]],
    ['row,filled', [1, 4, 3, 2, 8, 7, 6, 5, 10, 9]],
  ])('C10 pages as it is asked to by %s', async (sort, order) => {
    for (const size of [1, 3, 4]) {
      const there = await walk(`${URL}?sort=${sort}&page[size]=${size}`, 'next');
      expect(there.numbers.flat()).toEqual(order);
      const back = await walk(there.last, 'prev');
      expect(back.numbers.toReversed().flat()).toEqual(order);
    }
  });

  it('tells the method the order, and where to go on in it', async () => {
    const { links }: Page = (await get(`${URL}?page[size]=3`)).json();
    await get(links.next ?? '');
    await get(`${URL}?sort=row`);
    expect(asked.map(({ sort, after }) => [sort, after?.[0]])).toEqual([
      [[{ by: 'number', descending: false }], undefined],
      [[{ by: 'number', descending: false }], 3],
      [[{ by: 'row', descending: false }], undefined],
    ]);
  });

  it('C10 I8 cannot be asked for that order where `sort` does not have it', async () => {
    for (const sort of ['number', '-number', 'row,number'])
      expect(refusals(await get(`${URL}?sort=${sort}`))).toEqual(['400 invalid_parameter parameter=sort']);
  });

  it('I6 refuses the cursor of another order', async () => {
    const cursorOf = async (url: string): Promise<string> =>
      (await get(url)).json<Page>().data[0]?.meta.page.cursor ?? '';
    const [own, other] = [await cursorOf(URL), await cursorOf(`${URL}?sort=row`)];
    for (const query of [`page[after]=${other}`, `page[after]=${own}&sort=row`])
      expect(refusals(await get(`${URL}?${query}`))).toEqual(['400 invalid_parameter parameter=page[after]']);
    expect((await get(`${URL}?page[after]=${own}`)).statusCode).toBe(200);
  });

  it('may have dates in it', async () => {
    const { data, links }: Page = (await get('/stock/readings?page[size]=1')).json();
    expect(data[0]?.attributes.taken_at).toBe('2026-01-01T00:00:00.000Z');
    const next: Page = (await get(links.next ?? '')).json();
    expect(next.data[0]?.attributes.taken_at).toBe('2026-01-02T00:00:00.000Z');
  });

  it('is described with it', async () => {
    const { paths } = openApiDocument(app);
    expect(paths['/crates/{id}/slots']?.get?.responses).toMatchObject({
      200: { description: 'A page of the list, ordered by `number` unless `sort` says otherwise.' },
    });
    const readings = paths['/stock/readings']?.get?.responses['200'] as {
      description: string;
      content: Record<string, { example: { links: { next: string } } }>;
    };
    expect(readings.description).toBe('A page of the list, ordered by `taken_at`.');
    const [{ example } = { example: { links: { next: '' } } }] = Object.values(readings.content);
    expect((await get(example.links.next)).statusCode).toBe(200);
  });
});

it('a list says of itself what the method has found', async () => {
  const answer = await get('/stock/readings?page[size]=1');
  expect(answer.payload).toMatch(/,"meta":{"last":"2026-01-03T00:00:00.000Z","sum":1152921504606846977}}$/);
  expect((await get('/stock/brands')).json()).not.toHaveProperty('meta');
});

it('fractions are written as numbers', async () => {
  const { data }: Page = (await get(`${URL}?page[size]=2`)).json();
  expect(data.map(({ attributes }) => attributes)).toMatchObject([
    { filled: 0, reserved: null },
    { filled: 1 / 7, reserved: 1 / 9 },
  ]);
});
