import fc from 'fast-check';
import { bigInteger, boolean, instant, integer, schemaOf, text, uuid } from '../../src/json-api';
import { decodeChanges, decodeNew } from '../../src/json-api/decode';
import { duplicateKey } from '../../src/json-api/duplicate-keys';
import { parseJson } from '../../src/json-api/json';
import { type Kind } from '../../src/json-api/kinds';
import { listParameters, readList } from '../../src/json-api/list-query';
import { isAcceptable, isSupportedContentType } from '../../src/json-api/media-types';
import { NO_QUERY, parseQuery } from '../../src/json-api/query';
import { quote } from '../../src/json-api/quote';
import { type ListConfig } from '../../src/json-api/route-config';
import { type ResourceSchema } from '../../src/json-api/resource';
import { type Problem } from '../../src/refusals';
import { Crate, uuidOf } from './crates';
import { Parcel, parcelDocument } from './demo';

const schema = schemaOf(Parcel);
const types = new Map([['parcels', schema]]);

/** Documents that are mostly like those of a resource, so that the interesting branches are met. */
function documentsOf({ type, attributeOf, relationshipOf }: ResourceSchema) {
  const name = fc.oneof(fc.constantFrom(...attributeOf.keys(), ...relationshipOf.keys()), fc.string());
  const anyType = fc.constantFrom(...Array.from(relationshipOf.values(), (field) => field.type));
  const quantity = fc.record({ quantity: fc.oneof(fc.integer(), fc.jsonValue()) });
  const identifier = fc.record(
    {
      type: fc.oneof(anyType, fc.jsonValue()),
      id: fc.oneof(fc.uuid(), fc.jsonValue()),
      meta: fc.oneof(quantity, fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const linkage = fc.oneof(identifier, fc.array(fc.oneof(identifier, fc.jsonValue())), fc.jsonValue());
  const relationship = fc.oneof(fc.record({ data: linkage }), fc.jsonValue());
  const data = fc.record(
    {
      type: fc.oneof(fc.constant(type), fc.jsonValue()),
      id: fc.jsonValue(),
      attributes: fc.oneof(fc.dictionary(name, fc.jsonValue()), fc.jsonValue()),
      relationships: fc.oneof(fc.dictionary(name, relationship), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  return fc.oneof(
    fc.jsonValue(),
    data.map((resource) => ({ data: resource })),
  );
}

function isThere(within: unknown, pointer: string): boolean {
  let at = within;
  for (const escaped of pointer.split('/').slice(1)) {
    const token = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, token)) return false;
    at = (at as Record<string, unknown>)[token];
  }
  return true;
}

it.each([Parcel, Crate])(
  'H4 every pointer leads to something in the body, whatever the body is: %p',
  (target) => {
    const resource = schemaOf(target);
    fc.assert(
      fc.property(documentsOf(resource), (body) => {
        const problems: Problem[] = [];
        decodeNew(resource, body, problems);
        decodeChanges(resource, uuidOf(1), body, problems);
        return problems.every(
          ({ source }) => source !== undefined && 'pointer' in source && isThere(body, source.pointer),
        );
      }),
      { numRuns: 2000 },
    );
  },
);

it('what JSON.stringify writes is parsed as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
      const body = Buffer.from(JSON.stringify(value));
      expect(parseJson(body)).toEqual(JSON.parse(body.toString()));
      expect(duplicateKey(body.toString())).toBeUndefined();
    }),
  );
});

it('a key added a second time is found', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (members) => {
      const [key = ''] = Object.keys(members);
      const body = `[${JSON.stringify(members).slice(0, -1)},${JSON.stringify(key)}:1}]`;
      expect(duplicateKey(body)).toBe(key);
      expect(() => parseJson(Buffer.from(body))).toThrow('malformed_json');
    }),
  );
});

it('any bytes, headers and queries are judged, not thrown over', () => {
  const body = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(body, fc.string(), (bytes, text) => {
      try {
        parseJson(Buffer.from(bytes));
      } catch (error) {
        expect(error).toHaveProperty('name', 'Refusal');
      }
      isAcceptable(text);
      isSupportedContentType(text);
      parseQuery(`/?${text}`, { types, include: new Set() }, []);
    }),
  );
});

it('any values of the parameters of a list are judged, not thrown over', () => {
  const kinds = [text({ maximum: 9 }), integer(), bigInteger(), boolean(), instant(), uuid()];
  const filters = kinds.map((kind, n) => ({ kind: kind as Kind<unknown>, parameter: `filter[${n}]` }));
  const list: ListConfig = {
    ids: 'uuid',
    of: undefined,
    filters: filters.map((filter) => ({ ...filter, property: filter.parameter, description: undefined })),
    sort: schema.attributes,
    order: [],
    meta: undefined,
  };
  const names = [...listParameters(list)];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' })), (values) => {
      const problems: Problem[] = [];
      readList({ ...NO_QUERY, parameters: new Map(Object.entries(values)) }, list, '/parcels', problems);
      return problems.every(({ source }) => names.includes((source as { parameter: string }).parameter));
    }),
  );
});

it('strings are quoted as JSON.stringify quotes them', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => quote(text) === JSON.stringify(text)));
});

it('a valid document stays valid with its members in any order', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(['type', 'attributes', 'relationships'], { minLength: 3 }), (order) => {
      const { data } = parcelDocument();
      const problems: Problem[] = [];
      decodeNew(
        schema,
        { data: Object.fromEntries(order.map((member) => [member, data[member]])) },
        problems,
      );
      expect(problems).toEqual([]);
    }),
  );
});
