import { type AttributeField, type MetaField, type RelationshipField, type ToManyField } from './fields';
import { type JsonSchema } from './kinds';
import { LINK, object, ref, type Schemas } from './openapi-common';
import { exampleResource } from './openapi-values';
import { type ResourceSchema } from './resource';

/** In which document a field is described. */
type Place = 'answer' | 'new' | 'changed';

/** The schemas of one resource: the documents that create, change and carry it, one or many of them. */
export function resourceSchemas(schema: ResourceSchema): Schemas {
  const { type, target } = schema;
  const { name } = target;
  return {
    [name]: resourceObject(schema),
    [`${name}Document`]: object(
      { jsonapi: ref('JsonApi'), links: ref('SelfLink'), data: ref(name) },
      ['data', 'jsonapi'],
      `A document with one resource of the type ${type}.`,
    ),
    [`${name}ListDocument`]: object(
      {
        jsonapi: ref('ListJsonApi'),
        links: ref('ListLinks'),
        data: { type: 'array', items: { allOf: [ref(name), ref('ListedItem')] } },
      },
      ['data', 'jsonapi', 'links'],
      `A page of resources of the type ${type}.`,
    ),
    [`New${name}`]: newResourceObject(schema),
    [`New${name}Document`]: object(
      { data: ref(`New${name}`) },
      ['data'],
      `Creates a resource of the type ${type}.`,
    ),
    [`Changed${name}`]: changedResourceObject(schema),
    [`Changed${name}Document`]: object(
      { data: ref(`Changed${name}`) },
      ['data'],
      `Changes a resource of the type ${type}.`,
    ),
  };
}

/**
 * Whatever `fields` leaves out is absent, so only what always stays is required. Of a class that tells addresses
 * itself, one resource may have one and another none.
 */
function resourceObject(schema: ResourceSchema): JsonSchema {
  const { type, description, isInCollection } = schema;
  const hasAddress = schema.addressOf(exampleResource(schema)) !== null;
  const attributes = schema.attributes.filter(({ answer }) => answer);
  const relationships = schema.relationships.filter(({ answer }) => answer);
  return object(
    {
      type: { type: 'string', const: type },
      id: idSchema(schema),
      attributes: object(membersOf(attributes, (field) => attributeSchema(field, 'answer'))),
      ...(relationships.length > 0 && {
        relationships: object(membersOf(relationships, (field) => relationshipSchema(field, 'answer'))),
      }),
      ...(hasAddress && { links: ref('SelfLink') }),
    },
    ['type', 'id', ...(isInCollection ? ['links'] : [])],
    description,
  );
}

function newResourceObject(schema: ResourceSchema): JsonSchema {
  const attributes = schema.attributes.filter(({ write }) => write !== 'never');
  const relationships = schema.relationships.filter(({ write }) => write !== 'never');
  const groups = {
    attributes: closed(attributes, (field) => attributeSchema(field, 'new')),
    relationships: closed(relationships, (field) => relationshipSchema(field, 'new')),
  };
  const required = Object.entries({ attributes, relationships })
    .filter(([, fields]) => fields.some(({ write }) => write === 'required'))
    .map(([name]) => name);
  return object(
    {
      type: { type: 'string', const: schema.type },
      lid: { type: 'string', description: 'A local id; allowed by JSON:API, without effect here.' },
      ...(attributes.length > 0 && { attributes: groups.attributes }),
      ...(relationships.length > 0 && { relationships: groups.relationships }),
    },
    ['type', ...required],
    'A resource to be created. Its id is made by the service.',
  );
}

function changedResourceObject(schema: ResourceSchema): JsonSchema {
  const { type, attributes } = schema;
  const changeable = attributes.filter(({ change }) => change);
  const members = membersOf(changeable, (field) => attributeSchema(field, 'changed'));
  return object(
    {
      type: { type: 'string', const: type },
      id: { ...idSchema(schema), description: 'The id in the address.' },
      attributes: { ...object(members), additionalProperties: false },
    },
    ['type', 'id'],
    'What is to be changed. Attributes that are absent stay as they are.',
  );
}

function idSchema({ ids }: ResourceSchema): JsonSchema {
  return ids === 'text' ? { type: 'string' } : { type: 'string', format: 'uuid' };
}

function attributeSchema(field: AttributeField | MetaField, place: Place): JsonSchema {
  const { kind, description, example, write } = field;
  const readOnly = place === 'answer' && write === 'never' && !('change' in field && field.change);
  const told = [description, place === 'new' && 'default' in field && defaultSentence(field)];
  const sentences = told.filter((sentence) => typeof sentence === 'string').join(' ');
  return {
    ...kind.schema,
    ...(sentences !== '' && { description: sentences }),
    ...(readOnly && { readOnly }),
    ...(example !== undefined && { examples: [example] }),
  };
}

/** In words: for the keyword `default`, generated clients demand the attribute (openapi-typescript). */
function defaultSentence({ default: fallback }: AttributeField): string | undefined {
  return fallback === undefined || fallback === null ? undefined : `By default ${JSON.stringify(fallback)}.`;
}

function relationshipSchema(field: RelationshipField, place: Place): JsonSchema {
  if (field.many) return toManySchema(field, place);
  const { nullable, description } = field;
  const identifier = identifierSchema(field, place);
  const data = nullable ? { oneOf: [identifier, { type: 'null' }] } : identifier;
  return object({ data }, ['data'], description);
}

function toManySchema(field: ToManyField, place: Place): JsonSchema {
  const { linked, maximum, description } = field;
  const items = { type: 'array', items: identifierSchema(field, place) };
  if (place !== 'answer')
    return object({ data: { ...items, minItems: 1, maxItems: maximum } }, ['data'], description);
  if (linked === undefined) return object({ data: items }, ['data'], description);
  const data = { ...items, description: 'There when the resources are included.' };
  return object({ links: object({ related: LINK }, ['related']), data }, ['links'], description);
}

function identifierSchema(field: RelationshipField, place: Place): JsonSchema {
  const { type, id } = field;
  const meta = field.many ? field.meta.filter(({ write }) => place === 'answer' || write !== 'never') : [];
  const members = membersOf(meta, (member) => attributeSchema(member, place));
  return object(
    {
      type: { type: 'string', const: type },
      id: { type: 'string', ...(id === 'uuid' ? { format: 'uuid' } : { minLength: 1 }) },
      ...(meta.length > 0 && {
        meta: {
          ...object(members, Object.keys(members)),
          ...(place === 'new' && { additionalProperties: false }),
        },
      }),
    },
    ['type', 'id', ...(meta.length > 0 ? ['meta'] : [])],
  );
}

/** @returns an object with one member for every field. */
export function membersOf<F extends { member: string }, V>(
  fields: readonly F[],
  value: (field: F) => V,
): Record<string, V> {
  return Object.fromEntries(fields.map((field) => [field.member, value(field)]));
}

/** The fields of a request: unknown ones are refused, as a misspelt one would be lost in silence. */
function closed<F extends AttributeField | RelationshipField>(
  fields: F[],
  schemaOfField: (field: F) => JsonSchema,
) {
  const required = fields.filter(({ write }) => write === 'required').map(({ member }) => member);
  return { ...object(membersOf(fields, schemaOfField), required), additionalProperties: false };
}
