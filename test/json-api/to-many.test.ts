import { schemaOf, type New } from '../../src/json-api';
import { decodeNew } from '../../src/json-api/decode';
import { NO_QUERY } from '../../src/json-api/query';
import { serialiserOf } from '../../src/json-api/serialise';
import { type Problem } from '../../src/refusals';
import { Crate, crate, Depot, uuidOf } from './crates';
import { problemsIn } from './problems';

const schema = schemaOf(Crate);
const parcel = (n: number, meta: unknown = { quantity: 1 }) => ({ type: 'parcels', id: uuidOf(n), meta });
const document = (relationships: unknown, attributes: object = {}) => ({
  data: { type: 'crates', attributes: { label: 'a', slots: 3, ...attributes }, relationships },
});
const packed = (contents: unknown) => document({ contents: { data: contents } });
const problemsOf = (sent: unknown): string[] =>
  problemsIn(sent, (problems) => decodeNew(schema, sent, problems));

function decoded(sent: unknown): New<Crate> {
  const problems: Problem[] = [];
  const result = decodeNew(schema, sent, problems);
  expect(problems).toEqual([]);
  return result as New<Crate>;
}

describe('a to-many relationship in a request', () => {
  it('becomes flat objects with what each identifier carries', () => {
    const sent = [
      parcel(1, { quantity: 2, '@x': 1 }),
      { ...parcel(2), id: uuidOf(10).toUpperCase(), foo: 1 },
    ];
    expect(decoded(packed(sent)).contents).toEqual([
      { id: uuidOf(1), quantity: 2 },
      { id: uuidOf(10), quantity: 1 },
    ]);
  });

  it('is null where it is optional and absent', () => {
    expect(decoded(document(undefined))).toMatchObject({ contents: null, owners: null });
  });

  it('leaves the meta alone where none is declared', () => {
    const owner = { type: 'users', id: uuidOf(1), meta: { since: 5 } };
    expect(decoded(document({ owners: { data: [owner] } })).owners).toEqual([{ id: uuidOf(1) }]);
  });

  const at = '/data/relationships/contents';
  it.each<[unknown, string]>([
    [null, at],
    [{}, at],
    [{ meta: {} }, at],
    [{ data: null }, `${at}/data`],
    [{ data: parcel(1) }, `${at}/data`],
    [{ data: [] }, `${at}/data`],
    [{ data: [1, 2, 3, 4].map((n) => parcel(n)) }, `${at}/data`],
    [{ data: [parcel(1), null] }, `${at}/data/1`],
    [{ data: [parcel(1), 'x'] }, `${at}/data/1`],
    [{ data: [{ ...parcel(1), type: undefined }] }, `${at}/data/0`],
    [{ data: [{ ...parcel(1), type: 'users' }] }, `${at}/data/0/type`],
    [{ data: [parcel(1), { ...parcel(2), id: undefined }] }, `${at}/data/1`],
    [{ data: [{ ...parcel(1), id: 5 }] }, `${at}/data/0/id`],
    [{ data: [{ ...parcel(1), id: '' }] }, `${at}/data/0/id`],
    [{ data: [parcel(1), parcel(2), parcel(1)] }, `${at}/data/2/id`],
    [{ data: [parcel(10), { ...parcel(10), id: uuidOf(10).toUpperCase() }] }, `${at}/data/1/id`],
    [{ data: ['North', 'NORTH'].map((id) => ({ ...parcel(1), id })) }, `${at}/data/1/id`],
    [{ data: [{ type: 'parcels', id: uuidOf(1) }] }, `${at}/data/0`],
    [{ data: [parcel(1), parcel(2, {})] }, `${at}/data/1/meta`],
    [{ data: [parcel(1, [])] }, `${at}/data/0/meta`],
    [{ data: [parcel(1, null)] }, `${at}/data/0/meta`],
    [{ data: [parcel(1, { quantity: 0 })] }, `${at}/data/0/meta/quantity`],
    [{ data: [parcel(1), parcel(2, { quantity: '1' })] }, `${at}/data/1/meta/quantity`],
    [{ data: [parcel(1, { quantity: null })] }, `${at}/data/0/meta/quantity`],
    [{ data: [parcel(1, { quantity: 1, 'a/b': 1 })] }, `${at}/data/0/meta/a~1b`],
    [{ data: [parcel(1, { quantity: 1, unitPriceCents: 1 })] }, `${at}/data/0/meta/unitPriceCents`],
  ])('D1 D11 cannot be %j', (contents, pointer) => {
    expect(problemsOf(document({ contents }))).toEqual([`invalid_relationship ${pointer}`]);
  });

  it('may demand UUIDs', () => {
    const owners = { data: [{ type: 'users', id: 'me' }] };
    expect(problemsOf(document({ owners }))).toEqual([
      'invalid_relationship /data/relationships/owners/data/0/id',
    ]);
  });

  it('has meta that only the service sets', () => {
    expect(problemsOf(packed([parcel(1), parcel(2, { quantity: 1, unit_price_cents: 0 })]))).toEqual([
      `read_only ${at}/data/1/meta/unit_price_cents`,
    ]);
  });

  it('H4 is pointed at by a rule over several properties', () => {
    const contents = { data: [parcel(1), parcel(2)] };
    expect(problemsOf(document({ contents }, { slots: 1 }))).toEqual([`invalid_relationship ${at}/data`]);
    for (const [relationships, pointer] of [
      [undefined, '/data'],
      [{}, '/data/relationships'],
      [{ depot: { data: null } }, '/data/relationships/depot/data'],
    ] as const)
      expect(problemsOf(document(relationships, { cooled: true }))).toEqual([
        `invalid_relationship ${pointer}`,
      ]);
  });

  it('H3 is told about in full', () => {
    const sent = [parcel(1, { quantity: 0, x: 1 }), { type: 'users', id: 5 }, parcel(2, {})];
    expect(problemsOf(packed(sent))).toEqual([
      `invalid_relationship ${at}/data/0/meta/quantity`,
      `invalid_relationship ${at}/data/0/meta/x`,
      `invalid_relationship ${at}/data/1/type`,
      `invalid_relationship ${at}/data/1`,
      `invalid_relationship ${at}/data/2/meta`,
    ]);
  });
});

