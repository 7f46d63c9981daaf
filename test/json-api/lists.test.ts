import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { CURSOR_PAGINATION, LIST_MEDIA_TYPE } from '../../src/json-api/media-types';
import { type Answer, J, refusals, sendTo } from './client';
import { asked, crate, crates, DEPOTS, uuidOf } from './crates';
import { startDemo } from './demo';

interface ListDocument {
  jsonapi: object;
  links: { self: string; first: string; prev: string | null; next: string | null };
  data: { id: string; attributes: Record<string, unknown>; meta: { page: { cursor: string } } }[];
  included?: object[];
}

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startDemo();
});
afterAll(() => app.close());
beforeEach(() => {
  asked.length = 0;
  crates.length = 0;
  for (let n = 0; n < 23; n++) crates.push(crate(n));
});

const get = (url: string) => sendTo(app, { method: 'GET', url });
const documentOf = (answer: Answer): ListDocument => answer.json();

/** Reads a page, and checks what holds for every page. */
async function page(url: string): Promise<ListDocument> {
  const answer = await get(url);
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe(LIST_MEDIA_TYPE); // A2 A12
  expect(answer.headers.vary).toBe('Accept');
  const document = documentOf(answer);
  expect(document.jsonapi).toEqual({ version: '1.1', profile: [CURSOR_PAGINATION] });
  for (const link of Object.values(document.links)) expect(link ?? '').not.toMatch(/[[\]]/); // B18
  return document;
}

const ids = ({ data }: ListDocument): string[] => data.map(({ id }) => id);

/** Follows one kind of link from a page to the end. */
async function walk(from: ListDocument, rel: 'next' | 'prev'): Promise<ListDocument[]> {
  const pages = [from];
  for (let link = from.links[rel]; link !== null;) {
    const next = await page(link);
    pages.push(next);
    link = next.links[rel];
    if (pages.length > 50) throw new Error('the walk has no end');
  }
  return pages;
}

describe('a list', () => {
  it('C1 B6 B7 answers with the resources, each with its cursor', async () => {
    const { data, links } = await page('/crates');
    expect(data).toHaveLength(20); // I4
    expect(data[0]).toMatchObject({
      type: 'crates',
      id: uuidOf(100),
      attributes: { label: 'crate 0' },
      links: { self: `/crates/${uuidOf(100)}` },
      meta: { page: { cursor: expect.stringMatching(/^[\w-]+$/) as string } },
    });
    expect(links).toEqual({
      self: '/crates',
      first: '/crates',
      prev: null,
      next: `/crates?page%5Bafter%5D=${data[19]?.meta.page.cursor ?? ''}`,
    });
  });

  it('B6 is an array, however little is there', async () => {
    crates.length = 1;
    expect((await page('/crates')).data).toHaveLength(1);
    crates.length = 0;
    const { data, links } = await page('/crates');
    expect(data).toEqual([]);
    expect(links).toEqual({ self: '/crates', first: '/crates', prev: null, next: null }); // I9
  });

  it('B17 is found again under its self', async () => {
    const document = await page(
      '/crates?page[size]=3&sort=-label&fields[crates]=label,slots&filter[cooled]=false',
    );
    expect(document.links.self).toBe(
      '/crates?page%5Bsize%5D=3&sort=-label&fields%5Bcrates%5D=label,slots&filter%5Bcooled%5D=false',
    );
    expect(await page(document.links.self)).toEqual(document);
    expect(await page(document.links.first)).toEqual(document);
  });

  it('C13 answers HEAD like GET', async () => {
    const head = await sendTo(app, { method: 'HEAD', url: '/crates' });
    expect(head.payload).toBe('');
    expect(head.headers['content-type']).toBe(LIST_MEDIA_TYPE);
    expect(head.headers['content-length']).toBe((await get('/crates')).headers['content-length']);
  });

  it('C8 keeps the wanted fields, and the cursors', async () => {
    const { data } = await page('/crates?fields[crates]=slots&page[size]=1');
    expect(data[0]).toEqual({
      type: 'crates',
      id: uuidOf(100),
      attributes: { slots: 4 },
      links: { self: `/crates/${uuidOf(100)}` },
      meta: { page: { cursor: expect.any(String) as string } },
    });
  });

  it('H1 A12 answers errors without the profile', async () => {
    const answer = await get('/crates?page[size]=0');
    expect(answer.headers['content-type']).toBe(J);
    expect(refusals(answer)).toEqual(['400 invalid_parameter parameter=page[size]']);
  });
});

