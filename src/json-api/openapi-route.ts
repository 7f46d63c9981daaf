import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { refusalsOf, securityOf } from '../auth/openapi-access';
import { type RefusalCode } from '../refusals';
import { type RelationshipField } from './fields';
import { type JsonSchema } from './kinds';
import { LIST_MEDIA_TYPE, MEDIA_TYPE } from './media-types';
import { object, ref } from './openapi-common';
import {
  exampleOf,
  exampleOfChanged,
  exampleOfCreated,
  exampleOfList,
  exampleOfNew,
} from './openapi-examples';
import { describeParameters } from './openapi-parameters';
import { HEADERS, headerRef, refusalDocuments } from './openapi-refusals';
import { schemaOfType } from './resource';
import { type Action, type BodyOptions, type JsonApiRoute, type ListConfig } from './route-config';

/** What any route may answer. */
const ALWAYS: readonly RefusalCode[] = [
  'too_many_requests',
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

/** What a request may be answered that comes with a key. */
const KEYED: readonly RefusalCode[] = [
  'invalid_header',
  'idempotency_key_reused',
  'idempotency_key_in_flight',
];

/** What else a route may answer, by its action. */
const BY_ACTION: Readonly<Record<Action, readonly RefusalCode[]>> = {
  create: [
    ...BODY,
    'invalid_attribute',
    'invalid_relationship',
    ...KEYED,
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
    ...KEYED,
    'type_conflict',
    'read_only',
    ...WRITING,
  ],
  remove: [...BODY, 'type_conflict', 'not_found', ...WRITING],
};

interface Answer {
  description: string;
  headers: Record<string, object>;
  content?: Record<string, object>;
}

/** Of what may be answered anew to a request that came before. */
const REPLAYABLE = { 'Idempotent-Replayed': headerRef('Idempotent-Replayed'), ...HEADERS };

/** Describes a route for OpenAPI: what it takes, and every answer that it can give. */
export function describeRoute(route: JsonApiRoute, options: BodyOptions): MethodDecorator {
  const { action, resource, list } = route;
  const requestBody = bodyOf(route, options);
  const operation = ApiOperation({
    operationId: operationId(route),
    summary: options.summary,
    ...(options.description !== undefined && { description: options.description }),
    tags: [resource.type],
    ...(requestBody && { requestBody }),
    ...(options.access && { security: securityOf(options.access) }),
    responses: {
      ...success(route),
      ...refusalDocuments(
        [
          ...ALWAYS,
          ...BY_ACTION[action],
          ...refusalsOf(options.access),
          ...conditional(route),
          ...(list?.of === undefined ? [] : (['not_found'] as const)),
          ...(options.refusals ?? []),
        ],
        action === 'create' || action === 'change' ? REPLAYABLE : HEADERS,
      ),
    },
  });
  return applyDecorators(operation, ...describeParameters(route));
}

/** What a request may be answered that depends on the version of its resource, or must not. */
function conditional({ action, resource }: JsonApiRoute): readonly RefusalCode[] {
  if (action !== 'change' && action !== 'remove') return [];
  return resource.version === undefined ? ['invalid_header'] : ['invalid_header', 'precondition_failed'];
}

function operationId({ action, resource, list }: JsonApiRoute): string {
  if (list === undefined) return `${action}${resource.target.name}`;
  const plural = resource.type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `list${plural}${list.of === undefined ? '' : `Of${list.of.target.name}`}`;
}

function bodyOf({ action, resource }: JsonApiRoute, { example }: BodyOptions) {
  const { name } = resource.target;
  const body = (schema: string, value: object) => ({
    required: true,
    content: { [MEDIA_TYPE]: { schema: ref(schema), example: value } },
  });
  if (action === 'create') return body(`New${name}Document`, exampleOfNew(resource, example));
  if (action === 'change') return body(`Changed${name}Document`, exampleOfChanged(resource, example));
  return undefined;
}

function success(route: JsonApiRoute): Record<string, Answer> {
  const { action, resource, list } = route;
  const { name } = resource.target;
  if (action === 'remove')
    return { 204: { description: 'Done; the answer has no content.', headers: HEADERS } };
  const content = {
    [action === 'list' ? LIST_MEDIA_TYPE : MEDIA_TYPE]: {
      schema: withMore(ref(`${name}${action === 'list' ? 'List' : ''}Document`), route),
      example: exampleOfAnswer(route),
    },
  };
  if (list !== undefined) return { 200: { description: pageSentence(list), headers: HEADERS, content } };
  const etag = { ETag: headerRef('ETag') };
  if (action === 'fetch')
    return {
      200: { description: 'The resource.', headers: { ...etag, ...HEADERS }, content },
      304: { description: 'It is still what the `If-None-Match` names.', headers: { ...etag, ...HEADERS } },
    };
  if (action === 'change')
    return { 200: { description: 'The resource, changed.', headers: { ...etag, ...REPLAYABLE }, content } };
  const headers = { Location: headerRef('Location'), ...(resource.version && etag), ...REPLAYABLE };
  return { 201: { description: 'The resource, created.', headers, content } };
}

function pageSentence({ sort, order }: ListConfig): string {
  const keys = order.map(({ field }) => `\`${field.member}\``).join(', then ');
  if (keys === '') return 'A page of the list.';
  const unless = sort.length === 0 ? '' : ' unless `sort` says otherwise';
  return `A page of the list, ordered by ${keys}${unless}.`;
}

function exampleOfAnswer({ action, resource, includes, list }: JsonApiRoute): object {
  if (list !== undefined) return exampleOfList(resource, list);
  return action === 'create' ? exampleOfCreated(resource, includes) : exampleOf(resource);
}

/** @returns the schema of the document, with what this route has beside it. */
function withMore(document: JsonSchema, { include, includes, list }: JsonApiRoute): JsonSchema {
  const included =
    includes === undefined
      ? includedSchema(include, 'There when the request has `include`.')
      : includedSchema(includes, 'What came into being with it.');
  const properties = {
    ...(included && { included }),
    ...(list?.meta && { meta: list.meta }),
  };
  if (Object.keys(properties).length === 0) return document;
  return { allOf: [document, object(properties, includes === undefined ? [] : ['included'])] };
}

/** @returns undefined where nothing comes along. */
function includedSchema(
  fields: ReadonlyMap<string, RelationshipField>,
  description: string,
): JsonSchema | undefined {
  const names = new Set(Array.from(fields.values(), ({ type }) => schemaOfType(type).target.name));
  const schemas = Array.from(names, ref);
  if (schemas.length === 0) return undefined;
  return { type: 'array', description, items: schemas.length === 1 ? schemas[0] : { oneOf: schemas } };
}
