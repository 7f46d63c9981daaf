import { REFUSAL_CODES, REFUSALS } from '../refusals';
import { Cursors } from './cursors';
import { type AttributeField, type RelationshipField } from './fields';
import { CURSOR_PAGINATION } from './media-types';
import { membersOf } from './openapi-schemas';
import { exampleResource, exampleValue, RELATED_ID } from './openapi-values';
import { querySuffix } from './query';
import { type ResourceSchema, schemaOfType } from './resource';
import { type ListConfig } from './route-config';

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
  return { data: { type: schema.type, id: schema.exampleId, ...changed } };
}

/** A document that carries the resource. */
export function exampleOf(schema: ResourceSchema): object {
  return { jsonapi: { version: '1.1' }, ...linksOf(schema), data: resourceExample(schema) };
}

/** A document that carries the new resource, and those at the other end of its relationships `includes`. */
export function exampleOfCreated(
  schema: ResourceSchema,
  includes?: ReadonlyMap<string, RelationshipField>,
): object {
  const types = new Set(Array.from(includes?.values() ?? [], ({ type }) => type));
  const included = Array.from(types, (type) =>
    resourceExample({ ...schemaOfType(type), exampleId: RELATED_ID }),
  );
  return {
    jsonapi: { version: '1.1' },
    data: resourceExample(schema, includes),
    ...(includes && { included }),
  };
}

/** A page with one resource, of the list as it is without a query but for the size. */
export function exampleOfList(schema: ResourceSchema, { of, order }: ListConfig): object {
  const path = of === undefined ? schema.path : `${of.path}/${RELATED_ID}/${schema.type}`;
  const cursor = new Cursors(path, order, schema.ids).write(exampleResource(schema));
  const size: [string, string] = ['page[size]', '1'];
  const first = path + querySuffix([size]);
  const next = path + querySuffix([size, ['page[after]', cursor]]);
  return {
    jsonapi: { version: '1.1', profile: [CURSOR_PAGINATION] },
    links: { self: first, first, prev: null, next },
    data: [{ ...resourceExample(schema), meta: { page: { cursor } } }],
  };
}

function resourceExample(schema: ResourceSchema, includes?: ReadonlyMap<string, RelationshipField>): object {
  const attributes = schema.attributes.filter(({ answer }) => answer);
  const relationships = schema.relationships.filter(({ answer }) => answer);
  return {
    type: schema.type,
    id: schema.exampleId,
    ...groupsOf(schema, attributes, relationships, 'answer', includes),
    ...linksOf(schema),
  };
}

function linksOf(schema: ResourceSchema): { links?: { self: string } } {
  const self = schema.addressOf(exampleResource(schema));
  return self === null ? {} : { links: { self } };
}

function groupsOf(
  schema: ResourceSchema,
  attributes: readonly AttributeField[],
  relationships: readonly RelationshipField[],
  place: 'new' | 'answer',
  includes?: ReadonlyMap<string, RelationshipField>,
): object {
  const linkage = (field: RelationshipField): object => ({
    ...relationshipExample(schema, field, place),
    ...(includes?.has(field.member) === true && linkageExample(field, place)),
  });
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
  const self = linksOf(schema).links?.self;
  if (field.many && field.linked !== undefined && self !== undefined)
    return { links: { related: `${self}/${field.linked}` } };
  return linkageExample(field, place);
}

function linkageExample(field: RelationshipField, place: 'new' | 'answer'): object {
  const { type } = field;
  if (!field.many) return { data: { type, id: RELATED_ID } };
  const meta = field.meta.filter(({ write }) => place === 'answer' || write !== 'never');
  const identifier = {
    type,
    id: RELATED_ID,
    ...(meta.length > 0 && { meta: membersOf(meta, exampleValue) }),
  };
  return { data: [identifier] };
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