describe('a list below a resource', () => {
  const url = `/depots/${uuidOf(2)}/crates`;

  it('has only what belongs to it, and links of its own', async () => {
    const { data, links } = await page(`/depots/${uuidOf(2).toUpperCase()}/crates?page[size]=2`);
    expect(data).toHaveLength(2);
    expect(links.self).toBe(`${url}?page%5Bsize%5D=2`);
    expect(links.next).toMatch(`${url}?`);
    const all = await walk(await page(`${url}?page[size]=2`), 'next');
    expect(all.flatMap(ids)).toEqual(crates.filter(({ depot }) => depot === uuidOf(2)).map(({ id }) => id));
  });

  it('B14 is where the link of the relationship leads', async () => {
    const depot = (await get(`/depots/${uuidOf(2)}`)).json<{
      data: { relationships: { crates: { links: { related: string } } } };
    }>();
    expect(depot.data.relationships).toEqual({ crates: { links: { related: url } } });
    await page(depot.data.relationships.crates.links.related);
  });

  it.each([uuidOf(77), 'abc'])('C2 is not found below %s', async (id) => {
    expect(refusals(await get(`/depots/${id}/crates`))).toEqual(['404 not_found']);
  });

  it('I6 refuses the cursor of another one', async () => {
    const { data } = await page(url);
    const cursor = data[0]?.meta.page.cursor ?? '';
    await page(`${url}?page[after]=${cursor}`);
    for (const other of [`/depots/${uuidOf(1)}/crates`, '/crates'])
      expect(refusals(await get(`${other}?page[after]=${cursor}`))).toEqual([
        '400 invalid_parameter parameter=page[after]',
      ]);
  });
});

describe('walking', () => {
  it.each(['', 'sort=label', 'sort=-label', 'sort=leaves_at,-label', 'sort=-worth_cents,leaves_at'])(
    'C11 I1 to the end and back shows every item once, with ?%s',
    async (sort) => {
      for (const size of [1, 4, 22, 23, 24]) {
        const there = await walk(await page(`/crates?page[size]=${size}&${sort}`), 'next');
        expect(there).toHaveLength(Math.ceil(23 / size));
        expect(new Set(there.flatMap(ids)).size).toBe(23);
        expect(there.flatMap(ids)).toHaveLength(23);
        const last = there.at(-1);
        if (last === undefined) throw new Error('there is a page');
        const back = await walk(last, 'prev');
        expect(back.toReversed().flatMap(ids)).toEqual(there.flatMap(ids));
      }
    },
  );

  it('I9 knows where the list ends, in both directions', async () => {
    const [first, second, third] = await walk(await page('/crates?page[size]=10'), 'next');
    expect([first?.links.prev, third?.links.next]).toEqual([null, null]);
    expect([second?.links.prev, second?.links.next]).not.toContain(null);
    const back = await page(second?.links.prev ?? '');
    expect(back.data).toEqual(first?.data);
    expect(back.links.prev).toBeNull();
    expect((await page(back.links.next ?? '')).data).toEqual(second?.data);
  });

  it('I5 goes on where it was, although items come and go', async () => {
    const first = await page('/crates?page[size]=5');
    crates.splice(4, 1); // the very item of the cursor
    crates.push(crate(-1), crate(30));
    const second = await page(first.links.next ?? '');
    expect(ids(second)[0]).toBe(uuidOf(105));
    const all = await walk(second, 'next');
    expect(all.flatMap(ids)).toHaveLength(19);
  });

  it('an empty page leads back into the list', async () => {
    const { data, links } = await page('/crates?page[size]=100');
    expect(links.next).toBeNull();
    const behind = await page(`/crates?page[size]=5&page[after]=${data.at(-1)?.meta.page.cursor ?? ''}`);
    expect(behind).toMatchObject({ data: [], links: { next: null } });
    expect(ids(await page(behind.links.prev ?? ''))).toEqual(
      ids({ data: data.slice(17, 22) } as ListDocument),
    );
    const ahead = await page(`/crates?page[size]=5&page[before]=${data[0]?.meta.page.cursor ?? ''}`);
    expect(ahead).toMatchObject({ data: [], links: { prev: null } });
    expect(ids(await page(ahead.links.next ?? ''))).toEqual(ids({ data: data.slice(0, 5) } as ListDocument));
  });

  it('keeps everything that was asked for', async () => {
    const query = 'filter[state]=open&sort=-label&include=depot&fields[crates]=label,depot&page[size]=2';
    const { links } = await page(`/crates?${query}`);
    const kept = new URLSearchParams(query);
    for (const link of [links.first, links.next ?? '']) {
      const parameters = new URLSearchParams(link.slice(link.indexOf('?')));
      for (const [name, value] of kept) expect(parameters.get(name)).toBe(value);
    }
  });
});

