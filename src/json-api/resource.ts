import { type AttributeField, fieldsOf, type RelationshipField } from './fields';

export type ResourceClass<T extends object = object> = new () => T;

/** A resource as its class declares it; every other part of this folder works from here. */
export interface ResourceSchema {
  readonly type: string;
  /** The address of the collection; a resource is at `path/id`. */
  readonly path: string;
  readonly description: string | undefined;
  readonly target: ResourceClass;
  readonly attributes: readonly AttributeField[];
  readonly relationships: readonly RelationshipField[];
  readonly attributeOf: ReadonlyMap<string, AttributeField>;
  readonly relationshipOf: ReadonlyMap<string, RelationshipField>;
  /** The members that answers have, which are those that `fields[…]` may name. */
  readonly answered: ReadonlySet<string>;
}

const schemas = new WeakMap<object, ResourceSchema>();
const byType = new Map<string, ResourceSchema>();

/** Declares the class as a resource: its type and the address of its collection. */
export function Resource(options: { type: string; path: string; description?: string }) {
  return (target: ResourceClass): void => {
    const attributes: AttributeField[] = [];
    const relationships: RelationshipField[] = [];
    for (let p: unknown = target.prototype; p !== null; p = Object.getPrototypeOf(p)) {
      const draft = fieldsOf(p as object);
      if (draft === undefined) continue;
      attributes.unshift(...draft.attributes);
      relationships.unshift(...draft.relationships);
    }
    const answered = [...attributes, ...relationships].filter(({ answer }) => answer);
    const schema: ResourceSchema = {
      type: options.type,
      path: options.path,
      description: options.description,
      target,
      attributes,
      relationships,
      attributeOf: new Map(attributes.map((field) => [field.member, field])),
      relationshipOf: new Map(relationships.map((field) => [field.member, field])),
      answered: new Set(answered.map(({ member }) => member)),
    };
    schemas.set(target, schema);
    byType.set(schema.type, schema);
  };
}

/** @returns the declaration of a class decorated with {@link Resource}. */
export function schemaOf(target: ResourceClass): ResourceSchema {
  const schema = schemas.get(target);
  if (schema === undefined) throw new Error(`${target.name} is not declared with @Resource`);
  return schema;
}

/** @returns the declaration of the class of a type; classes that no loaded file imports are not known. */
export function schemaOfType(type: string): ResourceSchema {
  const schema = byType.get(type);
  if (schema === undefined) throw new Error(`No class that is loaded declares the type ${type}`);
  return schema;
}
