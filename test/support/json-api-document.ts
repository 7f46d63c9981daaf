import { type IncomingHttpHeaders } from 'node:http';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type RefusalCode, REFUSALS } from '../../src/refusals';
import { DOCUMENT, PROFILE } from './document-schemas';

interface Identifier {
  type: string;
  id: string;
  meta?: Record<string, unknown>;
}
export interface ResourceObject {
  type: string;
  id: string;
  attributes?: Record<string, unknown>;
  relationships?: Record<string, { data?: Identifier | Identifier[] | null; links?: { related: string } }>;
  /** Not there in one without an address; whoever reads such a one does not ask for it. */
  links: { self: string };
  meta?: { page: { cursor: string } };
}
export interface ErrorObject {
  status: string;
  code: RefusalCode;
  title: string;
  detail: string;
  source?: { pointer?: string; parameter?: string; header?: string };
  links?: { type: string };
  meta?: Record<string, unknown>;
}
export interface JsonApiDocument {
  jsonapi: { version: string };
  links?: { self: string; prev?: string | null; next?: string | null };
  /** An array in the document of a list, and only there. */
  data?: ResourceObject | ResourceObject[];
  included?: ResourceObject[];
  /** What a list says of itself. */
  meta?: Record<string, unknown>;
  errors?: ErrorObject[];
}

/** What came back, as far as it can be checked. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as text; empty when there was none. */
  readonly text: string;
}

/** What was asked, as far as the answer must agree with it. */
export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** The body that was sent. */
  readonly body?: string | Buffer | undefined;
}

const MEDIA_TYPE = 'application/vnd.api+json';
const LIST_MEDIA_TYPE = `${MEDIA_TYPE}; profile="${PROFILE}"`;

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats(ajv);
const validate = ajv.compile<JsonApiDocument>(DOCUMENT);

/**
 * Checks one answer of a JSON:API route against everything that must hold for all of them.
 *
 * @returns its document
 * @throws when anything is wrong, with all that is
 */