describe('other fields in a request', () => {
  it('an attribute may tell that it is absent, but null cannot be sent', () => {
    expect(decoded(document(undefined)).tare).toBeNull();
    expect(decoded(document(undefined, { tare: 3 })).tare).toBe(3);
    expect(problemsOf(document(undefined, { tare: null }))).toEqual([
      'invalid_attribute /data/attributes/tare',
    ]);
  });

  it('what can only be changed is refused, and not missed', () => {
    expect(problemsOf(document(undefined, { state: 'open' }))).toEqual(['read_only /data/attributes/state']);
  });

  it('what answers never have is taken', () => {
    const sent = document({ stamp: { data: { type: 'stamps', id: 'red' } } }, { password: 'x' });
    expect(decoded(sent)).toMatchObject({ stamp: 'red', password: 'x' });
  });
});

describe('a to-many relationship in an answer', () => {
  const written = (resource: object, of: typeof Crate | typeof Depot = Crate) =>
    JSON.parse(serialiserOf(of).fetched(resource, NO_QUERY)) as {
      data: { attributes: object; relationships: Record<string, unknown> };
    };

  it('B13 has an identifier for each, with its meta', () => {
    const contents = [
      { id: uuidOf(1), quantity: 2, unitPriceCents: 5, secret: 1 },
      { id: uuidOf(2), quantity: 1, unitPriceCents: 0 },
    ];
    expect(written(crate(1, { contents })).data.relationships).toEqual({
      contents: {
        data: [
          { type: 'parcels', id: uuidOf(1), meta: { quantity: 2, unit_price_cents: 5 } },
          { type: 'parcels', id: uuidOf(2), meta: { quantity: 1, unit_price_cents: 0 } },
        ],
      },
      owners: { data: [] },
      depot: { data: { type: 'depots', id: uuidOf(2) } },
    });
  });

  it('B11 B14 has a link instead of identifiers, until they are there', () => {
    const depot = { id: uuidOf(1), name: 'x' };
    const links = { related: `/depots/${uuidOf(1)}/crates` };
    expect(written(depot, Depot).data.relationships).toEqual({ crates: { links } });
    expect(written({ ...depot, crates: [] }, Depot).data.relationships).toEqual({
      crates: { links, data: [] },
    });
    expect(written({ ...depot, crates: [{ id: uuidOf(5) }] }, Depot).data.relationships).toEqual({
      crates: { links, data: [{ type: 'crates', id: uuidOf(5) }] },
    });
  });

  it('leaves out what answers never have', () => {
    const { attributes, relationships } = written(crate(1, { password: 'x', stamp: 'red' })).data;
    expect(attributes).not.toHaveProperty('password');
    expect(relationships).not.toHaveProperty('stamp');
  });

  it('big integers are exact', () => {
    const text = serialiserOf(Crate).fetched(crate(1, { worthCents: 2n ** 62n + 1n }), NO_QUERY);
    expect(text).toContain('"worth_cents":4611686018427387905}');
  });

  it('throws rather than send one with a hole in it', () => {
    const hole = (set: object) => () => written({ ...crate(1), ...set });
    expect(hole({ contents: undefined })).toThrow('contents');
    expect(hole({ contents: null })).toThrow('contents');
    expect(hole({ contents: [{ id: uuidOf(1), quantity: 1 }] })).toThrow('contents.unitPriceCents');
    expect(hole({ owners: [{}] })).toThrow('owners.id');
    expect(() => written({ id: uuidOf(1), name: 'x', crates: null }, Depot)).toThrow('crates');
  });
});
