import { decodeNew } from '../../src/json-api/decode';
import { refusalOf } from '../../src/json-api/errors';
import { type New, schemaOf } from '../../src/json-api';
import { type Problem } from '../../src/refusals';
import { Parcel, parcelDocument, USER } from './demo';
import { problemsIn } from './problems';

const schema = schemaOf(Parcel);

/** The problems of a document, each as "code pointer". */
const problemsOf = (document: unknown): string[] =>
  problemsIn(document, (problems) => decodeNew(schema, document, problems));

function decoded(document: unknown): unknown {
  const problems: Problem[] = [];
  const parcel = decodeNew(schema, document, problems);
  expect(problems).toEqual([]);
  return parcel;
}

const attributes = (set: object): unknown =>
  parcelDocument({ attributes: { label: 'a', weight_grams: 1, ...set } });
const relationships = (set: object): unknown =>
  parcelDocument({ relationships: { receiver: { data: { type: 'users', id: USER } }, ...set } });

describe('a document that is all right', () => {
  it('becomes a flat object of the class, with defaults for what is absent', () => {
    const parcel = decoded(parcelDocument());
    expect(parcel).toBeInstanceOf(Parcel);
    expect(parcel).toMatchObject({
      label: 'books',
      weightGrams: 500,
      note: null,
      speed: 'slow',
      fragile: false,
      pickUpAt: null,
      receiver: USER,
      depot: null,
    });
  });

  it('keeps every value that is sent', () => {
    const set = { note: '', speed: 'fast', fragile: true, pick_up_at: '2026-06-01T12:00:00.5+02:00' };
    const depot = { depot: { data: { type: 'depots', id: 'north' } } };
    expect(decoded(attributes(set))).toMatchObject({
      note: '',
      speed: 'fast',
      fragile: true,
      pickUpAt: new Date('2026-06-01T10:00:00.500Z'),
    });
    expect(decoded(relationships(depot))).toMatchObject({ depot: 'north' });
  });

  it('has the properties that `New` promises, and no others', () => {
    const promised: Record<keyof New<Parcel>, true> = {
      label: true,
      note: true,
      weightGrams: true,
      speed: true,
      fragile: true,
      pickUpAt: true,
      receiver: true,
      depot: true,
    };
    expect(Object.keys(decoded(parcelDocument()) as object).sort()).toEqual(Object.keys(promised).sort());
  });

  it('writes UUIDs in lower case', () => {
    const upper = { data: { type: 'users', id: USER.toUpperCase() } };
    expect(decoded(relationships({ receiver: upper }))).toMatchObject({ receiver: USER });
    expect(
      decoded(relationships({ depot: { data: { type: 'depots', id: USER.toUpperCase() } } })),
    ).toMatchObject({
      depot: USER,
    });
  });

  it('B5 ignores what JSON:API does not know, and @-members', () => {
    const document = {
      ...parcelDocument({ foo: 1, '@x': 2, links: 3, meta: 4, lid: 'local' }),
      foo: 1,
      '@x': { a: 1 },
      jsonapi: { ext: ['https://e.x/none'] },
    };
    expect(decoded(document)).toEqual(decoded(parcelDocument()));
    expect(decoded(attributes({ '@x': 1 }))).toEqual(decoded(attributes({})));
    expect(decoded(relationships({ '@x': 1 }))).toEqual(decoded(relationships({})));
  });
});

describe('D1 the document', () => {
  it.each([
    [null, ''],
    [[], ''],
    ['x', ''],
    [{}, ''],
    [{ data: null }, '/data'],
    [{ data: [] }, '/data'],
    [{ data: [parcelDocument().data] }, '/data'],
    [{ data: 'x' }, '/data'],
    [{ data: 5 }, '/data'],
    [parcelDocument({ type: undefined }), '/data'],
    [parcelDocument({ type: 5 }), '/data/type'],
    [parcelDocument({ type: null }), '/data/type'],
    [parcelDocument({ attributes: [] }), '/data/attributes'],
    [parcelDocument({ attributes: 'x' }), '/data/attributes'],
    [parcelDocument({ relationships: null }), '/data/relationships'],
  ])('%j is refused at "%s"', (document, pointer) => {
    expect(problemsOf(document)).toEqual([`invalid_document ${pointer}`]);
  });

  it('D2 has the type of the collection, else its attributes are not judged', () => {
    const document = parcelDocument({ type: 'users', attributes: { nope: 1 }, relationships: undefined });
    expect(problemsOf(document)).toEqual(['type_conflict /data/type']);
  });

  it.each([USER, '', null, 5, {}])('D3 has no id, not even %j', (id) => {
    expect(problemsOf(parcelDocument({ id }))).toEqual(['client_id_forbidden /data/id']);
  });
});

