import { validateSync, type ValidatorOptions } from 'class-validator';
import { type Problem } from '../refusals';
import { readLinkage } from './decode-linkage';
import { type AttributeField, type RelationshipField } from './fields';
import { escapePointer, Findings, isObject, type JsonObject, shorten } from './findings';
import { canonicalUuid } from './ids';
import { type ResourceSchema } from './resource';
import { keepsRules } from './rules';

/** Leaves out of class-validator what is not used here; the first failed rule of a property is the one told. */
const RULES: ValidatorOptions = {
  stopAtFirstError: true,
  forbidUnknownValues: false,
  validationError: { target: false, value: false },
};
/** What was not sent keeps its value, which has been judged before. */
const RULES_OF_CHANGES: ValidatorOptions = { ...RULES, skipUndefinedProperties: true };

/** Whether a field is refused in this document, with the sentence that says why. */
type Closed = (field: AttributeField | RelationshipField) => string | undefined;

/**
 * Reads the document of a POST into a flat object of the resource's class, and applies the class's rules to it
 * (JSON:API 1.1, "Creating Resources"). All problems are added to `problems`; with any of them the returned object
 * is not to be used.
 *
 * Members that JSON:API does not know are ignored, as it demands; attributes and relationships that this resource
 * does not have are refused, since a misspelt optional one would otherwise be lost in silence.
 */
export function decodeNew(schema: ResourceSchema, document: unknown, problems: Problem[]): object {
  const resource = blank(schema);
  const findings = new Findings(problems);
  const data = primaryData(document, findings);
  if (data === undefined) return resource;

  if (data['id'] !== undefined) findings.add('client_id_forbidden', '/data/id');
  const conflict = `This collection takes resources of the type \`${schema.type}\`.`;
  if (isOfAnotherType(data, schema, conflict, findings)) return resource;
  readFields(schema, data, closedToNew, resource, findings);
  applyDefaults(schema, resource);
  applyRules(schema, data, resource, RULES, findings);
  return resource;
}

/**
 * Reads the document of a PATCH like that of a POST (JSON:API 1.1, "Updating Resources"), but into an object that
 * has only the properties that were sent.
 *
 * @param id the id in the address, which that of the document must agree with
 */
export function decodeChanges(
  schema: ResourceSchema,
  id: string,
  document: unknown,
  problems: Problem[],
): object {
  const changes = blank(schema);
  const findings = new Findings(problems);
  const data = primaryData(document, findings);
  if (data === undefined) return changes;

  checkId(data['id'], id, findings);
  const conflict = `The resource at this address is of the type \`${schema.type}\`.`;
  if (isOfAnotherType(data, schema, conflict, findings)) return changes;
  readFields(schema, data, closedToChanges, changes, findings);
  applyRules(schema, data, changes, RULES_OF_CHANGES, findings);
  return changes;
}

/**
 * Looks at the body that some clients send with a DELETE (JSON:API 1.1, "Deleting Resources", knows of none). It may
 * say again what is to go, and nothing else.
 *
 * @param id the id in the address
 */
export function checkRemoval(
  schema: ResourceSchema,
  id: string,
  document: unknown,
  problems: Problem[],
): void {
  const findings = new Findings(problems);
  const data = primaryData(document, findings);
  if (data === undefined) return;
  checkId(data['id'], id, findings);
  isOfAnotherType(data, schema, `The resource at this address is of the type \`${schema.type}\`.`, findings);
  for (const member of ['attributes', 'relationships'])
    if (data[member] !== undefined)
      findings.add('invalid_document', `/data/${member}`, 'A DELETE takes no more than `type` and `id`.');
}

