import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import { type Access } from '../auth/access';
import { refusalsOf, securityOf } from '../auth/openapi-access';
import { type JsonSchema } from '../json-api/kinds';
import { idempotencyKey } from '../json-api/openapi-parameters';
import { COMMON_HEADERS, headerRef, refusalResponses } from '../json-api/openapi-refusals';
import { REFUSALS, type RefusalCode } from '../refusals';
import { describeShape, type Shape } from './shape';

const JSON_TYPE = 'application/json';

/** What OpenAPI says of a plain route. */
export interface PlainDescription {
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  /** Who may use it. */
  readonly access: Access;
  /** The schema of the `id` in the address, if there is one. */
  readonly id?: JsonSchema;
  /** What it answers; nothing for an empty body. */
  readonly answer?: { readonly schema: JsonSchema; readonly example: object };
  /** What the service behind it may say. */
  readonly refusals?: readonly RefusalCode[];
}

const ALWAYS: readonly RefusalCode[] = [
  ...([
    'too_many_requests',
    'header_too_large',
    'malformed_request',
    'invalid_parameter',
    'internal_error',
  ] as const),
  ...(['overloaded', 'database_unavailable'] as const),
];
const BODY: readonly RefusalCode[] = [
  ...(['unsupported_media_type', 'payload_too_large', 'request_timeout', 'malformed_json'] as const),
  ...(['invalid_document', 'invalid_attribute', 'invalid_header', 'outcome_unknown'] as const),
  ...(['idempotency_key_reused', 'idempotency_key_in_flight'] as const),
];

/** Describes a route of a plain-JSON contract: what it takes, and every answer that it can give. */
export function describePlain(of: PlainDescription, status: number, shape?: Shape): MethodDecorator {
  const { operationId, summary, tag, access, id, answer, refusals = [] } = of;
  const content = answer && { [JSON_TYPE]: answer };
  const replayed = { 'Idempotent-Replayed': headerRef('Idempotent-Replayed') };
  const headers = { ...COMMON_HEADERS, ...(shape && replayed) };
  const success = {
    description: answer === undefined ? 'Done; the answer has no content.' : 'Done.',
    headers,
    ...(content && { content }),
  };
  const codes = new Set([
    ...ALWAYS,
    ...refusalsOf(access),
    ...(shape ? BODY : []),
    ...(id ? (['not_found'] as const) : []),
    ...refusals,
  ]);
  return applyDecorators(
    ApiOperation({
      operationId,
      summary,
      tags: [tag],
      security: securityOf(access),
      ...(shape && { requestBody: { required: true, content: { [JSON_TYPE]: describeShape(shape) } } }),
      responses: { [status]: success, ...failures(codes, headers) },
    }),
    ...(id
      ? [ApiParam({ name: 'id', required: true, description: 'Of which ticket option.', schema: id })]
      : []),
    ...(shape ? [idempotencyKey()] : []),
  );
}

function failures(
  possible: ReadonlySet<RefusalCode>,
  headers: Record<string, object>,
): Record<string, never> {
  return refusalResponses(possible, headers, (codes) => {
    const [code] = codes as [RefusalCode];
    const example = { error: { code, message: REFUSALS[code].detail } };
    return { [JSON_TYPE]: { schema: errorSchema(codes), example } };
  }) as Record<string, never>;
}

function errorSchema(codes: readonly RefusalCode[]): JsonSchema {
  const properties = { code: { type: 'string', enum: codes }, message: { type: 'string' } };
  const error = { type: 'object', required: ['code', 'message'], properties };
  return { type: 'object', required: ['error'], properties: { error } };
}