describe('what a method is asked', () => {
  it('has the defaults', async () => {
    await page('/crates');
    expect(asked).toEqual([{ filters: {}, sort: [], size: 20, include: new Set(), query: '/crates' }]);
  });

  it('has the filters, keys and positions as values', async () => {
    const leaving = '2026-05-01T12:00:00%2B02:00';
    const url = `/crates?sort=-leaves_at,label&filter[state]=open&filter[leaves_after]=${leaving}&filter[cooled]=false&filter[slots]=4&page[size]=2`;
    const { links, data } = await page(url);
    expect(data).toHaveLength(2);
    await page(links.next ?? '');
    const [first, second] = asked;
    expect(first).toMatchObject({
      filters: { state: 'open', leavesAfter: new Date('2026-05-01T10:00:00Z'), cooled: false, slots: 4 },
      sort: [
        { by: 'leavesAt', descending: true },
        { by: 'label', descending: false },
      ],
      size: 2,
    });
    const last = data[1];
    const leavesAt = new Date(String(last?.attributes['leaves_at']));
    expect(second?.after).toEqual([leavesAt, last?.attributes['label'], last?.id]);
    expect(second).not.toHaveProperty('before');
  });

  it('has UUIDs in lower case', async () => {
    await page(`/crates?filter[depot]=${uuidOf(10).toUpperCase()}`);
    expect(asked[0]?.filters).toEqual({ depot: uuidOf(10) });
  });

  it('has the same text for the same read', async () => {
    await page('/crates?sort=label&filter[cooled]=true&fields[crates]=label');
    await page('/crates?filter%5Bcooled%5D=true&sort=label');
    await page('/crates?filter%5Bcooled%5D=false&sort=label');
    await page(`/depots/${uuidOf(1)}/crates`);
    await page(`/depots/${uuidOf(2)}/crates`);
    const [a, b, ...others] = asked.map(({ query }) => query);
    expect(a).toBe(b);
    expect(new Set([a, ...others]).size).toBe(4);
  });
});

