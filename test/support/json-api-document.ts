import { type IncomingHttpHeaders } from 'node:http';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type RefusalCode, REFUSALS } from '../../src/refusals';

export interface ResourceObject {
  type: string;
  id: string;
  attributes?: Record<string, unknown>;
  relationships?: Record<string, { data: { type: string; id: string } | null }>;
  links: { self: string };
}
export interface ErrorObject {
  status: string;
  code: RefusalCode;
  title: string;
  detail: string;
  source?: { pointer?: string; parameter?: string; header?: string };
  meta?: Record<string, unknown>;
}
export interface JsonApiDocument {
  jsonapi: { version: string };
  links?: { self: string };
  data?: ResourceObject;
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
const INT32 = { type: 'integer', minimum: 0, maximum: 2_147_483_647 };
const LIMIT = { type: ['integer', 'null'], minimum: 1, maximum: 2_147_483_647 };
const INSTANT = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' };
const INSTANT_OR_NULL = { ...INSTANT, type: ['string', 'null'] };
const UUID = { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' };

const object = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const linkTo = (type: string) =>
  object({ data: object({ type: { const: type }, id: UUID }, ['type', 'id']) }, ['data']);

/** A sparse fieldset may leave any field out, but never an empty group of them in. */
const resource = (type: string, attributes: object, relationships: object) =>
  object(
    {
      type: { const: type },
      id: { ...UUID, allOf: [{ pattern: '^.{14}7' }] },
      attributes: { ...object({ ...attributes }), minProperties: 1 },
      relationships: { ...object({ ...relationships }), minProperties: 1 },
      links: object({ self: { type: 'string', pattern: `^/${type}/[0-9a-f-]{36}$` } }, ['self']),
    },
    ['type', 'id', 'links'],
  );

const TICKET_OPTION = resource(
  'ticket_options',
  {
    name: { type: 'string', minLength: 1, maxLength: 200 },
    description: { type: ['string', 'null'], maxLength: 10_000 },
    kind: { type: ['string', 'null'], minLength: 1, maxLength: 50 },
    allocation: INT32,
    remaining: INT32,
    reserved: INT32,
    sold: INT32,
    number: { ...INT32, minimum: 1 },
    on_sale: { type: 'boolean' },
    price_cents: { ...INT32, maximum: 100_000_000 },
    currency: { const: 'EUR' },
    max_per_user: LIMIT,
    max_per_order: LIMIT,
    sales_start_at: INSTANT_OR_NULL,
    sales_end_at: INSTANT_OR_NULL,
    created_at: INSTANT,
    updated_at: INSTANT,
  },
  { event: linkTo('events') },
);
const PURCHASE = resource(
  'purchases',
  {
    quantity: { ...INT32, minimum: 1 },
    total_cents: { type: 'integer', minimum: 0 },
    currency: { const: 'EUR' },
    status: { const: 'completed' },
    created_at: INSTANT,
  },
  { ticket_option: linkTo('ticket_options'), user: linkTo('users') },
);
const ERROR = object(
  {
    status: { type: 'string', pattern: '^[45]\\d\\d$' },
    code: { enum: Object.keys(REFUSALS) },
    title: { type: 'string', minLength: 1 },
    detail: { type: 'string', minLength: 1, maxLength: 500 },
    source: {
      ...object({
        pointer: { type: 'string', format: 'json-pointer' },
        parameter: { type: 'string' },
        header: { type: 'string', minLength: 1 },
      }),
      minProperties: 1,
      maxProperties: 1,
    },
    meta: { type: 'object', minProperties: 1 },
  },
  ['status', 'code', 'title', 'detail'],
);
const JSON_API = object({ version: { const: '1.1' } }, ['version']);
const DOCUMENT = {
  oneOf: [
    object(
      {
        jsonapi: JSON_API,
        links: object({ self: { type: 'string', format: 'uri-reference' } }, ['self']),
        data: { anyOf: [TICKET_OPTION, PURCHASE] },
      },
      ['jsonapi', 'data'],
    ),
    object({ jsonapi: JSON_API, errors: { type: 'array', items: ERROR, minItems: 1 } }, [
      'jsonapi',
      'errors',
    ]),
  ],
};

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
  if (!validate(document)) {
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
  return document as JsonApiDocument;
}

/** What must hold for the header of every answer with a JSON:API document, and of one to HEAD. */
export function headerProblems({ status, headers }: Received): string[] {
  const problems: string[] = [];
  const demand = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(sentence);
  };
  demand(headers['content-type'] === MEDIA_TYPE, `A2: Content-Type is ${headers['content-type']}`);
  const vary = (headers.vary ?? '').split(',').map((name) => name.trim().toLowerCase());
  demand(vary.includes('accept'), `A13: Vary is ${headers.vary}`);
  demand(/^[!-~]{1,128}$/.test(String(headers['x-request-id'] ?? '')), 'there is no X-Request-Id');
  demand(
    (status === 503) === 'retry-after' in headers,
    `Retry-After with ${status}: ${headers['retry-after']}`,
  );
  demand((status === 405) === 'allow' in headers, `Allow with ${status}: ${headers.allow}`);
  demand((status === 201) === 'location' in headers, `Location with ${status}: ${headers.location}`);
  return problems;
}

function dataProblems({ data, links }: JsonApiDocument, received: Received, asked: Asked): string[] {
  const { status, headers } = received;
  const self = data?.links.self ?? '';
  const problems: string[] = [];
  if (self !== `/${data?.type}/${data?.id}`) problems.push(`B15: links.self is ${self}`);
  if (status === 201) {
    if (headers.location !== self)
      problems.push(`D7: Location is ${headers.location}, links.self is ${self}`);
    if (links !== undefined) problems.push('B17: no GET reproduces the answer to a POST');
  } else if (status === 200) {
    if (links?.self.split('?', 1)[0] !== self) problems.push(`B17: the document calls itself ${links?.self}`);
    if (links?.self.includes('?') !== /\?&*[^&]/.test(asked.path))
      problems.push(`B17: ${links?.self} for ${asked.path}`);
  } else {
    problems.push(`data comes with the status ${status}`);
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
    if ((code === 'invalid_parameter') !== (parameter !== undefined))
      problems.push(`H5: ${index}: ${code} with the parameter ${parameter}`);
    if ((code === 'unsupported_media_type' || code === 'not_acceptable') !== (header !== undefined))
      problems.push(`H5: ${index}: ${code} with the header ${header}`);
  }
  return problems;
}

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
