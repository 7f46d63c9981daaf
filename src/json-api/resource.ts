import { type AttributeField, fieldsOf, type RelationshipField } from './fields';
import { idOf } from './flat';
import { type IdForm } from './ids';

export type ResourceClass<T extends object = object> = new () => T;

/** A resource as its class declares it; every other part of this folder works from here. */
export interface ResourceSchema {
  readonly type: string;
  /** The address of the collection; a resource is at `path/id` unless the class says otherwise. */
  readonly path: string;
  readonly ids: IdForm;
  /** An id for examples. */
  readonly exampleId: string;
  /** Where a resource is, relative to the root; null for one that has no address. */
  readonly addressOf: (resource: object) => string | null;
  /** Whether every resource is at `path/id`, and so has an address. */
  readonly isInCollection: boolean;
  readonly description: string | undefined;
  /** What tells the versions of a resource apart that organisers change; none for all others. */
  readonly version: ((resource: object) => number) | undefined;
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

interface ResourceOptions<T extends object> {
  type: string;
  /** The address of the collection. */
  path: string;
  description?: string;
  /** UUIDs by default; with `text` an id is any text that is not empty. */
  ids?: IdForm;
  /** An id for examples; by default a UUID or the word `example`. */
  exampleId?: string;
  /** What moves with each change by an organiser: lets them change only what they have seen (`If-Match`). */
  version?: (resource: T) => number;
  /** Where a resource is, if that is not `path/id`; null for one that has no address. */
  address?: (resource: T) => string | null;
}

const EXAMPLE_IDS: Readonly<Record<IdForm, string>> = {
  uuid: '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a70',
  text: 'example',
};

/** Declares the class as a resource: its type and the address of its collection. */
export function Resource<T extends object>(options: ResourceOptions<T>) {
  const { type, path, description, ids = 'uuid', exampleId = EXAMPLE_IDS[ids], address, version } = options;
  return (target: ResourceClass<T>): void => {
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
      type,
      path,
      description,
      version: version as ResourceSchema['version'],
      ids,
      exampleId,
      addressOf: (address as ResourceSchema['addressOf'] | undefined) ?? inCollection(options),
      isInCollection: address === undefined,
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

/** @returns what tells the addresses of resources that are at `path/id`. */
function inCollection({
  type,
  path,
  ids,
}: Pick<ResourceOptions<never>, 'type' | 'path' | 'ids'>): (resource: object) => string {
  return ids === 'text'
    ? (resource) => `${path}/${encodeURIComponent(idOf(resource, type))}`
    : (resource) => `${path}/${idOf(resource, type)}`;
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
