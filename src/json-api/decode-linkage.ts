import { type RelationshipField, type ToManyField, type ToOneField } from './fields';
import { escapePointer, type Findings, isObject, type JsonObject, shorten } from './findings';
import { canonicalUuid, isUuid } from './ids';

/** An identifier that a to-many property holds: its id, and what its meta said, flat. */
type Link = { id: string } & JsonObject;

/**
 * Reads a relationship object into what its property holds. After a finding that is a value to go on with, which
 * tells the rules of other properties that something was sent.
 */
export function readLinkage(field: RelationshipField, relationship: unknown, findings: Findings): unknown {
  const at = `/data/relationships/${field.member}`;
  const refuse = (pointer: string, detail: string): void => {
    findings.add('invalid_relationship', pointer, detail, field.property);
  };
  if (!isObject(relationship)) refuse(at, 'A relationship is an object with `data`.');
  else if (relationship['data'] === undefined) refuse(at, 'The relationship has no `data`.');
  else {
    const linkage = relationship['data'];
    return field.many
      ? readLinks(field, linkage, `${at}/data`, findings)
      : readLink(field, linkage, `${at}/data`, refuse);
  }
  return field.many ? [] : null;
}

type Refuse = (pointer: string, detail: string) => void;

/** @returns the id of the identifier; null for an empty optional relationship, or after a refusal. */
function readLink(field: ToOneField, linkage: unknown, at: string, refuse: Refuse): string | null {
  if (linkage === null && field.write === 'optional') return null;
  if (!isObject(linkage)) {
    refuse(at, `\`${field.member}\` takes one resource identifier of the type \`${field.type}\`.`);
    return null;
  }
  return readIdentifier(field, linkage, at, refuse) ?? null;
}

/** @returns the id, or undefined after a refusal. The form of a UUID is left to the rule of a to-one property. */
function readIdentifier(
  { member, type: wanted }: RelationshipField,
  { type, id }: JsonObject,
  at: string,
  refuse: Refuse,
): string | undefined {
  if (type !== wanted) {
    const pointer = type === undefined ? at : `${at}/type`;
    refuse(pointer, `\`${member}\` takes identifiers of the type \`${wanted}\`.`);
    return undefined;
  }
  if (typeof id !== 'string' || id === '') {
    const pointer = id === undefined ? at : `${at}/id`;
    refuse(pointer, 'The `id` of a resource identifier is a string that is not empty.');
    return undefined;
  }
  return canonicalUuid(id) ?? id;
}

function readLinks(field: ToManyField, linkage: unknown, at: string, findings: Findings): Link[] {
  const refuse = (pointer: string, detail: string): void => {
    findings.add('invalid_relationship', pointer, detail, field.property);
  };
  const { member, type, maximum } = field;
  if (!Array.isArray(linkage) || linkage.length === 0 || linkage.length > maximum) {
    refuse(at, `\`${member}\` takes an array of 1 to ${maximum} identifiers of the type \`${type}\`.`);
    return [];
  }
  const links: Link[] = [];
  const seen = new Set<string>();
  for (const [index, identifier] of linkage.entries() as IterableIterator<[number, unknown]>) {
    const place = `${at}/${index}`;
    if (!isObject(identifier)) {
      refuse(place, 'A resource identifier is an object with `type` and `id`.');
      continue;
    }
    const id = readIdentifier(field, identifier, place, refuse);
    if (id !== undefined) {
      if (seen.has(id.toLowerCase())) refuse(`${place}/id`, 'The same resource comes more than once.');
      else if (field.id === 'uuid' && !isUuid(id)) refuse(`${place}/id`, 'The `id` must be a UUID.');
      seen.add(id.toLowerCase());
    }
    links.push({ id: id ?? '', ...readMeta(field, identifier['meta'], place, findings) });
  }
  return links;
}

/** Reads what an identifier carries. Members that are not declared are refused: a misspelt one would be lost. */
function readMeta(field: ToManyField, meta: unknown, at: string, findings: Findings): JsonObject {
  const values: JsonObject = {};
  if (field.meta.length === 0) return values;
  const refuse = (pointer: string, detail: string): void => {
    findings.add('invalid_relationship', pointer, detail, field.property);
  };
  if (meta !== undefined && !isObject(meta)) {
    refuse(`${at}/meta`, '`meta` must be an object.');
    return values;
  }
  for (const name in meta) {
    const declared = field.meta.find(({ member }) => member === name);
    const pointer = `${at}/meta/${escapePointer(name)}`;
    if (declared === undefined) {
      if (name.startsWith('@')) continue;
      refuse(pointer, `Identifiers of \`${field.member}\` carry no \`${shorten(name)}\`.`);
    } else if (declared.write === 'never') {
      findings.add('read_only', pointer, `\`${name}\` is set by the service.`, field.property);
    } else {
      const value = declared.kind.decode(meta[name]);
      if (!declared.kind.test(value)) refuse(pointer, `\`${name}\` must be ${declared.kind.demand}.`);
      values[declared.property] = value;
    }
  }
  for (const { member, write } of field.meta)
    if (write === 'required' && (meta === undefined || !Object.hasOwn(meta, member)))
      refuse(meta === undefined ? at : `${at}/meta`, `\`meta.${member}\` is required.`);
  return values;
}