describe('attributes', () => {
  it.each<[string, unknown[]]>([
    [
      'weight_grams',
      ['2', 2.5, 0, 1001, -1, null, true, [], {}, JSON.parse('1e400'), JSON.parse('9007199254740993')],
    ],
    ['label', ['', '   ', '\u00a0\n', 'a\0', '\ud800', 'a\udc00b', 'x'.repeat(21), '😀'.repeat(21), 5, null]],
    ['note', ['x'.repeat(51), 5, false, '\0']],
    ['speed', ['Fast', '', 'toString', null, 1]],
    ['fragile', ['true', 0, 1, null]],
    ['pick_up_at', ['2026-06-01', '2026-06-01T10:00:00', '2026-02-30T10:00:00Z', 'now', 1780000000, '']],
  ])('%s takes none of %j', (name, values) => {
    for (const value of values)
      expect(problemsOf(attributes({ [name]: value }))).toEqual([
        `invalid_attribute /data/attributes/${name}`,
      ]);
  });

  it.each<[string, unknown[]]>([
    ['weight_grams', [1, 1000, 2.0, JSON.parse('1e2')]],
    ['label', ['x', 'x'.repeat(20), '😀'.repeat(20), ' a ', "'; DROP TABLE x; --"]],
    ['note', [null, '', ' ', '\ufeff']],
    ['pick_up_at', [null, '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2024-02-29T00:00:00-11:30']],
  ])('%s takes all of %j', (name, values) => {
    for (const value of values) decoded(attributes({ [name]: value }));
  });

  it('say which one is missing, at the nearest parent', () => {
    expect(problemsOf(parcelDocument({ attributes: { label: 'a' } }))).toEqual([
      'invalid_attribute /data/attributes',
    ]);
    expect(problemsOf(parcelDocument({ attributes: undefined }))).toEqual([
      'invalid_attribute /data',
      'invalid_attribute /data',
    ]);
    const problems: Problem[] = [];
    decodeNew(schema, parcelDocument({ attributes: { label: 'a' } }), problems);
    expect(problems[0]?.detail).toBe('`weight_grams` is required.');
  });

  it.each(['nope', 'Label', 'weightGrams', 'receiver', 'constructor', 'toString', 'a/b', 'm~n', ''])(
    'B20 refuse one that does not exist: %j',
    (name) => {
      const token = name.replaceAll('~', '~0').replaceAll('/', '~1');
      expect(problemsOf(attributes({ [name]: 1 }))).toEqual([`invalid_attribute /data/attributes/${token}`]);
    },
  );

  it('are unharmed by __proto__', () => {
    const document: unknown = JSON.parse(
      JSON.stringify(parcelDocument()).replace('"label"', '"__proto__":{"weight_grams":1,"x":1},"label"'),
    );
    expect(problemsOf(document)).toEqual(['invalid_attribute /data/attributes/__proto__']);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('are read-only where only the service sets them', () => {
    expect(problemsOf(attributes({ currency: 'EUR', price_cents: 1 }))).toEqual([
      'read_only /data/attributes/currency',
      'read_only /data/attributes/price_cents',
    ]);
  });
});

describe('relationships', () => {
  const at = '/data/relationships/receiver';
  it.each<[unknown, string]>([
    [null, at],
    [[], at],
    ['x', at],
    [{}, at],
    [{ links: { related: '/users/1' } }, at],
    [{ meta: {} }, at],
    [{ data: null }, `${at}/data`],
    [{ data: [] }, `${at}/data`],
    [{ data: [{ type: 'users', id: USER }] }, `${at}/data`],
    [{ data: USER }, `${at}/data`],
    [{ data: { id: USER } }, `${at}/data`],
    [{ data: { type: 'users' } }, `${at}/data`],
    [{ data: { type: 'users', lid: 'a' } }, `${at}/data`],
    [{ data: { type: 'parcels', id: USER } }, `${at}/data/type`],
    [{ data: { type: 5, id: USER } }, `${at}/data/type`],
    [{ data: { type: 'users', id: 5 } }, `${at}/data/id`],
    [{ data: { type: 'users', id: '' } }, `${at}/data/id`],
    [{ data: { type: 'users', id: 'abc' } }, `${at}/data/id`],
    [{ data: { type: 'users', id: `{${USER}}` } }, `${at}/data/id`],
    [{ data: { type: 'users', id: USER.replaceAll('-', '') } }, `${at}/data/id`],
    [{ data: { type: 'users', id: `${USER}\n` } }, `${at}/data/id`],
  ])('D1 D11 the receiver cannot be %j', (receiver, pointer) => {
    expect(problemsOf(relationships({ receiver }))).toEqual([`invalid_relationship ${pointer}`]);
  });

  it('take the nil UUID and those of unknown versions', () => {
    for (const id of ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'])
      decoded(relationships({ receiver: { data: { type: 'users', id } } }));
  });

  it('may be null where they are optional', () => {
    expect(decoded(relationships({ depot: { data: null } }))).toMatchObject({ depot: null });
    expect(problemsOf(relationships({ depot: null }))).toEqual([
      'invalid_relationship /data/relationships/depot',
    ]);
  });

  it('say which one is missing', () => {
    expect(problemsOf(parcelDocument({ relationships: {} }))).toEqual([
      'invalid_relationship /data/relationships',
    ]);
    expect(problemsOf(parcelDocument({ relationships: undefined }))).toEqual(['invalid_relationship /data']);
  });

  it('refuse one that does not exist, and one that only the service sets', () => {
    expect(problemsOf(relationships({ sender: {}, label: {}, constructor: {} }))).toEqual([
      'invalid_relationship /data/relationships/sender',
      'invalid_relationship /data/relationships/label',
      'invalid_relationship /data/relationships/constructor',
    ]);
    expect(problemsOf(relationships({ courier: { data: null } }))).toEqual([
      'read_only /data/relationships/courier',
    ]);
  });
});

describe('H3 several problems', () => {
  it('are all found, and answered with the status of the highest precedence', () => {
    const problems: Problem[] = [];
    const document = { data: { type: 'parcels', id: 1, attributes: { currency: 'x', label: 5, nope: 1 } } };
    decodeNew(schema, document, problems);
    const refused = refusalOf(problems);
    expect(refused?.status).toBe(400);
    expect(refused?.problems.map(({ code }) => code)).toEqual([
      'invalid_attribute',
      'invalid_attribute',
      'invalid_attribute',
      'invalid_relationship',
      'client_id_forbidden',
      'read_only',
    ]);
  });

  it('are cut off where nobody reads on', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1]));
    const problems: Problem[] = [];
    decodeNew(schema, attributes(many), problems);
    expect(refusalOf(problems)?.problems).toHaveLength(50);
  });
});