export function checkedDocument(received: Received, asked: Asked): JsonApiDocument {
  const problems = headerProblems(received);
  const document = parse(received.text);
  if (received.status === 204) {
    if (received.text !== '') problems.push('a body comes with the status 204');
  } else if (!validate(document)) {
    problems.push(
      ...(validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`),
    );
  } else if (document.errors === undefined) {
    problems.push(...dataProblems(document, received, asked));
  } else {
    problems.push(...errorProblems(document.errors, received, asked));
  }
  if (problems.length > 0) {
    const what = `${asked.method} ${asked.path.slice(0, 200)} was answered ${received.status}`;
    throw new Error(`${what} ${received.text.slice(0, 2_000)}\n- ${problems.join('\n- ')}`);
  }
  return (document ?? {}) as JsonApiDocument;
}

/** What must hold for the header of every answer with a JSON:API document, and of one to HEAD. */
export function headerProblems({ status, headers }: Received): string[] {
  const problems: string[] = [];
  const demand = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(sentence);
  };
  const types: unknown[] =
    status === 204 || status === 304
      ? [undefined]
      : [MEDIA_TYPE, ...(status === 200 ? [LIST_MEDIA_TYPE] : [])];
  demand(types.includes(headers['content-type']), `A2: Content-Type is ${headers['content-type']}`);
  const vary = (headers.vary ?? '').split(',').map((name) => name.trim().toLowerCase());
  demand(vary.includes('accept'), `A13: Vary is ${headers.vary}`);
  demand(/^[!-~]{1,128}$/.test(String(headers['x-request-id'] ?? '')), 'there is no X-Request-Id');
  demand(
    // A 409 says when to come again where it passes by itself; its code is looked at by those who ask for it.
    status === 409 || (status === 503 || status === 429) === 'retry-after' in headers,
    `Retry-After with ${status}: ${headers['retry-after']}`,
  );
  demand((status === 405) === 'allow' in headers, `Allow with ${status}: ${headers.allow}`);
  demand((status === 201) === 'location' in headers, `Location with ${status}: ${headers.location}`);
  return problems;
}

function dataProblems(document: JsonApiDocument, received: Received, asked: Asked): string[] {
  const { data = [], links, included } = document;
  const isList = Array.isArray(data);
  const primary = isList ? data : [data];
  const problems = [...primary, ...(included ?? [])]
    .filter((resource) => selfOf(resource) !== addressOf(resource))
    .map((resource) => `B15: links.self of ${resource.id} is ${selfOf(resource)}`);
  const demand = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(sentence);
  };
  const { status, headers } = received;
  const type = isList ? LIST_MEDIA_TYPE : MEDIA_TYPE;
  demand(headers['content-type'] === type, `A12: Content-Type is ${headers['content-type']}`);
  demand(
    primary.every(({ meta }) => (meta !== undefined) === isList),
    'I10: cursors are for items of lists',
  );
  const [path = ''] = asked.path.split('?', 1);
  if (status === 201) {
    const self = primary[0] && selfOf(primary[0]);
    demand(headers.location === self, `D7: Location is ${headers.location}, links.self is ${self}`);
    demand(links === undefined, 'B17: no GET reproduces the answer to a POST');
  } else {
    demand(status === 200, `data comes with the status ${status}`);
    const self = isList ? path.toLowerCase() : primary[0] && selfOf(primary[0]);
    demand(links?.self.split('?', 1)[0] === self, `B17: the document calls itself ${links?.self}`);
    const asksMore = /\?&*[^&]/.test(asked.path);
    demand(links?.self.includes('?') === asksMore, `B17: ${links?.self} for ${asked.path}`);
  }
  const bringsOthers = status === 201 && primary.some(({ type }) => type === 'payments');
  demand(
    (included !== undefined) === (bringsOthers || /[?&]include=/.test(asked.path)),
    'C7: included comes when it is asked for, and with a new payment',
  );
  return [...problems, ...linkageProblems(primary, included ?? [], asked)];
}

function selfOf({ links }: { links?: { self: string } }): string | undefined {
  return links?.self;
}

/** @returns where a resource must say it is; undefined for one without an address. */
function addressOf(resource: ResourceObject): string | undefined {
  const { type, id } = resource;
  const address = ADDRESSES[type];
  return address === undefined ? `/${type}/${id}` : address(resource);
}

/** Of what is not at `/<type>/<id>`. */
const ADDRESSES: Readonly<Record<string, (resource: ResourceObject) => string | undefined>> = {
  tickets: selfOf, // no more is known of them all than the pattern of the schema
  event_statistics: ({ id }) => `/statistics/events/${id}`,
  kind_statistics: ({ id }) => `/statistics/kinds/${encodeURIComponent(id)}`,
  statistics_totals: () => '/statistics/totals',
  sales_points: () => undefined,
};

/**
 * B19: whatever comes along is named by the primary data, unless a sparse fieldset may have left that relationship
 * out, and nothing comes twice.
 */
function linkageProblems(
  primary: readonly ResourceObject[],
  included: readonly ResourceObject[],
  { path }: Asked,
): string[] {
  const query = new URLSearchParams(path.split('?', 2)[1]);
  const isSparse = primary.some(({ type }) => query.has(`fields[${type}]`));
  const keyOf = ({ type, id }: Identifier): string => `${type}/${id}`;
  const named = new Set(
    primary
      .flatMap(({ relationships = {} }) => Object.values(relationships))
      .flatMap(({ data }) => data ?? [])
      .map(keyOf),
  );
  const seen = new Set(primary.map(keyOf));
  const problems: string[] = [];
  for (const key of included.map(keyOf)) {
    if (!named.has(key) && !isSparse) problems.push(`B19: nothing names ${key}`);
    if (seen.has(key)) problems.push(`B19: ${key} comes twice`);
    seen.add(key);
  }
  return problems;
}

function errorProblems(errors: readonly ErrorObject[], { status }: Received, asked: Asked): string[] {
  const problems: string[] = [];
  if (errors[0]?.status !== String(status)) problems.push(`H2: the first error says ${errors[0]?.status}`);
  const request = parse(asked.body?.toString() ?? '');
  for (const [index, { status: told, code, title, detail, source, meta }] of errors.entries()) {
    const kind = REFUSALS[code];
    if (told !== String(kind.status)) problems.push(`${index}: ${code} says ${told}`);
    if (title !== kind.title) problems.push(`H6: ${index}: the title of ${code} is ${title}`);
    // Names that were sent are told back between backquotes.
    if (TOLD_NEVER.test(detail.replace(/`.*`/s, '') + JSON.stringify(meta)))
      problems.push(`H6: ${index}: the answer tells what is inside`);
    const { pointer, parameter, header } = source ?? {};
    if (pointer !== undefined && (request === undefined || resolve(request, pointer) === undefined))
      problems.push(`H4: ${index}: ${pointer} points at nothing in the request`);
    if (code === 'malformed_json' && source !== undefined) problems.push(`H4: ${index}: there is no place`);
    if (IN_THE_BODY.has(code) && pointer === undefined) problems.push(`H4: ${index}: ${code} has no pointer`);
    if (ABOUT_CALLER.has(code)) continue; // it may be about a header, a parameter, or the request as a whole
    if ((code === 'invalid_parameter') !== (parameter !== undefined))
      problems.push(`H5: ${index}: ${code} with the parameter ${parameter}`);
    if (IN_A_HEADER.has(code) !== (header !== undefined))
      problems.push(`H5: ${index}: ${code} with the header ${header}`);
  }
  return problems;
}

const IN_A_HEADER: ReadonlySet<string> = new Set([
  'unsupported_media_type',
  'not_acceptable',
  'invalid_header',
  'idempotency_key_reused',
  'idempotency_key_in_flight',
  'precondition_failed',
]);
const ABOUT_CALLER: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden']);

const IN_THE_BODY: ReadonlySet<string> = new Set([
  'invalid_document',
  'invalid_attribute',
  'invalid_relationship',
  'client_id_forbidden',
  'type_conflict',
  'read_only',
  'sales_not_started',
  'sales_ended',
  'payment_required',
  'order_limit_exceeded',
  'user_limit_exceeded',
  'invalid_purchase_quantity',
  'insufficient_tickets',
  'extension_limit_reached',
  'allocation_below_committed',
]);

/** Stack traces, SQL and the words of drivers and frameworks. */
const TOLD_NEVER =
  /\bat \S+ \(|node_modules|\.[jt]s:\d|FST_ERR|HPE_|ECONN|SQLSTATE|violates|\b(ck|pk|fk|uq)_[a-z]|INSERT INTO|UPDATE ticket|statusCode/;

/** @returns undefined for what is not JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** RFC 6901. @returns undefined when the pointer leads to nothing. */
function resolve(document: unknown, pointer: string): unknown {
  let at = document;
  for (const escaped of pointer.split('/').slice(1)) {
    const token = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, token)) return undefined;
    at = (at as Record<string, unknown>)[token];
  }
  return at;
}