describe('what a list refuses', () => {
  it.each([
    ['E1', 'filter[nope]=1', 'filter[nope]'],
    ['E1', 'filter=1', 'filter'],
    ['E1', 'page=1', 'page'],
    ['E1', 'page[number]=1', 'page[number]'],
    ['E1', 'filter[leavesAfter]=2026-06-01T10:00:00Z', 'filter[leavesAfter]'],
    ['E1', 'foo=1', 'foo'],
    ['C9', 'fields[nope]=a', 'fields[nope]'],
    ['C9', 'fields[crates]=password', 'fields[crates]'],
    ['C9', 'fields[crates]=stamp', 'fields[crates]'],
    ['E5', 'filter[cooled]=true&filter[cooled]=true', 'filter[cooled]'],
    ['E5', 'sort=label&sort=label', 'sort'],
    ['C12', 'filter[state]=ajar', 'filter[state]'],
    ['C12', 'filter[state]=', 'filter[state]'],
    ['C12', 'filter[state]', 'filter[state]'],
    ['C12', 'filter[cooled]=1', 'filter[cooled]'],
    ['C12', 'filter[cooled]=TRUE', 'filter[cooled]'],
    ['C12', 'filter[leaves_after]=2026-06-01', 'filter[leaves_after]'],
    ['C12', 'filter[leaves_after]=2026-06-01T10:00:00+02:00', 'filter[leaves_after]'],
    ['C12', 'filter[depot]=abc', 'filter[depot]'],
    ['C12', 'filter[label]=%20', 'filter[label]'],
    ['C12', 'filter[slots]=0', 'filter[slots]'],
    ['C12', 'filter[slots]=1.0', 'filter[slots]'],
    ['C12', 'filter[slots]=1e1', 'filter[slots]'],
    ['C10', 'sort=nope', 'sort'],
    ['C10', 'sort=slots', 'sort'],
    ['C10', 'sort=leavesAt', 'sort'],
    ['C10', 'sort=', 'sort'],
    ['C10', 'sort=-', 'sort'],
    ['C10', 'sort=label,', 'sort'],
    ['C10', 'sort=label,-label', 'sort'],
    ['C10', 'sort=+label', 'sort'],
    ['I2', 'page[size]=0', 'page[size]'],
    ['I2', 'page[size]=00', 'page[size]'],
    ['I2', 'page[size]=-1', 'page[size]'],
    ['I2', 'page[size]=1.5', 'page[size]'],
    ['I2', 'page[size]=abc', 'page[size]'],
    ['I2', 'page[size]=', 'page[size]'],
    ['I2', 'page[size]=1e1', 'page[size]'],
    ['I2', 'page[size]=%2B1', 'page[size]'],
    ['I6', 'page[after]=', 'page[after]'],
    ['I6', 'page[after]=abc', 'page[after]'],
    ['I6', 'page[before]=abc', 'page[before]'],
    ['C6', 'include=nope', 'include'],
    ['C6', 'include=contents', 'include'],
    ['C6', 'include=depot.crates', 'include'],
    ['C6', 'include=depot,', 'include'],
  ])('%s ?%s', async (_rule, query, parameter) => {
    expect(refusals(await get(`/crates?${query}`))).toEqual([`400 invalid_parameter parameter=${parameter}`]);
    expect(asked).toEqual([]);
  });

  const problem = async (query: string): Promise<unknown> =>
    (await get(`/crates?${query}`)).json<{ errors: unknown[] }>().errors[0];

  it.each(['101', '1000000', '99999999999999999999'])(
    'I3 a page of %s, telling the maximum',
    async (size) => {
      expect(await problem(`page[size]=${size}`)).toMatchObject({
        source: { parameter: 'page[size]' },
        meta: { page: { maxSize: 100 } },
        links: { type: `${CURSOR_PAGINATION}max-size-exceeded` },
      });
    },
  );

  it('I7 both cursors', async () => {
    const [a, b] = (await page('/crates')).data.map(({ meta }) => meta.page.cursor);
    expect(await problem(`page[after]=${a ?? ''}&page[before]=${b ?? ''}`)).toMatchObject({
      source: { parameter: 'page[before]' },
      links: { type: `${CURSOR_PAGINATION}range-pagination-not-supported` },
    });
  });

  it('I8 an unsupported sort, also where there is none at all', async () => {
    const unsupported = {
      source: { parameter: 'sort' },
      links: { type: `${CURSOR_PAGINATION}unsupported-sort` },
    };
    expect(await problem('sort=label,slots')).toMatchObject(unsupported);
    const answer = await get(`/depots/${DEPOTS[0]?.id ?? ''}/crates?sort=label`);
    expect(answer.json<{ errors: unknown[] }>().errors).toMatchObject([unsupported]);
  });

  it('I6 a cursor of another order', async () => {
    const cursor = (await page('/crates?sort=label')).data[0]?.meta.page.cursor ?? '';
    for (const sort of ['', '&sort=-label', '&sort=label,leaves_at'])
      expect(refusals(await get(`/crates?page[after]=${cursor}${sort}`))).toEqual([
        '400 invalid_parameter parameter=page[after]',
      ]);
  });

  it('tells how to write an offset', async () => {
    expect(await problem('filter[leaves_after]=2026-06-01T10:00:00+02:00')).toMatchObject({
      detail: expect.stringContaining('%2B') as string,
    });
  });

  it('everything at once', async () => {
    const answer = await get('/crates?page[size]=x&sort=nope&filter[cooled]=1&include=nope&foo=1');
    expect(refusals(answer).map((line) => line.split('=')[1])).toEqual([
      'include',
      'foo',
      'sort',
      'filter[cooled]',
      'page[size]',
    ]);
  });
});
