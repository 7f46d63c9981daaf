import { type Kind, ruleOf } from './kinds';
import { isUuid } from './ids';

/** Who sets a member: the client must, the client may, or only the service does. */
type Write = 'required' | 'optional' | 'never';

interface FieldBase {
  readonly property: string;
  /** The name in documents: the property in snake case. */
  readonly member: string;
  readonly write: Write;
  readonly description: string | undefined;
}

export interface AttributeField extends FieldBase {
  readonly kind: Kind<unknown>;
  readonly example: unknown;
  /** What the property holds when an optional attribute is absent from a new resource. */
  readonly default: unknown;
}

export interface RelationshipField extends FieldBase {
  /** The type of the resource at the other end. */
  readonly type: string;
  /** `uuid`: another form of id is invalid. `any`: it is merely not found, which the service says later. */
  readonly id: 'uuid' | 'any';
}

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
}

interface FieldOptions {
  write: Write;
  description?: string;
}
interface AttributeOptions<T> extends FieldOptions {
  example?: T extends Date ? string : T;
  default?: T;
}
interface ToOneOptions extends FieldOptions {
  id?: 'uuid' | 'any';
}

interface Draft {
  attributes: AttributeField[];
  relationships: RelationshipField[];
}

/** Decorates a property of a type that can hold the kind's values. */
type TypedDecorator<T> = <K extends string>(target: Record<K, T>, property: K) => void;

const drafts = new WeakMap<object, Draft>();
const schemas = new WeakMap<object, ResourceSchema>();

/** Declares a property as an attribute, and puts the rules of its kind on it when clients may set it. */
export function Attribute<T>(kind: Kind<T>, options: AttributeOptions<T>): TypedDecorator<T> {
  return (target, property) => {
    const member = snakeCase(property);
    const fallback = options.default ?? (kind.nullable ? null : undefined);
    if (options.write === 'optional' && fallback === undefined)
      throw new Error(`${property}: an optional attribute needs a default, or must be nullable`);
    draftOf(target).attributes.push({
      property,
      member,
      write: options.write,
      description: options.description,
      kind: kind as Kind<unknown>,
      example: options.example,
      default: options.write === 'optional' ? fallback : undefined,
    });
    if (options.write !== 'never') ruleOf(member, kind)(target, property);
  };
}

/** Declares a property as a to-one relationship; it holds the id, or null for none. */
export function ToOne(type: string, options: ToOneOptions): TypedDecorator<string | null> {
  return (target, property) => {
    const member = snakeCase(property);
    const id = options.id ?? 'any';
    draftOf(target).relationships.push({
      property,
      member,
      write: options.write,
      description: options.description,
      type,
      id,
    });
    if (options.write !== 'never') ruleOf(member, idRule(id, options.write === 'optional'))(target, property);
  };
}

/** Declares the class as a resource: its type and the address of its collection. */
export function Resource(options: { type: string; path: string; description?: string }) {
  return (target: ResourceClass): void => {
    const attributes: AttributeField[] = [];
    const relationships: RelationshipField[] = [];
    for (let p: unknown = target.prototype; p !== null; p = Object.getPrototypeOf(p)) {
      const draft = drafts.get(p as object);
      if (draft === undefined) continue;
      attributes.unshift(...draft.attributes);
      relationships.unshift(...draft.relationships);
    }
    schemas.set(target, {
      type: options.type,
      path: options.path,
      description: options.description,
      target,
      attributes,
      relationships,
      attributeOf: new Map(attributes.map((field) => [field.member, field])),
      relationshipOf: new Map(relationships.map((field) => [field.member, field])),
    });
  };
}

/** @returns the declaration of a class decorated with {@link Resource}. */
export function schemaOf(target: ResourceClass): ResourceSchema {
  const schema = schemas.get(target);
  if (schema === undefined) throw new Error(`${target.name} is not declared with @Resource`);
  return schema;
}

/**
 * The keys that are not `readonly`. Assignability ignores that modifier; only two conditional types are compared to
 * the letter, and only when they are written out here: through an alias they would be compared by assignability.
 */
type WritableKeys<T> = {
  [K in keyof T]-?: (<V>(value: V) => V extends { [P in K]: T[P] } ? true : false) extends <V>(
    value: V,
  ) => V extends { -readonly [P in K]: T[P] } ? true : false
    ? K
    : never;
}[keyof T];

/**
 * What a client sends to create a `T`, decoded: the properties that are not `readonly`. All of them are there:
 * an optional one that was absent holds its default, or null.
 */
export type New<T> = Pick<T, WritableKeys<T>>;

function idRule(id: 'uuid' | 'any', optional: boolean) {
  const isId = (value: unknown): boolean => typeof value === 'string' && (id === 'any' || isUuid(value));
  return {
    test: optional ? (value: unknown) => value === null || isId(value) : isId,
    demand: id === 'uuid' ? 'named by a UUID' : 'named by its id',
  };
}

function draftOf(target: object): Draft {
  let draft = drafts.get(target);
  if (draft === undefined) {
    draft = { attributes: [], relationships: [] };
    drafts.set(target, draft);
  }
  return draft;
}

function snakeCase(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
