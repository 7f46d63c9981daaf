import { validateSync, type ValidatorOptions } from 'class-validator';
import { type Problem, type RefusalCode } from '../refusals';
import { canonicalUuid } from './ids';
import { type RelationshipField } from './fields';
import { type ResourceSchema } from './resource';

type JsonObject = Record<string, unknown>;

/** Leaves out of class-validator what is not used here; the first failed rule of a property is the one told. */
const RULES: ValidatorOptions = {
  stopAtFirstError: true,
  forbidUnknownValues: false,
  validationError: { target: false, value: false },
};

/** Collects the problems of one body, each with a pointer into it (RFC 6901). */
class Findings {
  /** The properties already complained about, which the rules then leave alone. */
  readonly judged = new Set<string>();

  constructor(private readonly problems: Problem[]) {}

  add(code: RefusalCode, pointer: string, detail?: string, property?: string): void {
    this.problems.push({ code, source: { pointer }, ...(detail !== undefined && { detail }) });
    if (property !== undefined) this.judged.add(property);
  }
}

/**
 * Reads the document of a POST into a flat object of the resource's class, and applies the class's rules to it
 * (JSON:API 1.1, "Creating Resources"). All problems are added to `problems`; with any of them the returned object
 * is not to be used.
 *
 * Members that JSON:API does not know are ignored, as it demands; attributes and relationships that this resource
 * does not have are refused, since a misspelt optional one would otherwise be lost in silence.
 */
export function decodeNew(schema: ResourceSchema, document: unknown, problems: Problem[]): object {
  // Not by `new`, which would define what clients cannot set as undefined, there to overwrite when it is spread.
  const resource = Object.create(schema.target.prototype as object) as JsonObject;
  const findings = new Findings(problems);
  const data = primaryData(document, findings);
  if (data === undefined) return resource;

  if (data['id'] !== undefined) findings.add('client_id_forbidden', '/data/id');
  const type = data['type'];
  if (type === undefined) findings.add('invalid_document', '/data', 'The resource has no `type`.');
  else if (typeof type !== 'string')
    findings.add('invalid_document', '/data/type', 'The `type` of a resource is a string.');
  else if (type !== schema.type) {
    const detail = `This collection takes resources of the type \`${schema.type}\`.`;
    findings.add('type_conflict', '/data/type', detail);
    return resource; // its attributes are those of another type
  }

  const attributes = members(data, 'attributes', findings);
  if (attributes !== undefined) readAttributes(schema, attributes, resource, findings);
  const relationships = members(data, 'relationships', findings);
  if (relationships !== undefined) readRelationships(schema, relationships, resource, findings);
  applyDefaults(schema, resource);
  applyRules(schema, data, resource, findings);
  return resource;
}

function primaryData(document: unknown, findings: Findings): JsonObject | undefined {
  if (!isObject(document)) {
    findings.add('invalid_document', '', 'The body must be a JSON object with a resource as `data`.');
    return undefined;
  }
  const data = document['data'];
  if (data === undefined) {
    findings.add('invalid_document', '', 'The document has no `data`.');
    return undefined;
  }
  if (!isObject(data)) {
    findings.add('invalid_document', '/data', '`data` must be one resource object.');
    return undefined;
  }
  return data;
}

/** @returns the object under the name, or undefined after saying so when something else is there. */
function members(data: JsonObject, name: string, findings: Findings): JsonObject | undefined {
  const value = data[name];
  if (value === undefined || isObject(value)) return value;
  findings.add('invalid_document', `/data/${name}`, `\`${name}\` must be an object.`, name);
  return undefined;
}

function readAttributes(
  schema: ResourceSchema,
  sent: JsonObject,
  into: JsonObject,
  findings: Findings,
): void {
  for (const name in sent) {
    const field = schema.attributeOf.get(name);
    if (field === undefined) {
      if (name.startsWith('@')) continue; // JSON:API 1.1, "@-Members": ignored
      const detail = `${schema.type} have no attribute \`${shorten(name)}\`.`;
      findings.add('invalid_attribute', `/data/attributes/${escapePointer(name)}`, detail);
    } else if (field.write === 'never') {
      findings.add('read_only', `/data/attributes/${name}`, `\`${name}\` is set by the service.`);
    } else {
      into[field.property] = field.kind.decode(sent[name]);
    }
  }
}

