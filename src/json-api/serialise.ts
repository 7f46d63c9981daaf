import { quote } from './quote';
import { type Fieldsets, type Query } from './query';
import { type ResourceClass, type ResourceSchema, schemaOf } from './resource';

const JSON_API = '"jsonapi":{"version":"1.1"}';

/** Writes one member, name and value, of a flat resource. */
interface Writer {
  readonly member: string;
  readonly write: (resource: Flat) => string;
}
type Flat = Readonly<Record<string, unknown>>;

/** Writes resources of one class as documents. */
export interface Serialiser {
  /** The address of the resource, relative to the root; also the `Location` of a new one. */
  self(resource: object): string;
  /** A resource object (JSON:API 1.1, "Resource Objects"). */
  resource(resource: object, fields?: Fieldsets): string;
  /** A document whose address is that of the resource itself: the answer to GET. */
  fetched(resource: object, query: Query): string;
  /** The document that answers POST. It has no top-level `self`: no GET would reproduce it under that link. */
  created(resource: object, query: Query): string;
}

const serialisers = new WeakMap<ResourceClass, Serialiser>();

/** @returns the serialiser of a class, made at the first call. */
export function serialiserOf(target: ResourceClass): Serialiser {
  let serialiser = serialisers.get(target);
  if (serialiser === undefined) {
    serialiser = compile(schemaOf(target));
    serialisers.set(target, serialiser);
  }
  return serialiser;
}

/**
 * Turns a declaration into functions that only concatenate: names, types and punctuation are put together once,
 * and each kind knows how to write its value. Twice as fast as building the document and JSON.stringify.
 */
function compile(schema: ResourceSchema): Serialiser {
  const { type, path } = schema;
  const attributes = schema.attributes.map(({ property, member, kind }): Writer => {
    const { encode, nullable } = kind;
    const prefix = `${quote(member)}:`;
    const write = (resource: Flat): string => {
      const value = resource[property];
      if (value === undefined || (value === null && !nullable)) throw missing(type, property);
      return prefix + encode(value);
    };
    return { member, write };
  });
  const relationships = schema.relationships.map((field): Writer => {
    const prefix = `${quote(field.member)}:{"data":`;
    const identifier = `${prefix}{"type":${quote(field.type)},"id":`;
    const write = (resource: Flat): string => {
      const id = resource[field.property];
      if (id === null) return `${prefix}null}`;
      if (typeof id !== 'string') throw missing(type, field.property);
      return `${identifier}${quote(id)}}}`;
    };
    return { member: field.member, write };
  });
  const head = `{"type":${quote(type)},"id":`;

  const self = (resource: object): string => `${path}/${idOf(resource, type)}`;
  const object = (resource: object, fields?: Fieldsets): string => {
    const wanted = fields?.get(type);
    const flat = resource as Flat;
    return (
      head +
      quote(idOf(resource, type)) +
      group('attributes', attributes, flat, wanted) +
      group('relationships', relationships, flat, wanted) +
      `,"links":{"self":${quote(self(resource))}}}`
    );
  };
  return {
    self,
    resource: object,
    fetched: (resource, { fields, suffix }) =>
      `{${JSON_API},"links":{"self":${quote(self(resource) + suffix)}},"data":${object(resource, fields)}}`,
    created: (resource, { fields }) => `{${JSON_API},"data":${object(resource, fields)}}`,
  };
}

/** @returns the group with the comma before it, or nothing when a sparse fieldset leaves nothing in it. */
function group(
  name: string,
  writers: readonly Writer[],
  resource: Flat,
  wanted?: ReadonlySet<string>,
): string {
  let text = '';
  for (const { member, write } of writers) {
    if (wanted !== undefined && !wanted.has(member)) continue;
    text += text === '' ? `,"${name}":{${write(resource)}` : `,${write(resource)}`;
  }
  return text === '' ? text : `${text}}`;
}

function idOf(resource: object, type: string): string {
  const { id } = resource as Flat;
  if (typeof id !== 'string') throw missing(type, 'id');
  return id;
}

function missing(type: string, property: string): Error {
  return new Error(`A resource of the type ${type} has nothing to send in ${property}`);
}
