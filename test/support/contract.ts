import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type RefusalCode, refusalKind, REFUSALS } from '../../src/refusals';
import { type Asked, type Received } from './json-api-document';

/*
 * Holds every answer that a test sees against `openapi.json`: no route, status, header, media type, member or code
 * that is not described there. That the file is what the service says of itself is checked elsewhere.
 */

type Schema = Readonly<Record<string, unknown>>;

interface Response {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<
    Record<string, { readonly schema: Schema; readonly examples?: Readonly<Record<string, unknown>> }>
  >;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}

interface Place {
  /** With the names of its parameters in braces. */
  readonly path: string;
  readonly address: RegExp;
  readonly operations: Readonly<Record<string, Operation>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const DESCRIPTION = JSON.parse(readFileSync(join(__dirname, '..', '..', 'openapi.json'), 'utf8')) as OpenApi;

const PLACES: readonly Place[] = Object.entries(DESCRIPTION.paths).map(([path, operations]) => ({
  path,
  operations,
  address: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]*')}$`),
}));

/** Every method at every address, as {@link operationAt} calls it. */
export const OPERATIONS: readonly string[] = PLACES.flatMap(({ path, operations }) =>
  Object.keys(operations).map((method) => `${method} ${path}`),
);

/** Pages for people and the description itself. */
const NOT_DESCRIBED = /^\/(?:docs|openapi\.json)(?:[/?]|$)/;

/** What is said of an address, or a method there, that the description does not have. */
const NOWHERE: readonly RefusalCode[] = [
  ...(['too_many_requests', 'not_found', 'malformed_request', 'method_not_allowed'] as const),
  'header_too_large',
];

/** What HTTP and browsers read, on any answer of any server. */
const STANDING =
  /^(?:date|connection|keep-alive|content-length|content-type|transfer-encoding|cache-control|content-security-policy|referrer-policy|strict-transport-security|x-content-type-options|x-frame-options|access-control-.+)$/;

/** @returns what the description calls it to ask for that */
export function operationAt(method: string, path: string): string {
  return `${described(method)} ${placeAt(path)?.path ?? 'nothing'}`;
}

/** @returns what of an answer is not described, or not like this */
export function contractProblems({ status, headers, text }: Received, { method, path }: Asked): string[] {
  if (NOT_DESCRIBED.test(path)) return [];
  const operation = placeAt(path)?.operations[described(method)];
  if (operation === undefined) return problemsNowhere(status, text);
  const response = operation.responses[status];
  if (response === undefined) return [`the status ${status} is not described`];
  const problems = Object.keys(headers)
    .filter((name) => !STANDING.test(name) && !has(response.headers, name))
    .map((name) => `the header ${name} is not described with ${status}`);
  problems.push(...codesIn(text).flatMap((code) => problemsOfCode(code, operation)));
  if (method === 'HEAD') return problems;
  const { content } = response;
  if (content === undefined) return text === '' ? problems : [...problems, `no body is described: ${text}`];
  const [type] = Object.keys(content).filter((each) => isOfType(headers['content-type'], each));
  if (type === undefined) return [...problems, `the type ${headers['content-type']} is not described`];
  // Text has no members that could be held against a schema.
  if (type.startsWith('text/')) return problems;
  return [...problems, ...problemsOfBody(content[type]?.schema ?? {}, text)];
}

/** @throws when an answer is not as it is described */
export function checkContract(received: Received, asked: Asked): void {
  const problems = contractProblems(received, asked);
  if (problems.length === 0) return;
  const what = `${asked.method} ${asked.path.slice(0, 200)} was answered ${received.status}`;
  throw new Error(`${what} ${received.text.slice(0, 2_000)}\n- ${problems.join('\n- ')}`);
}

function placeAt(path: string): Place | undefined {
  const [address = ''] = path.replace(/^https?:\/\/[^/?#]*/, '').split(/[?#]/, 1);
  return PLACES.find((each) => each.address.test(address));
}

/** HEAD is what GET is, and is not described. */
function described(method: string): string {
  return method === 'HEAD' ? 'get' : method.toLowerCase();
}

/** Where nothing is described, nothing but that is said. */
function problemsNowhere(status: number, text: string): string[] {
  const codes = codesIn(text);
  const isPreflight = status === 204 && text === '';
  if (codes.length === 0 && text !== '') return [`${text} is answered where nothing is described`];
  const known = codes.every((code) => NOWHERE.includes(code));
  const statuses = NOWHERE.map((code) => refusalKind(code).status);
  return known && (isPreflight || statuses.includes(status)) ? [] : [`the status ${status} where nothing is`];
}

/** Each code has an example with its status; the plain contracts list them in the schema of their errors. */
function problemsOfCode(code: RefusalCode, { responses }: Operation): string[] {
  const response = responses[REFUSALS[code].status];
  const isKnown = Object.values(response?.content ?? {}).some(
    ({ examples, schema }) => has(examples, code) || JSON.stringify(schema).includes(`"${code}"`),
  );
  return isKnown ? [] : [`the code ${code} is not described`];
}

function codesIn(text: string): RefusalCode[] {
  if (!text.startsWith('{')) return [];
  const { errors = [], error } = JSON.parse(text) as {
    errors?: readonly { code: RefusalCode }[];
    error?: { code: RefusalCode };
  };
  return [...errors, ...(error === undefined ? [] : [error])].map(({ code }) => code);
}

/** Plain JSON may say in which charset it is. */
function isOfType(given: string | undefined, type: string): boolean {
  return given === type || (type === 'application/json' && given === 'application/json; charset=utf-8');
}

function has(named: Readonly<Record<string, unknown>> | undefined, name: string): boolean {
  return Object.keys(named ?? {}).some((each) => each.toLowerCase() === name.toLowerCase());
}

const ID = 'https://holdfast.example/openapi.json';
const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats(ajv);
ajv.addSchema({
  $id: ID,
  components: {
    schemas: Object.fromEntries(
      Object.entries(DESCRIPTION.components.schemas).map(([name, schema]) => [name, within(schema)]),
    ),
  },
});
const validators = new WeakMap<Schema, ValidateFunction>();

function problemsOfBody(schema: Schema, text: string): string[] {
  let validate = validators.get(schema);
  if (validate === undefined) validators.set(schema, (validate = ajv.compile(closed(schema) as Schema)));
  if (validate(text === '' ? undefined : JSON.parse(text))) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/**
 * Generated clients must be able to take members that come with a later version, so the description leaves objects
 * open. Here every member has to be described.
 */
function closed(schema: unknown): unknown {
  const inner = within(schema);
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
  const target = resolved(schema as Schema);
  const isOpen = 'additionalProperties' in target || !('properties' in target || 'allOf' in target);
  return isOpen ? inner : { ...inner, unevaluatedProperties: false };
}

/** The same schema, with everything below it closed, and references that lead to the description. */
function within(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(within);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      switch (keyword) {
        case '$ref':
          return [keyword, ID + String(value)];
        case 'properties':
          return [
            keyword,
            Object.fromEntries(Object.entries(value as Schema).map(([name, each]) => [name, closed(each)])),
          ];
        case 'items':
          return [keyword, closed(value)];
        case 'oneOf':
        case 'anyOf':
          return [keyword, (value as unknown[]).map(closed)];
        case 'allOf':
          return [keyword, (value as unknown[]).map(within)];
        default:
          return [keyword, value];
      }
    }),
  );
}

function resolved(schema: Schema): Schema {
  const { $ref } = schema;
  if (typeof $ref !== 'string') return schema;
  return DESCRIPTION.components.schemas[$ref.slice('#/components/schemas/'.length)] ?? {};
}
