import { quote } from './quote';
import { type RelationshipField, type ToManyField } from './fields';
import { type Flat, idOf, missing } from './flat';
import { type Included } from './listing';
import { type Fieldsets, type Query } from './query';
import { type ResourceClass, type ResourceSchema, schemaOf } from './resource';

const JSON_API = '"jsonapi":{"version":"1.1"}';

/** Writes one member, name and value, of a flat resource. */
interface Writer {
  readonly member: string;
  readonly write: (resource: Flat) => string;
}

/** Writes resources of one class as documents. */
export interface Serialiser {
  readonly type: string;
  /** The address of the resource, relative to the root, if it has one; also the `Location` of a new one. */
  self(resource: object): string | null;
  /** A resource object (JSON:API 1.1, "Resource Objects"); `more` is another member of it, written already. */
  resource(resource: object, fields?: Fieldsets, more?: string): string;
  /** A document whose address is that of the resource itself: the answer to GET and PATCH. */
  fetched(resource: object, query: Query, included?: Included): string;
  /** The document that answers POST. It has no top-level `self`: no GET would reproduce it under that link. */
  created(resource: object, query: Query, included?: Included): string;
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
  const { type, addressOf } = schema;
  const attributes = schema.attributes.filter(isAnswered).map(({ property, member, kind }): Writer => {
    const { encode, nullable } = kind;
    const prefix = `${quote(member)}:`;
    const write = (resource: Flat): string => {
      const value = resource[property];
      if (value === undefined || (value === null && !nullable)) throw missing(type, property);
      return prefix + encode(value);
    };
    return { member, write };
  });
  const relationships = schema.relationships
    .filter(isAnswered)
    .map((field) => (field.many ? toManyWriter(schema, field) : toOneWriter(schema, field)));
  const head = `{"type":${quote(type)},"id":`;

  const links = (resource: object, suffix: string): string => {
    const address = addressOf(resource);
    return address === null ? '' : `,"links":{"self":${quote(address + suffix)}}`;
  };
  const object = (resource: object, fields?: Fieldsets, more?: string): string => {
    const wanted = fields?.get(type);
    const flat = resource as Flat;
    return (
      head +
      quote(idOf(resource, type)) +
      group('attributes', attributes, flat, wanted) +
      group('relationships', relationships, flat, wanted) +
      links(resource, '') +
      (more === undefined ? '}' : `,${more}}`)
    );
  };
  const serialiser: Serialiser = {
    type,
    self: addressOf,
    resource: object,
    fetched: (resource, query, included) =>
      `{${JSON_API}${links(resource, query.suffix)},"data":${object(resource, query.fields)}` +
      (query.include === undefined
        ? '}'
        : `${includedMember(serialiser, [resource], included, query.fields)}}`),
    created: (resource, { fields }, included) =>
      `{${JSON_API},"data":${object(resource, fields)}` +
      (included === undefined ? '}' : `${includedMember(serialiser, [resource], included, fields)}}`),
  };
  return serialiser;
}

function isAnswered({ answer }: { answer: boolean }): boolean {
  return answer;
}

function toOneWriter({ type }: ResourceSchema, field: RelationshipField): Writer {
  const prefix = `${quote(field.member)}:{"data":`;
  const identifier = `${prefix}{"type":${quote(field.type)},"id":`;
  const write = (resource: Flat): string => {
    const id = resource[field.property];
    if (id === null) return `${prefix}null}`;
    if (typeof id !== 'string') throw missing(type, field.property);
    return `${identifier}${quote(id)}}}`;
  };
  return { member: field.member, write };
}

/** One with a link of its own has identifiers only when the property is there: they are read for an include. */
function toManyWriter({ type, addressOf }: ResourceSchema, field: ToManyField): Writer {
  const { member, property, linked } = field;
  const link = linkWriter(type, field);
  const segment = `/${linked ?? ''}`;
  const write = (resource: Flat): string => {
    const links = resource[property];
    const parts: string[] = [];
    const address = linked === undefined ? null : addressOf(resource);
    if (address !== null) parts.push(`"links":{"related":${quote(address + segment)}}`);
    if (Array.isArray(links)) parts.push(`"data":[${(links as Flat[]).map(link).join(',')}]`);
    else if (address === null || links !== undefined) throw missing(type, property);
    return `${quote(member)}:{${parts.join(',')}}`;
  };
  return { member, write };
}

function linkWriter(type: string, field: ToManyField): (link: Flat) => string {
  const head = `{"type":${quote(field.type)},"id":`;
  return (link) => {
    const meta = field.meta.map(({ property, member, kind }) => {
      const value = link[property];
      if (value === undefined || (value === null && !kind.nullable))
        throw missing(type, `${field.property}.${property}`);
      return `${quote(member)}:${kind.encode(value)}`;
    });
    const { id } = link;
    if (typeof id !== 'string') throw missing(type, `${field.property}.id`);
    return `${head}${quote(id)}${meta.length === 0 ? '' : `,"meta":{${meta.join(',')}}`}}`;
  };
}

/**
 * @returns the member `included` with the comma before it. What is there already, among the primary data or before in
 *   the list, is left out (JSON:API 1.1, "Compound Documents").
 */
export function includedMember(
  primary: Pick<Serialiser, 'type'>,
  items: readonly object[],
  included: Included = [],
  fields?: Fieldsets,
): string {
  const there = new Set(items.map((item) => `${primary.type} ${idOf(item, primary.type)}`));
  const texts: string[] = [];
  for (const { of, items: others } of included) {
    const serialiser = serialiserOf(of);
    for (const other of others) {
      const key = `${serialiser.type} ${idOf(other, serialiser.type)}`;
      if (there.has(key)) continue;
      there.add(key);
      texts.push(serialiser.resource(other, fields));
    }
  }
  return `,"included":[${texts.join(',')}]`;
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