function readRelationships(
  schema: ResourceSchema,
  sent: JsonObject,
  into: JsonObject,
  findings: Findings,
): void {
  for (const name in sent) {
    const field = schema.relationshipOf.get(name);
    if (field === undefined) {
      if (name.startsWith('@')) continue;
      const detail = `${schema.type} have no relationship \`${shorten(name)}\`.`;
      findings.add('invalid_relationship', `/data/relationships/${escapePointer(name)}`, detail);
    } else if (field.write === 'never') {
      findings.add('read_only', `/data/relationships/${name}`, `\`${name}\` is set by the service.`);
    } else {
      into[field.property] = readLinkage(field, sent[name], findings);
    }
  }
}

/** @returns the id that the relationship object names, null for an empty optional one; undefined after a finding. */
function readLinkage(
  field: RelationshipField,
  relationship: unknown,
  findings: Findings,
): string | null | undefined {
  const at = `/data/relationships/${field.member}`;
  const refuse = (pointer: string, detail: string): null => {
    findings.add('invalid_relationship', pointer, detail, field.property);
    return null;
  };
  if (!isObject(relationship)) return refuse(at, 'A relationship is an object with `data`.');
  const linkage = relationship['data'];
  if (linkage === undefined) return refuse(at, 'The relationship has no `data`.');
  if (linkage === null && field.write === 'optional') return null;
  if (!isObject(linkage))
    return refuse(
      `${at}/data`,
      `\`${field.member}\` takes one resource identifier of the type \`${field.type}\`.`,
    );
  const { type, id } = linkage;
  if (type !== field.type) {
    const pointer = type === undefined ? `${at}/data` : `${at}/data/type`;
    return refuse(pointer, `\`${field.member}\` takes an identifier of the type \`${field.type}\`.`);
  }
  if (typeof id !== 'string' || id === '') {
    const pointer = id === undefined ? `${at}/data` : `${at}/data/id`;
    return refuse(pointer, 'The `id` of a resource identifier is a string that is not empty.');
  }
  return canonicalUuid(id) ?? id;
}

function applyDefaults(schema: ResourceSchema, resource: JsonObject): void {
  for (const { write, property, default: fallback } of schema.attributes)
    if (write === 'optional' && resource[property] === undefined) resource[property] = fallback;
  for (const { write, property } of schema.relationships)
    if (write === 'optional' && resource[property] === undefined) resource[property] = null;
}

/** Lets class-validator judge the flat object, and says where in the document each complaint belongs. */
function applyRules(
  schema: ResourceSchema,
  data: JsonObject,
  resource: JsonObject,
  findings: Findings,
): void {
  const errors = validateSync(resource, RULES);
  if (errors.length === 0) return;
  for (const { property, constraints } of errors) {
    if (findings.judged.has(property)) continue;
    const attribute = schema.attributes.find((field) => field.property === property);
    const group = attribute === undefined ? 'relationships' : 'attributes';
    const field = attribute ?? schema.relationships.find((candidate) => candidate.property === property);
    if (field === undefined || findings.judged.has(group)) continue;
    const code = attribute === undefined ? 'invalid_relationship' : 'invalid_attribute';
    const pointer = pointerTo(data, group, field.member);
    for (const detail of Object.values(constraints ?? {})) findings.add(code, pointer, detail);
  }
}

/** @returns the place of a member in the body; of the nearest parent that is there when it is missing. */
function pointerTo(data: JsonObject, group: 'attributes' | 'relationships', member: string): string {
  const parent = data[group];
  if (!isObject(parent)) return '/data';
  if (!Object.hasOwn(parent, member)) return `/data/${group}`;
  return group === 'attributes' ? `/data/attributes/${member}` : `/data/relationships/${member}/data/id`;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 6901, section 3. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Names come from outside and are told back; what they are is clear from their beginning. */
function shorten(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60).toWellFormed()}…` : name;
}
