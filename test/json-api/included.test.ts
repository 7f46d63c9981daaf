import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { expectDocumentHeaders, refusals, sendTo } from './client';
import { crate, crates, DEPOTS, uuidOf } from './crates';
import { ID, startDemo } from './demo';

interface CompoundDocument {
  links: { self: string };
  data: object;
  included?: { type: string; id: string; attributes?: object; relationships?: object }[];
}

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startDemo();
});
afterAll(() => app.close());
beforeEach(() => {
  crates.splice(0, crates.length, ...[0, 1, 2, 3, 4].map((n) => crate(n)));
});

const get = (url: string) => sendTo(app, { method: 'GET', url });
const documentOf = async (url: string): Promise<CompoundDocument> => {
  const answer = await get(url);
  expect(answer.statusCode).toBe(200);
  return answer.json();
};
const identifiers = ({ included }: CompoundDocument) => included?.map(({ type, id }) => `${type} ${id}`);

const crateUrl = `/crates/${uuidOf(101)}`; // in the depot 2
const depotUrl = `/depots/${uuidOf(1)}`;

it('C7 what is asked for comes along, once', async () => {
  const document = await documentOf(`${crateUrl}?include=depot`);
  expect(document.included).toEqual([
    {
      type: 'depots',
      id: uuidOf(2),
      attributes: { name: 'depot 2' },
      relationships: { crates: { links: { related: `/depots/${uuidOf(2)}/crates` } } },
      links: { self: `/depots/${uuidOf(2)}` },
    },
  ]);
  expect(document.links.self).toBe(`${crateUrl}?include=depot`);
  expect(await documentOf(document.links.self)).toEqual(document); // B17
  expectDocumentHeaders(await get(`${crateUrl}?include=depot`));
});

it('C7 nothing comes along unasked', async () => {
  expect(await documentOf(crateUrl)).not.toHaveProperty('included');
  expect(await documentOf('/crates')).not.toHaveProperty('included');
});

it.each([`${crateUrl}?include=`, '/crates?include=', `/crates/${uuidOf(100)}?include=depot`])(
  'C7 `included` is there even when it is empty: %s',
  async (url) => {
    expect((await documentOf(url)).included).toEqual([]);
  },
);

it('B19 of several resources of a list, each comes once', async () => {
  expect(identifiers(await documentOf('/crates?include=depot'))).toEqual(
    DEPOTS.map(({ id }) => `depots ${id}`),
  );
});

it('B19 is linked from the primary data', async () => {
  const document = await documentOf(`${depotUrl}?include=crates`);
  const kept = crates.filter(({ depot }) => depot === uuidOf(1)).map(({ id }) => ({ type: 'crates', id }));
  expect(kept.length).toBeGreaterThan(0);
  expect(document.data).toMatchObject({
    relationships: { crates: { links: { related: `${depotUrl}/crates` }, data: kept } },
  });
  expect(identifiers(document)).toEqual(kept.map(({ id }) => `crates ${id}`));
});

it('C8 `fields` holds for what comes along', async () => {
  const { data, included } = await documentOf(
    `${crateUrl}?include=depot&fields[depots]=crates&fields[crates]=label,depot`,
  );
  expect(included?.[0]).not.toHaveProperty('attributes');
  expect(included?.[0]).toHaveProperty('relationships.crates');
  expect(data).toMatchObject({ attributes: { label: 'crate 1' } });
});

it.each([
  `${crateUrl}?include=nope`,
  `${crateUrl}?include=depot,nope`,
  `${crateUrl}?include=depot.crates`,
  `${crateUrl}?include=Depot`,
  `${crateUrl}?include=contents`,
  `${crateUrl}?include=stamp`,
  `/parcels/${ID}?include=`,
  `/parcels/${ID}?include=depot`,
  `${depotUrl}/crates?include=`,
])('C6 C7 400: %s', async (url) => {
  expect(refusals(await get(url))).toEqual(['400 invalid_parameter parameter=include']);
});

describe('with what is created', () => {
  const post = (height: number, query = '') =>
    sendTo(app, {
      method: 'POST',
      url: `/racks${query}`,
      payload: { data: { type: 'racks', attributes: { height } } },
    });

  it('B19 D5 D7 others come along unasked', async () => {
    const answer = await post(2);
    expect(answer.statusCode).toBe(201);
    expectDocumentHeaders(answer);
    const document: CompoundDocument = answer.json();
    expect(document).not.toHaveProperty('links'); // B17
    expect(document.data).toMatchObject({ links: { self: answer.headers.location } });
    const slots = document.included?.map(({ type, id }) => ({ type, id }));
    expect(slots).toHaveLength(2);
    expect(document.data).toMatchObject({
      relationships: {
        slots: { links: { related: `${String(answer.headers.location)}/slots` }, data: slots },
      },
    });
  });

  it('C7 `included` is there even when it is empty', async () => {
    expect((await post(0)).json<CompoundDocument>().included).toEqual([]);
  });

  it('C8 `fields` holds for them', async () => {
    const { data, included }: CompoundDocument = (await post(1, '?fields[slots]=row&fields[racks]=')).json();
    expect(data).not.toHaveProperty('relationships');
    expect(included?.[0]?.attributes).toEqual({ row: 0 });
  });

  it.each(['include=slots', 'include='])('C6 nothing can be asked for: %s', async (query) => {
    expect(refusals(await post(1, `?${query}`))).toEqual(['400 invalid_parameter parameter=include']);
  });
});

it.each(['PATCH', 'DELETE'] as const)('C6 400: include with %s', async (method) => {
  const payload = method === 'PATCH' ? { data: { type: 'crates', id: uuidOf(101) } } : undefined;
  const url = `${crateUrl}?include=depot`;
  const answer = await sendTo(app, { method, url, ...(payload && { payload }) });
  expect(refusals(answer)).toEqual(['400 invalid_parameter parameter=include']);
});