/** Not made by `new`, which would define what clients cannot set as undefined, there to overwrite when it is spread. */
function blank(schema: ResourceSchema): JsonObject {
  return Object.create(schema.target.prototype as object) as JsonObject;
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

function checkId(id: unknown, expected: string, findings: Findings): void {
  if (id === undefined) findings.add('invalid_document', '/data', 'The resource has no `id`.');
  else if (typeof id !== 'string')
    findings.add('invalid_document', '/data/id', 'The `id` of a resource is a string.');
  else if (id !== expected && (canonicalUuid(id) ?? id) !== (canonicalUuid(expected) ?? expected))
    findings.add('type_conflict', '/data/id', 'The `id` is not that of the resource at this address.');
}

/** @returns true when the type is known to be another, so that the attributes are not to be judged. */
function isOfAnotherType(
  { type }: JsonObject,
  schema: ResourceSchema,
  conflict: string,
  findings: Findings,
): boolean {
  if (type === undefined) findings.add('invalid_document', '/data', 'The resource has no `type`.');
  else if (typeof type !== 'string')
    findings.add('invalid_document', '/data/type', 'The `type` of a resource is a string.');
  else if (type !== schema.type) {
    findings.add('type_conflict', '/data/type', conflict);
    return true;
  }
  return false;
}

const closedToNew: Closed = ({ write, change, member }) => {
  if (write !== 'never') return undefined;
  return change ? `\`${member}\` cannot be set from the beginning.` : setByTheService(member);
};

const closedToChanges: Closed = ({ write, change, member }) => {
  if (change) return undefined;
  return write === 'never' ? setByTheService(member) : `\`${member}\` is set once and cannot be changed.`;
};

function setByTheService(member: string): string {
  return `\`${member}\` is set by the service.`;
}

function readFields(
  schema: ResourceSchema,
  data: JsonObject,
  closed: Closed,
  into: JsonObject,
  findings: Findings,
): void {
  const attributes = members(data, 'attributes', findings);
  if (attributes !== undefined) readAttributes(schema, attributes, closed, into, findings);
  const relationships = members(data, 'relationships', findings);
  if (relationships !== undefined) readRelationships(schema, relationships, closed, into, findings);
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
  closed: Closed,
  into: JsonObject,
  findings: Findings,
): void {
  for (const name in sent) {
    const field = schema.attributeOf.get(name);
    if (field === undefined) {
      if (name.startsWith('@')) continue; // JSON:API 1.1, "@-Members": ignored
      const detail = `${schema.type} have no attribute \`${shorten(name)}\`.`;
      findings.add('invalid_attribute', `/data/attributes/${escapePointer(name)}`, detail);
      continue;
    }
    const { kind, property } = field;
    const refused = closed(field);
    if (refused !== undefined) findings.add('read_only', `/data/attributes/${name}`, refused);
    else if (sent[name] === null && !kind.nullable)
      // the rule may take null for an absent one
      findings.add(
        'invalid_attribute',
        `/data/attributes/${name}`,
        `\`${name}\` must be ${kind.demand}.`,
        property,
      );
    else into[property] = kind.decode(sent[name]);
  }
}

function readRelationships(
  schema: ResourceSchema,
  sent: JsonObject,
  closed: Closed,
  into: JsonObject,
  findings: Findings,
): void {
  for (const name in sent) {
    const field = schema.relationshipOf.get(name);
    if (field === undefined) {
      if (name.startsWith('@')) continue;
      const detail = `${schema.type} have no relationship \`${shorten(name)}\`.`;
      findings.add('invalid_relationship', `/data/relationships/${escapePointer(name)}`, detail);
      continue;
    }
    const refused = closed(field);
    if (refused !== undefined) findings.add('read_only', `/data/relationships/${name}`, refused);
    else into[field.property] = readLinkage(field, sent[name], findings);
  }
}

function applyDefaults(schema: ResourceSchema, resource: JsonObject): void {
  for (const { write, property, default: fallback } of schema.attributes)
    if (write === 'optional' && resource[property] === undefined) resource[property] = fallback;
  for (const { write, property } of schema.relationships)
    if (write === 'optional' && resource[property] === undefined) resource[property] = null;
}

/**
 * Lets class-validator judge the flat object, and says where in the document each complaint belongs. All rules are
 * asked: one that looks at other properties as well meets whatever was sent for them, and has to bear it.
 */
function applyRules(
  schema: ResourceSchema,
  data: JsonObject,
  resource: JsonObject,
  rules: ValidatorOptions,
  findings: Findings,
): void {
  if (rules === RULES && keepsRules(schema.target, resource)) return;
  const errors = validateSync(resource, rules);
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
  if (group === 'attributes') return `/data/attributes/${member}`;
  const at = `/data/relationships/${member}`;
  const relationship = parent[member];
  if (!isObject(relationship) || relationship['data'] === undefined) return at;
  return isObject(relationship['data']) ? `${at}/data/id` : `${at}/data`;
}
