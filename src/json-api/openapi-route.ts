import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { REFUSAL_CODES, REFUSALS, type RefusalCode, refusalKind } from '../refusals';
import { MEDIA_TYPE } from './media-types';
import { exampleOf, exampleOfNew } from './openapi-examples';
import { ref } from './openapi-schemas';
import { type ResourceSchema } from './resource';
import { type Action, type JsonApiRoute, type RouteOptions } from './route-config';

/** What any route may answer. */
const ALWAYS: readonly RefusalCode[] = [
  'not_acceptable',
  'header_too_large',
  'malformed_request',
  'invalid_parameter',
  'internal_error',
];

/** What reading and checking a body may end in. */
const BODY: readonly RefusalCode[] = [
  'unsupported_media_type',
  'payload_too_large',
  'request_timeout',
  'malformed_json',
  'invalid_document',
];
const READING: readonly RefusalCode[] = ['overloaded', 'database_unavailable'];
const WRITING: readonly RefusalCode[] = [...READING, 'outcome_unknown'];

/** What else a route may answer, by its action. */
const BY_ACTION: Readonly<Record<Action, readonly RefusalCode[]>> = {
  create: [
    ...BODY,
    'invalid_attribute',
    'invalid_relationship',
    'client_id_forbidden',
    'type_conflict',
    'read_only',
    ...WRITING,
  ],
  fetch: ['not_found', ...READING],
  list: READING,
  change: [
    ...BODY,
    'not_found',
    'invalid_attribute',
    'invalid_relationship',
    'type_conflict',
    'read_only',
    ...WRITING,
  ],
  remove: [...BODY, 'not_found', ...WRITING],
};

interface Answer {
  description: string;
  headers: Record<string, object>;
  content: Record<string, object>;
}

const HEADERS = { 'X-Request-Id': headerRef('X-Request-Id'), Vary: headerRef('Vary') };

/** Describes a route for OpenAPI: what it takes, and every answer that it can give. */
export function describeRoute(route: JsonApiRoute, options: RouteOptions): MethodDecorator {
  const { action, resource } = route;
  const { name } = resource.target;
  const operation = ApiOperation({
    operationId: `${action}${name}`,
    summary: options.summary,
    ...(options.description !== undefined && { description: options.description }),
    tags: [resource.type],
    ...(action === 'create' && {
      requestBody: {
        required: true,
        content: { [MEDIA_TYPE]: { schema: ref(`New${name}Document`), example: exampleOfNew(resource) } },
      },
    }),
    responses: {
      ...success(action, resource),
      ...failures([...ALWAYS, ...BY_ACTION[action], ...(options.refusals ?? [])]),
    },
  });
  const id = action === 'fetch' ? [ApiParam(idParameter(resource))] : [];
  return applyDecorators(operation, ...id, ApiQuery(fieldsParameter(resource)));
}

function success(action: Action, resource: ResourceSchema): Record<string, Answer> {
  const content = {
    [MEDIA_TYPE]: {
      schema: ref(`${resource.target.name}Document`),
      example: exampleOf(resource, action === 'fetch'),
    },
  };
  if (action === 'fetch') return { 200: { description: 'The resource.', headers: HEADERS, content } };
  const headers = { Location: headerRef('Location'), ...HEADERS };
  return { 201: { description: 'The resource, created.', headers, content } };
}

/** One response for every status, with an example for every code behind it, in order of precedence. */
function failures(possible: readonly RefusalCode[]): Record<string, Answer> {
  const responses: Record<string, Answer> = {};
  for (const [status, codes] of groupByStatus(possible)) {
    const retry = codes.some((code) => refusalKind(code).retryAfterSeconds !== undefined);
    const examples = Object.fromEntries(
      codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
    );
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${REFUSALS[code].title}.`).join(' '),
      headers: { ...(retry && { 'Retry-After': headerRef('Retry-After') }), ...HEADERS },
      content: { [MEDIA_TYPE]: { schema: ref('ErrorDocument'), examples } },
    };
  }
  return responses;
}

function groupByStatus(possible: readonly RefusalCode[]): Map<number, RefusalCode[]> {
  const groups = new Map<number, RefusalCode[]>();
  for (const code of REFUSAL_CODES) {
    if (!possible.includes(code)) continue;
    const { status } = REFUSALS[code];
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}

function idParameter({ type }: ResourceSchema) {
  return {
    name: 'id',
    required: true,
    description: `Which of the ${type}. What is no UUID names nothing.`,
    schema: { type: 'string', format: 'uuid' },
  };
}

function fieldsParameter({ type, attributes, relationships }: ResourceSchema) {
  const fields = [...attributes, ...relationships].map(({ member }) => member);
  return {
    name: `fields[${type}]`,
    required: false,
    description: 'The only attributes and relationships that the answer shall have, separated by commas.',
    style: 'form' as const,
    explode: false,
    schema: { type: 'array', items: { type: 'string', enum: fields } },
  };
}

function headerRef(name: string): object {
  return { $ref: `#/components/headers/${name}` };
}
