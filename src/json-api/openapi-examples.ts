import { REFUSAL_CODES, REFUSALS } from '../refusals';
import { Cursors } from './cursors';
import { type AttributeField, type MetaField, type RelationshipField } from './fields';
import { CURSOR_PAGINATION } from './media-types';
import { membersOf } from './openapi-schemas';
import { querySuffix } from './query';
import { type ResourceSchema } from './resource';

const EXAMPLE_ID = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a70';
const RELATED_ID = '0190c9f4-1c22-7a6e-8b51-0d3c4e9f7a12';

/** A document that creates the resource, made of the examples of its fields unless the route gives its own. */
export function exampleOfNew(schema: ResourceSchema, given?: object): object {
  if (given !== undefined) return { data: { type: schema.type, ...given } };
  const sent = <F extends AttributeField | RelationshipField>(fields: readonly F[]): F[] =>
    fields.filter(({ write }) => write !== 'never');
  const attributes = sent(schema.attributes).filter(
    ({ write, example }) => write === 'required' || example !== undefined,
  );
  const relationships = sent(schema.relationships).filter(({ write }) => write === 'required');
  return { data: { type: schema.type, ...groupsOf(schema, attributes, relationships, 'new') } };
}

/** A document that changes the resource. */
export function exampleOfChanged(schema: ResourceSchema, given?: object): object {
  const changeable = schema.attributes.filter(({ change }) => change);
  const [first] = changeable.toSorted(
    (a, b) => Number(b.example !== undefined) - Number(a.example !== undefined),
  );
  const changed = given ?? groupsOf(schema, first === undefined ? [] : [first], [], 'new');
  return { data: { type: schema.type, id: EXAMPLE_ID, ...changed } };
}

/** A document that carries the resource. */
export function exampleOf(schema: ResourceSchema, topLevelSelf: boolean): object {
  return {
    jsonapi: { version: '1.1' },
    ...(topLevelSelf && { links: { self: selfOf(schema) } }),
    data: resourceExample(schema),
  };
}

/** A page with one resource, of the list below a resource of the class `of` if there is one. */
export function exampleOfList(schema: ResourceSchema, of?: ResourceSchema): object {
  const path = of === undefined ? schema.path : `${of.path}/${RELATED_ID}/${schema.type}`;
  const cursor = new Cursors(path, []).write({ id: EXAMPLE_ID });
  const size: [string, string] = ['page[size]', '1'];
  const first = path + querySuffix([size]);
  const next = path + querySuffix([size, ['page[after]', cursor]]);
  return {
    jsonapi: { version: '1.1', profile: [CURSOR_PAGINATION] },
    links: { self: first, first, prev: null, next },
    data: [{ ...resourceExample(schema), meta: { page: { cursor } } }],
  };
}

function resourceExample(schema: ResourceSchema): object {
  const attributes = schema.attributes.filter(({ answer }) => answer);
  const relationships = schema.relationships.filter(({ answer }) => answer);
  return {
    type: schema.type,
    id: EXAMPLE_ID,
    ...groupsOf(schema, attributes, relationships, 'answer'),
    links: { self: selfOf(schema) },
  };
}

function selfOf({ path }: ResourceSchema): string {
  return `${path}/${EXAMPLE_ID}`;
}

function groupsOf(
  schema: ResourceSchema,
  attributes: readonly AttributeField[],
  relationships: readonly RelationshipField[],
  place: 'new' | 'answer',
): object {
  const linkage = (field: RelationshipField): object => relationshipExample(schema, field, place);
  return {
    ...(attributes.length > 0 && { attributes: membersOf(attributes, exampleValue) }),
    ...(relationships.length > 0 && { relationships: membersOf(relationships, linkage) }),
  };
}

function relationshipExample(
  schema: ResourceSchema,
  field: RelationshipField,
  place: 'new' | 'answer',
): object {
  const { type } = field;
  if (!field.many) return { data: { type, id: RELATED_ID } };
  if (field.linked !== undefined) return { links: { related: `${selfOf(schema)}/${field.linked}` } };
  const meta = field.meta.filter(({ write }) => place === 'answer' || write !== 'never');
  const identifier = {
    type,
    id: RELATED_ID,
    ...(meta.length > 0 && { meta: membersOf(meta, exampleValue) }),
  };
  return { data: [identifier] };
}

/** What the declaration gives as an example, or something that the kind allows. */
function exampleValue({ example, kind }: AttributeField | MetaField): unknown {
  if (example !== undefined) return example;
  const { schema, nullable } = kind;
  if (nullable) return null;
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  if (schema['format'] === 'date-time') return '2026-06-01T10:00:00.000Z';
  if (schema['format'] === 'uuid') return RELATED_ID;
  if (schema['type'] === 'boolean') return true;
  if (schema['type'] === 'integer') return Math.max(0, Number(schema['minimum'] ?? 0));
  return 'example';
}

/** An error document for every code, in the words of the table, as `components.examples` holds them. */
export function refusalExamples(): Record<string, object> {
  return Object.fromEntries(
    REFUSAL_CODES.map((code) => {
      const { status, title, detail } = REFUSALS[code];
      const errors = [{ status: String(status), code, title, detail }];
      return [code, { summary: title, value: { jsonapi: { version: '1.1' }, errors } }];
    }),
  );
}
