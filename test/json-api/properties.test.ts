import fc from 'fast-check';
import { schemaOf } from '../../src/json-api';
import { decodeNew } from '../../src/json-api/decode';
import { duplicateKey } from '../../src/json-api/duplicate-keys';
import { parseJson } from '../../src/json-api/json';
import { isAcceptable, isSupportedContentType } from '../../src/json-api/media-types';
import { parseQuery } from '../../src/json-api/query';
import { quote } from '../../src/json-api/quote';
import { type Problem } from '../../src/refusals';
import { Parcel, parcelDocument } from './demo';

const schema = schemaOf(Parcel);
const types = new Map([['parcels', schema]]);

/** Mostly the names that the resource has, so that the interesting branches are met. */
const name = fc.oneof(
  fc.constantFrom(...schema.attributeOf.keys(), ...schema.relationshipOf.keys()),
  fc.string(),
);
const identifier = fc.record(
  { type: fc.oneof(fc.constant('users'), fc.jsonValue()), id: fc.oneof(fc.uuid(), fc.jsonValue()) },
  { requiredKeys: [] },
);
const relationship = fc.oneof(fc.jsonValue(), fc.record({ data: fc.oneof(identifier, fc.jsonValue()) }));
const document = fc.oneof(
  fc.jsonValue(),
  fc
    .record(
      {
        type: fc.oneof(fc.constant('parcels'), fc.jsonValue()),
        id: fc.jsonValue(),
        attributes: fc.oneof(fc.dictionary(name, fc.jsonValue()), fc.jsonValue()),
        relationships: fc.oneof(fc.dictionary(name, relationship), fc.jsonValue()),
      },
      { requiredKeys: [] },
    )
    .map((data) => ({ data })),
);

function isThere(within: unknown, pointer: string): boolean {
  let at = within;
  for (const escaped of pointer.split('/').slice(1)) {
    const token = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, token)) return false;
    at = (at as Record<string, unknown>)[token];
  }
  return true;
}

it('H4 every pointer leads to something in the body, whatever the body is', () => {
  fc.assert(
    fc.property(document, (body) => {
      const problems: Problem[] = [];
      decodeNew(schema, body, problems);
      return problems.every(
        ({ source }) => source !== undefined && 'pointer' in source && isThere(body, source.pointer),
      );
    }),
    { numRuns: 2000 },
  );
});

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
