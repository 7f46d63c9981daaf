import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Attribute, FetchResource, PathNumber, Resource, schemaOf, text } from '../../src/json-api';
import { NO_QUERY } from '../../src/json-api/query';
import { serialiserOf } from '../../src/json-api/serialise';
import { refusals, sendTo } from './client';
import { crate, crates, uuidOf } from './crates';
import { startDemo } from './demo';
import { Brand, CRATE, HARD_NAMES, named, Reading, Slot } from './stock';

interface Found {
  id: string;
  relationships?: unknown;
  links?: { self: string };
  meta: { page: { cursor: string } };
}
interface Document<D> {
  links?: { self: string; next: string | null; prev: string | null };
  data: D;
}

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startDemo();
});
afterAll(() => app.close());
beforeEach(() => {
  named.length = 0;
  crates.splice(0, crates.length, crate(0));
});

const get = (url: string) => sendTo(app, { method: 'GET', url });
async function read<D = Found>(url: string): Promise<Document<D>> {
  const answer = await get(url);
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

describe('a resource with an address of its own', () => {
  it('B15 B17 is found at its self, which is that of the document too', async () => {
    const { data } = await read<Found[]>(`/crates/${CRATE}/slots`);
    expect(data.map(({ links }) => links?.self)).toContain(`/crates/${CRATE}/slots/7`);
    for (const { id, links } of data) {
      const { data: found, links: own } = await read(links?.self ?? '');
      expect([found.id, found.links]).toEqual([id, links]);
      expect(own).toEqual(links);
    }
    const sparse = await read(`/crates/${CRATE.toUpperCase()}/slots/7?fields[slots]=row`);
    expect(sparse.links).toEqual({ self: `/crates/${CRATE}/slots/7?fields%5Bslots%5D=row` });
  });

  it('B14 has its related links below that address', async () => {
    const { data } = await read(`/crates/${CRATE}/slots/7`);
    expect(data.relationships).toMatchObject({
      parcels: { links: { related: `/crates/${CRATE}/slots/7/parcels` } },
    });
  });

  it('may be the only one of its type', async () => {
    const { data, links } = await read('/stock/totals?fields[stock_totals]=');
    expect(data).toEqual({ type: 'stock_totals', id: 'all', links: { self: '/stock/totals' } });
    expect(links).toEqual({ self: '/stock/totals?fields%5Bstock_totals%5D=' });
  });

  it('D7 has that address as its Location', () => {
    expect(serialiserOf(Slot).self({ id: uuidOf(1), crate: CRATE, number: 3 })).toBe(
      `/crates/${CRATE}/slots/3`,
    );
  });
});

describe('a resource without an address', () => {
  it('B16 has no links', async () => {
    const { data, links } = await read<Found[]>('/stock/readings?page[size]=2');
    expect(data).toHaveLength(2);
    for (const item of data) expect(Object.keys(item)).toEqual(['type', 'id', 'attributes', 'meta']);
    expect(links?.self).toBe('/stock/readings?page%5Bsize%5D=2');
    const rest = await read<Found[]>(links?.next ?? '');
    expect(rest.data.map(({ id }) => id)).toEqual(['day:2026-01-03T00:00:00.000Z']);
  });

  it('B17 has none in its document either', () => {
    const reading = { id: 'x', takenAt: new Date(0) };
    const serialiser = serialiserOf(Reading);
    const document: unknown = JSON.parse(serialiser.fetched(reading, { ...NO_QUERY, suffix: '?a=b' }));
    expect(document).not.toHaveProperty('links');
    expect(document).not.toHaveProperty('data.links');
    expect(serialiser.self(reading)).toBeNull();
  });
});

describe('ids that are texts', () => {
  it.each(HARD_NAMES)('B15 B18 come through addresses: %j', async (id) => {
    const self = `/stock/brands/${encodeURIComponent(id)}`;
    const { data, links } = await read(self);
    expect(named).toEqual([id]);
    expect(data).toMatchObject({
      id,
      links: { self },
      relationships: { crates: { links: { related: `${self}/crates` } } },
    });
    expect(links).toEqual({ self });
    expect(self).toMatch(/^[\w/.~!*'()%-]+$/);
  });

  it.each([1, 4, 20])('C11 I6 come through cursors, %s on a page', async (size) => {
    const seen: string[] = [];
    let url: string | null = `/stock/brands?page[size]=${size}`;
    let last = '';
    while (url !== null) {
      const { data, links }: Document<Found[]> = await read(url);
      seen.push(...data.map(({ id }) => id));
      last = url;
      url = links?.next ?? null;
    }
    expect(seen).toEqual(HARD_NAMES.toSorted());
    const back: string[] = [];
    for (let at: string | null = last; at !== null;) {
      const { data, links }: Document<Found[]> = await read(at);
      back.unshift(...data.map(({ id }) => id));
      at = links?.prev ?? null;
    }
    expect(back).toEqual(seen);
  });

  it('are not mistaken for those of other types', () => {
    expect(schemaOf(Brand).ids).toBe('text');
    expect(schemaOf(Slot).ids).toBe('uuid');
  });
});

describe('what is read in an address', () => {
  it.each(['0', '00', '01', '+1', '-1', '%2B1', '1.0', '1e1', '0x1', ' 1', '1%20', '', 'abc', '%00', '١'])(
    'C2 no number: %j',
    async (text) => {
      const url = `/crates/${CRATE}/slots/${text.replace(' ', '%20').replace('١', '%D9%A1')}`;
      expect(refusals(await get(url))).toEqual(['404 not_found']);
      expect(named).toEqual([]);
    },
  );

  it.each(['2147483648', '9999999999', '99999999999999999999', `1${'0'.repeat(400)}`])(
    'C2 no number that is kept: %s',
    async (text) => {
      expect(refusals(await get(`/crates/${CRATE}/slots/${text}`))).toEqual(['404 not_found']);
      expect(named).toEqual([]);
    },
  );

  it('a number, and the largest', async () => {
    expect((await get(`/crates/${CRATE}/slots/10`)).statusCode).toBe(200);
    expect(refusals(await get(`/crates/${CRATE}/slots/2147483647`))).toEqual(['404 not_found']);
    expect(named).toEqual([10, 2147483647]);
  });

  it.each(['', '%00', 'a%00b', 'x'.repeat(201), '%C3%A4'.repeat(201)])('C2 no text: %j', async (text) => {
    expect(refusals(await get(`/stock/brands/${text}`))).toEqual(['404 not_found']);
    expect(named).toEqual([]);
  });

  it.each(['%', '%zz', '%E0%A4%A', '%ED%A0%80'])('no text at all: %s', async (text) => {
    expect(refusals(await get(`/stock/brands/${text}`))).toEqual(['400 malformed_request']);
    expect(named).toEqual([]);
  });

  it('C2 a text that nothing is called', async () => {
    expect(refusals(await get('/stock/brands/nope'))).toEqual(['404 not_found']);
    expect(named).toEqual(['nope']);
  });

  it.each(['abc', uuidOf(1)])('C2 no id of a crate: %s', async (id) => {
    for (const below of ['slots', 'slots/1'])
      expect(refusals(await get(`/crates/${id}/${below}`))).toEqual(['404 not_found']);
  });
});

describe('declarations that cannot be meant', () => {
  @Resource({ type: 'pins', path: '/pins', ids: 'text' })
  class Pin {
    readonly id: string;
    @Attribute(text({ maximum: 9 }), { write: 'never' })
    readonly name: string;
  }

  it('a parameter that nobody reads', () => {
    expect(() => {
      class Pins {
        @FetchResource(Pin, { summary: 'x', at: 'of/:name' })
        find(): null {
          return null;
        }
      }
      return Pins;
    }).toThrow('find is at of/:name, but does not read :name');
  });

  it('a parameter that is not there', () => {
    expect(() => {
      class Pins {
        @FetchResource(Pin, { summary: 'x', at: 'one' })
        find(@PathNumber('number') number: number): number {
          return number;
        }
      }
      return Pins;
    }).toThrow('find reads :number, which one has not');
  });
});
