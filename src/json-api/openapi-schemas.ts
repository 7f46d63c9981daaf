import { REFUSAL_CODES } from '../refusals';
import { type JsonSchema } from './kinds';
import { type AttributeField, type RelationshipField } from './fields';
import { type ResourceSchema } from './resource';

/** Named JSON Schemas, as `components.schemas` holds them. */
export type Schemas = Record<string, JsonSchema>;

/** @returns a reference to a schema of the components. */
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** The schemas of everything that answers share. */
export function commonSchemas(): Schemas {
  return {
    JsonApi: object({ version: { type: 'string', const: '1.1' } }, ['version'], 'The version of JSON:API.'),
    SelfLink: object({ self: { type: 'string', format: 'uri-reference' } }, ['self']),
    ErrorDocument: object(
      {
        jsonapi: ref('JsonApi'),
        errors: { type: 'array', minItems: 1, items: ref('Error') },
      },
      ['errors'],
      'Says why the request was refused; all that is wrong with a body is told at once.',
    ),
    Error: object(
      {
        status: {
          type: 'string',
          pattern: '^[45][0-9]{2}$',
          description: 'The HTTP status of this problem.',
        },
        code: { type: 'string', enum: REFUSAL_CODES, description: 'What programs should decide on.' },
        title: { type: 'string', description: 'The same for every occurrence of the code.' },
        detail: { type: 'string', description: 'A sentence about this occurrence.' },
        source: ref('ErrorSource'),
        meta: { type: 'object', additionalProperties: true, description: 'Figures that help to react.' },
      },
      ['status', 'code', 'title', 'detail'],
    ),
    ErrorSource: object(
      {
        pointer: { type: 'string', format: 'json-pointer', description: 'The place in the body (RFC 6901).' },
        parameter: { type: 'string', description: 'The name of the query parameter.' },
        header: { type: 'string', description: 'The name of the header.' },
      },
      [],
      'Where the problem is; one of the three.',
    ),
  };
}

/** The schemas of one resource: the documents that create and carry it, and the identifiers of its relationships. */
export function resourceSchemas(schema: ResourceSchema): Schemas {
  const { name } = schema.target;
  return {
    [name]: resourceObject(schema),
    [`${name}Document`]: object(
      { jsonapi: ref('JsonApi'), links: ref('SelfLink'), data: ref(name) },
      ['data', 'jsonapi'],
      `A document with one resource of the type ${schema.type}.`,
    ),
    [`New${name}`]: newResourceObject(schema),
    [`New${name}Document`]: object(
      { data: ref(`New${name}`) },
      ['data'],
      `Creates a resource of the type ${schema.type}.`,
    ),
  };
}

/** Whatever `fields` leaves out is absent, so only what always stays is required. */
function resourceObject(schema: ResourceSchema): JsonSchema {
  const { type, description, attributes, relationships } = schema;
  return object(
    {
      type: { type: 'string', const: type },
      id: { type: 'string', format: 'uuid' },
      attributes: object(membersOf(attributes, (field) => attributeSchema(field, field.write === 'never'))),
      ...(relationships.length > 0 && {
        relationships: object(membersOf(relationships, relationshipSchema)),
      }),
      links: ref('SelfLink'),
    },
    ['type', 'id', 'links'],
    description,
  );
}

function newResourceObject(schema: ResourceSchema): JsonSchema {
  const attributes = schema.attributes.filter(({ write }) => write !== 'never');
  const relationships = schema.relationships.filter(({ write }) => write !== 'never');
  const groups = {
    attributes: closed(attributes, attributeSchema),
    relationships: closed(relationships, relationshipSchema),
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

function attributeSchema(field: AttributeField, readOnly = false): JsonSchema {
  return {
    ...field.kind.schema,
    ...(field.description !== undefined && { description: field.description }),
    ...(readOnly && { readOnly }),
    ...(field.example !== undefined && { examples: [field.example] }),
    ...(!readOnly && field.default !== undefined && { default: field.default }),
  };
}

function relationshipSchema({ type, id, write, description }: RelationshipField): JsonSchema {
  const identifier = object(
    {
      type: { type: 'string', const: type },
      id: { type: 'string', ...(id === 'uuid' ? { format: 'uuid' } : { minLength: 1 }) },
    },
    ['type', 'id'],
  );
  const data = write === 'required' ? identifier : { oneOf: [identifier, { type: 'null' }] };
  return object({ data }, ['data'], description);
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
  return {
    ...object(
      membersOf(fields, (field) => schemaOfField(field)),
      required,
    ),
    additionalProperties: false,
  };
}

function object(
  properties: Record<string, unknown>,
  required: string[] = [],
  description?: string,
): JsonSchema {
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    ...(required.length > 0 && { required }),
    properties,
  };
}
