import { isUuid } from './ids';
import { type Kind, ruleOf } from './kinds';

/** Who sets a member of a new resource: the client must, the client may, or only the service does. */
type Write = 'required' | 'optional' | 'never';

interface FieldBase {
  readonly property: string;
  /** The name in documents: the property in snake case. */
  readonly member: string;
  readonly write: Write;
  /** Whether a PATCH may set it. */
  readonly change: boolean;
  /** Whether answers have it. */
  readonly answer: boolean;
  readonly description: string | undefined;
}

export interface AttributeField extends FieldBase {
  readonly kind: Kind<unknown>;
  readonly example: unknown;
  /** What the property holds when an optional attribute is absent from a new resource. */
  readonly default: unknown;
}

interface RelationshipBase extends FieldBase {
  readonly change: false;
  /** The type of the resources at the other end. */
  readonly type: string;
  /** `uuid`: another form of id is invalid. `any`: it is merely not found, which the service says later. */
  readonly id: 'uuid' | 'any';
}

export interface ToOneField extends RelationshipBase {
  readonly many: false;
  /** Whether answers may have null in it. */
  readonly nullable: boolean;
}

export interface ToManyField extends RelationshipBase {
  readonly many: true;
  /** What the identifiers carry beside type and id. */
  readonly meta: readonly MetaField[];
  /** How many identifiers a client may send. */
  readonly maximum: number;
  /** The last segment of the address below the resource that lists the resources at the other end. */
  readonly linked: string | undefined;
}

export type RelationshipField = ToOneField | ToManyField;

/** A member of the `meta` of an identifier. */
export interface MetaField {
  readonly property: string;
  readonly member: string;
  readonly write: 'required' | 'never';
  readonly kind: Kind<unknown>;
  readonly description: string | undefined;
  readonly example: unknown;
}

/** The fields that a class has declared so far, by its prototype. */
interface Draft {
  readonly attributes: AttributeField[];
  readonly relationships: RelationshipField[];
}

const drafts = new WeakMap<object, Draft>();

/** @returns the fields that the prototype's own class declares. */
export function fieldsOf(prototype: object): Draft | undefined {
  return drafts.get(prototype);
}

/** A value of a kind as it stands in a document. */
type Example<T> = T extends Date ? string : T extends bigint ? number : T;

interface FieldOptions {
  /** Whether a POST sets it. */
  write: Write;
  /** False for what clients send but never get back; true by default. */
  answer?: boolean;
  description?: string;
}
interface AttributeOptions<T> extends FieldOptions {
  /** Whether a PATCH may set it; by default if a POST may. */
  change?: boolean;
  example?: Example<T>;
  /**
   * What the property holds when it is absent. Null for a kind that is not nullable tells absence: null cannot be
   * sent, and answers always have a value.
   */
  default?: T | null;
}
interface RelationshipOptions extends FieldOptions {
  /** Relationships are set once. */
  change?: false;
  id?: 'uuid' | 'any';
}
interface ToOneOptions extends RelationshipOptions {
  /** Whether answers may have null in one that only the service sets; an optional one may be null in any case. */
  nullable?: boolean;
}
interface MetaOptions {
  kind: Kind<never>;
  write: 'required' | 'never';
  description?: string;
  example?: unknown;
}
interface ToManyOptions<M> extends RelationshipOptions {
  /** What each identifier carries, by property. */
  meta?: M;
  /** How many identifiers a client may send; 100 by default. */
  maximum?: number;
  /** Answers link to `<the resource>/<linked>`, and have the identifiers only when the property is there. */
  linked?: string;
}

type MetaValues<M> = {
  readonly [K in keyof M]: M[K] extends { kind: Kind<infer T> } ? T : never;
};

/** What a to-many property holds: an identifier with its meta, flat. */
type Link<M> = { readonly id: string } & MetaValues<M>;

/** Decorates a property of a type that can hold the kind's values. */
type TypedDecorator<T> = <K extends string>(
  target: Readonly<Partial<Record<K, T | undefined>>>,
  property: K,
) => void;

/** Declares a property as an attribute, and puts the rules of its kind on it when clients may set it. */
export function Attribute<T>(
  kind: Kind<T>,
  options: AttributeOptions<T> & { default: null },
): TypedDecorator<T | null>;
export function Attribute<T>(kind: Kind<T>, options: AttributeOptions<T>): TypedDecorator<T>;
export function Attribute<T>(kind: Kind<T>, options: AttributeOptions<T>): TypedDecorator<T | null> {
  return (target, property) => {
    const member = snakeCase(property);
    const { write, change = write !== 'never', answer = true, description, example } = options;
    const fallback = options.default ?? (kind.nullable || options.default === null ? null : undefined);
    if (write === 'optional' && fallback === undefined)
      throw new Error(`${property}: an optional attribute needs a default, or must be nullable`);
    draftOf(target).attributes.push({
      property,
      member,
      write,
      change,
      answer,
      description,
      kind: kind as Kind<unknown>,
      example,
      default: write === 'optional' ? fallback : undefined,
    });
    if (write === 'never' && !change) return;
    const tellsAbsence = fallback === null && !kind.nullable;
    const spared = write === 'never' ? undefined : tellsAbsence ? null : SPARES_NOTHING;
    const test = (value: unknown): boolean => value === spared || kind.test(value);
    ruleOf(member, spared === SPARES_NOTHING ? kind : { ...kind, test })(target, property);
  };
}

/** Equal to no value of a property. */
const SPARES_NOTHING = Symbol('spares nothing');

/** Declares a property as a to-one relationship; it holds the id, or null for none. */
export function ToOne(type: string, options: ToOneOptions): TypedDecorator<string | null> {
  return (target, property) => {
    const base = relationshipBase(type, property, options);
    const nullable = base.write === 'optional' || options.nullable === true;
    if (nullable && base.write === 'required')
      throw new Error(`${property}: what is required cannot be null`);
    draftOf(target).relationships.push({ ...base, many: false, nullable });
    if (base.write !== 'never')
      ruleOf(base.member, idRule(base.id, base.write === 'optional'))(target, property);
  };
}

/**
 * Declares a property as a to-many relationship; it holds an array of flat objects, `id` with what `meta` declares.
 * In a new resource it is null when it is optional and absent.
 */
export function ToMany<const M extends Record<keyof M, MetaOptions> = object>(
  type: string,
  options: ToManyOptions<M>,
): TypedDecorator<readonly Link<M>[] | null> {
  return (target, property) => {
    const base = relationshipBase(type, property, options);
    const meta = Object.entries<MetaOptions>(options.meta ?? {}).map(([name, field]): MetaField => ({
      property: name,
      member: snakeCase(name),
      write: field.write,
      kind: field.kind as Kind<unknown>,
      description: field.description,
      example: field.example,
    }));
    const { maximum = 100, linked } = options;
    draftOf(target).relationships.push({ ...base, many: true, meta, maximum, linked });
    if (base.write !== 'never') {
      const optional = base.write === 'optional';
      const test = (value: unknown): boolean => Array.isArray(value) || (optional && value === null);
      ruleOf(base.member, { test, demand: 'an array of identifiers' })(target, property);
    }
  };
}

function relationshipBase(type: string, property: string, options: RelationshipOptions): RelationshipBase {
  const { write, answer = true, description, id = 'any' } = options;
  return { property, member: snakeCase(property), write, change: false, answer, description, type, id };
}

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

/** @returns the name in documents of a name in code. */
export function snakeCase(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
