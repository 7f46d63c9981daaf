import { REFUSAL_CODES, REFUSALS } from '../refusals';
import { membersOf } from './openapi-schemas';
import { type AttributeField, type RelationshipField } from './fields';
import { type ResourceSchema } from './resource';

const EXAMPLE_ID = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a70';
const RELATED_ID = '0190c9f4-1c22-7a6e-8b51-0d3c4e9f7a12';

/** A document that creates the resource, made of the examples of its fields. */
export function exampleOfNew(schema: ResourceSchema): object {
  const sent = <F extends AttributeField | RelationshipField>(fields: readonly F[]): F[] =>
    fields.filter(({ write }) => write !== 'never');
  const attributes = sent(schema.attributes).filter(
    ({ write, example }) => write === 'required' || example !== undefined,
  );
  const relationships = sent(schema.relationships).filter(({ write }) => write === 'required');
  return { data: { type: schema.type, ...groupsOf(attributes, relationships) } };
}

/** A document that carries the resource. */
export function exampleOf(schema: ResourceSchema, topLevelSelf: boolean): object {
  const self = `${schema.path}/${EXAMPLE_ID}`;
  return {
    jsonapi: { version: '1.1' },
    ...(topLevelSelf && { links: { self } }),
    data: {
      type: schema.type,
      id: EXAMPLE_ID,
      ...groupsOf(schema.attributes, schema.relationships),
      links: { self },
    },
  };
}

function groupsOf(
  attributes: readonly AttributeField[],
  relationships: readonly RelationshipField[],
): object {
  const linkage = ({ type }: RelationshipField): object => ({ data: { type, id: RELATED_ID } });
  return {
    ...(attributes.length > 0 && { attributes: membersOf(attributes, exampleValue) }),
    ...(relationships.length > 0 && { relationships: membersOf(relationships, linkage) }),
  };
}

/** What the declaration gives as an example, or something that the kind allows. */
function exampleValue({ example, kind }: AttributeField): unknown {
  if (example !== undefined) return example;
  const { schema, nullable } = kind;
  if (nullable) return null;
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  if (schema['format'] === 'date-time') return '2026-06-01T10:00:00.000Z';
  if (schema['type'] === 'boolean') return true;
  if (schema['type'] === 'integer') return Math.max(0, Number(schema['minimum']));
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
