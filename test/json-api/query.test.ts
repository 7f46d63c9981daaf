import { schemaOf } from '../../src/json-api';
import { NO_QUERY, parseQuery, type Query } from '../../src/json-api/query';
import { type Problem } from '../../src/refusals';
import { Parcel } from './demo';

const types = new Map([['parcels', schemaOf(Parcel)]]);

function read(query: string): { query: Query; refused: string[] } {
  const problems: Problem[] = [];
  const result = parseQuery(`/parcels${query}`, { types, include: new Set() }, problems);
  for (const { code } of problems) expect(code).toBe('invalid_parameter');
  return {
    query: result,
    refused: problems.map(({ source }) => (source as { parameter: string }).parameter),
  };
}

it.each(['', '?', '?&', '?&&'])('a URL with %j has no parameters', (query) => {
  expect(read(query)).toMatchObject({ refused: [], query: { fields: undefined, suffix: '' } });
  expect(read('').query).toBe(NO_QUERY);
});

it.each([
  ['?fields[parcels]=label', ['label']],
  ['?fields%5Bparcels%5D=label', ['label']],
  ['?fields%5bparcels%5d=weight%5Fgrams,receiver', ['weight_grams', 'receiver']],
  ['?fields[parcels]=', []],
  ['?fields[parcels]', []],
  ['?fields[parcels]=label,label', ['label']],
])('E3 E4 %s asks for %j', (query, fields) => {
  const { query: result, refused } = read(query);
  expect(refused).toEqual([]);
  expect([...(result.fields?.get('parcels') ?? ['none'])]).toEqual(fields);
});

it('B17 B18 writes the same query for links, with brackets encoded', () => {
  const { suffix } = read('?fields[parcels]=label%2Cnote&').query;
  expect(suffix).toBe('?fields%5Bparcels%5D=label,note');
  expect(read(suffix).query).toEqual(read('?fields[parcels]=label,note').query);
});

it.each([
  ['E1', '?foo=1', 'foo'],
  ['E1', '?page=1', 'page'],
  ['E1', '?filter', 'filter'],
  ['E1', '?include[]=x', 'include[]'],
  ['E1', '?fields=label', 'fields'],
  ['E1', '?fields[]=label', 'fields[]'],
  ['E1', '?fields[_]=label', 'fields[_]'],
  ['E1', '?page[_]=1', 'page[_]'],
  ['E1', '?=1', ''],
  ['E1', '?constructor=1', 'constructor'],
  ['E2', '?camelCase=1', 'camelCase'],
  ['E2', '?utm_source=x', 'utm_source'],
  ['C6', '?include=', 'include'],
  ['C6', '?include=receiver', 'include'],
  ['C8', '?fields[parcels]=nope', 'fields[parcels]'],
  ['C8', '?fields[parcels]=label,', 'fields[parcels]'],
  ['C8', '?fields[parcels]=id', 'fields[parcels]'],
  ['C8', '?fields[parcels]=weightGrams', 'fields[parcels]'],
  ['C9', '?fields[nope]=a', 'fields[nope]'],
  ['C9', '?fields[users]=name', 'fields[users]'],
  ['C10', '?sort=label', 'sort'],
  ['C12', '?filter[x]=1', 'filter[x]'],
  ['C12', '?page[size]=1', 'page[size]'],
  ['E4', '?a+b=1', 'a b'],
  ['E4', '?%E0%A4%A', '%E0%A4%A'],
  ['E4', '?foo=%zz', 'foo'],
  ['E4', '?%00=1', '%00'],
  ['E4', '?fields[parcels]=%00', 'fields[parcels]'],
  ['E5', '?fields[parcels]=label&fields%5Bparcels%5D=note', 'fields[parcels]'],
])('%s %s is refused by the name %j', (_rule, query, parameter) => {
  expect(read(query).refused).toEqual([parameter]);
});

it('tells about all parameters at once', () => {
  expect(read('?a=1&fields[parcels]=label&b=2').refused).toEqual(['a', 'b']);
});
