import { NO_QUERY, type Query } from '../../src/json-api/query';
import { serialiserOf } from '../../src/json-api/serialise';
import { ID, Parcel, parcel, USER } from './demo';

const serialiser = serialiserOf(Parcel);
const fetched = (resource: object, query: Partial<Query> = {}): unknown =>
  JSON.parse(serialiser.fetched(resource, { ...NO_QUERY, ...query }));
const only = (...fields: string[]) => ({ fields: new Map([['parcels', new Set(fields)]]) });

const DATA = {
  type: 'parcels',
  id: ID,
  attributes: {
    label: 'books',
    note: null,
    weight_grams: 500,
    speed: 'slow',
    fragile: false,
    pick_up_at: null,
    currency: 'EUR',
    price_cents: 490,
    created_at: '2026-06-01T10:00:00.120Z',
  },
  relationships: {
    receiver: { data: { type: 'users', id: USER } },
    depot: { data: null },
    courier: { data: null },
  },
  links: { self: `/parcels/${ID}` },
};

it('B7 B11 B13 writes every declared member, and nothing else', () => {
  const resource = { ...parcel(), secret: 'x' };
  expect(fetched(resource)).toEqual({
    jsonapi: { version: '1.1' },
    links: { self: `/parcels/${ID}` },
    data: DATA,
  });
});

it('B17 says in `self` under which query the document is found', () => {
  expect(fetched(parcel(), { suffix: '?fields%5Bparcels%5D=label' })).toMatchObject({
    links: { self: `/parcels/${ID}?fields%5Bparcels%5D=label` },
    data: { links: { self: `/parcels/${ID}` } },
  });
});

it('D7 writes no `self` for the document of a POST, and a Location equal to that of the resource', () => {
  expect(JSON.parse(serialiser.created(parcel(), NO_QUERY))).toEqual({
    jsonapi: { version: '1.1' },
    data: DATA,
  });
  expect(serialiser.self(parcel())).toBe(DATA.links.self);
});

it('C8 keeps the wanted fields only', () => {
  const { type, id, links } = DATA;
  expect(fetched(parcel(), only('label', 'receiver'))).toMatchObject({
    data: {
      type,
      id,
      links,
      attributes: { label: 'books' },
      relationships: { receiver: DATA.relationships.receiver },
    },
  });
  expect(fetched(parcel(), only('depot'))).toHaveProperty('data', {
    type,
    id,
    links,
    relationships: { depot: { data: null } },
  });
  expect(fetched(parcel(), only())).toHaveProperty('data', { type, id, links });
  expect(fetched(parcel(), { fields: new Map([['users', new Set(['x'])]]) })).toHaveProperty('data', DATA);
});

it('escapes what JSON must escape', () => {
  const hard = ['"', '\\', '\n', '\u0001', '\u2028', '😀', '\ud800', '</script>', 'é'];
  for (const note of hard) expect(fetched(parcel({ note }))).toHaveProperty('data.attributes.note', note);
});

it('throws rather than send a resource with a hole in it', () => {
  const write = (hole: object) => () => fetched({ ...parcel(), ...hole });
  expect(write({ weightGrams: undefined })).toThrow('parcels has nothing to send in weightGrams');
  expect(write({ label: null })).toThrow('label');
  expect(write({ receiver: undefined })).toThrow('receiver');
  expect(write({ id: undefined })).toThrow('id');
  expect(write({ createdAt: new Date(NaN) })).toThrow('Invalid time value');
});
