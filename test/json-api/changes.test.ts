import { type Changes, schemaOf } from '../../src/json-api';
import { decodeChanges } from '../../src/json-api/decode';
import { type Problem } from '../../src/refusals';
import { Crate, uuidOf } from './crates';
import { problemsIn } from './problems';

const schema = schemaOf(Crate);
const ID = uuidOf(101);

const changes = (attributes: unknown, over: object = {}): unknown => ({
  data: { type: 'crates', id: ID, attributes, ...over },
});
const problemsOf = (document: unknown, id = ID): string[] =>
  problemsIn(document, (problems) => decodeChanges(schema, id, document, problems));

function decoded(document: unknown, id = ID): Changes<Crate> {
  const problems: Problem[] = [];
  const result = decodeChanges(schema, id, document, problems);
  expect(problems).toEqual([]);
  return result;
}

it('F3 has the properties that were sent, and no others', () => {
  expect(Object.entries(decoded(changes({ label: 'south', leaves_at: null })))).toEqual([
    ['label', 'south'],
    ['leavesAt', null],
  ]);
  expect(Object.keys(decoded(changes({})))).toEqual([]);
  expect(Object.keys(decoded(changes(undefined)))).toEqual([]);
});

it('takes what can only be changed, not created', () => {
  expect(decoded(changes({ state: 'closed' }))).toMatchObject({ state: 'closed' });
});

it('F2 takes the id of the address in any case', () => {
  expect(decoded(changes({ label: 'a' }, { id: ID.toUpperCase() }))).toEqual(
    decoded(changes({ label: 'a' }), ID.toUpperCase()),
  );
});

it.each<[object, string[]]>([
  [{ type: undefined }, ['invalid_document /data']],
  [{ id: undefined }, ['invalid_document /data']],
  [{ type: undefined, id: undefined }, ['invalid_document /data', 'invalid_document /data']],
  [{ type: 5 }, ['invalid_document /data/type']],
  [{ id: 5 }, ['invalid_document /data/id']],
  [{ id: null }, ['invalid_document /data/id']],
  [{ attributes: [] }, ['invalid_document /data/attributes']],
])('F1 a resource with %j is refused', (over, expected) => {
  expect(problemsOf(changes({ label: 'a' }, over))).toEqual(expected);
});

it.each([null, [], 'x', {}, { data: null }, { data: [] }])('F1 %j is refused', (document) => {
  expect(problemsOf(document)).toHaveLength(1);
});

it('F2 type and id are those of the address', () => {
  expect(problemsOf(changes({ nope: 1 }, { type: 'depots' }))).toEqual(['type_conflict /data/type']);
  expect(problemsOf(changes({ label: 'a' }, { id: uuidOf(102) }))).toEqual(['type_conflict /data/id']);
  expect(problemsOf(changes({ label: 'a' }, { id: '' }))).toEqual(['type_conflict /data/id']);
  expect(problemsOf(changes({ label: '' }, { id: 'x' }))).toEqual([
    'type_conflict /data/id',
    'invalid_attribute /data/attributes/label',
  ]);
});

it('F7 refuses what cannot be changed, and says whether it ever could be set', () => {
  const document = changes(
    { slots: 5, tare: 5, worth_cents: 5 },
    { relationships: { depot: { data: null }, contents: {}, stamp: 5 } },
  );
  expect(problemsOf(document)).toEqual([
    'read_only /data/attributes/slots',
    'read_only /data/attributes/tare',
    'read_only /data/attributes/worth_cents',
    'read_only /data/relationships/depot',
    'read_only /data/relationships/contents',
    'read_only /data/relationships/stamp',
  ]);
  const problems: Problem[] = [];
  decodeChanges(schema, ID, document, problems);
  expect(problems.map(({ detail }) => detail).slice(1, 4)).toEqual([
    '`tare` is set once and cannot be changed.',
    '`worth_cents` is set by the service.',
    '`depot` is set once and cannot be changed.',
  ]);
});

it('refuses what does not exist', () => {
  expect(problemsOf(changes({ nope: 1, '@x': 1 }, { relationships: { nope: {}, '@x': 1 } }))).toEqual([
    'invalid_attribute /data/attributes/nope',
    'invalid_relationship /data/relationships/nope',
  ]);
});

it.each(['label', 'state', 'cooled'])('F3 null is no value of %s', (name) => {
  expect(problemsOf(changes({ [name]: null }))).toEqual([`invalid_attribute /data/attributes/${name}`]);
});

it('judges values by the rules of their kinds', () => {
  expect(problemsOf(changes({ label: '', state: 'ajar', cooled: 1, leaves_at: 'now' }))).toEqual([
    'invalid_attribute /data/attributes/label',
    'invalid_attribute /data/attributes/state',
    'invalid_attribute /data/attributes/cooled',
    'invalid_attribute /data/attributes/leaves_at',
  ]);
});

it('rules over several properties see only what was sent', () => {
  expect(Object.entries(decoded(changes({ cooled: true })))).toEqual([['cooled', true]]);
});
