import { type AttributeField, type MetaField } from './fields';
import { type Flat } from './flat';
import { type ResourceSchema } from './resource';

/** The id of whatever an example refers to. */
export const RELATED_ID = '0190c9f4-1c22-7a6e-8b51-0d3c4e9f7a12';

/** @returns what the declaration gives as an example, or something that the kind allows. */
export function exampleValue({ example, kind }: AttributeField | MetaField): unknown {
  if (example !== undefined) return example;
  const { schema, nullable } = kind;
  if (nullable) return null;
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  if (schema['format'] === 'date-time') return '2026-06-01T10:00:00.000Z';
  if (schema['format'] === 'uuid') return RELATED_ID;
  if (schema['type'] === 'boolean') return true;
  if (schema['type'] === 'integer') return Math.max(0, Number(schema['minimum'] ?? 0));
  if (schema['type'] === 'number') return 0.5;
  return 'example';
}

/** @returns a resource made of examples, as a service would return it. */
export function exampleResource({ exampleId, attributes, relationships }: ResourceSchema): Flat {
  const values = attributes.map((field) => [field.property, field.kind.decode(exampleValue(field))]);
  const related = relationships.map(({ many, property }) => [property, many ? [] : RELATED_ID]);
  return { ...(Object.fromEntries([...values, ...related]) as Flat), id: exampleId };
}
