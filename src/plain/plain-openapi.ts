import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import { type JsonSchema } from '../json-api/kinds';
import { idempotencyKey } from '../json-api/openapi-parameters';
import { REFUSAL_CODES, REFUSALS, type RefusalCode } from '../refusals';
import { describeShape, type Shape } from './shape';

const JSON_TYPE = 'application/json';

/** What OpenAPI says of a plain route. */
export interface PlainDescription {
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  /** The schema of the `id` in the address, if there is one. */
  readonly id?: JsonSchema;
  /** What it answers; nothing for an empty body. */
  readonly answer?: { readonly schema: JsonSchema; readonly example: object };
  /** What the service behind it may say. */
  readonly refusals?: readonly RefusalCode[];
}

const ALWAYS: readonly RefusalCode[] = [
  ...(['header_too_large', 'malformed_request', 'invalid_parameter', 'internal_error'] as const),
  ...(['overloaded', 'database_unavailable'] as const),
];
const BODY: readonly RefusalCode[] = [
  ...(['unsupported_media_type', 'payload_too_large', 'request_timeout', 'malformed_json'] as const),
  ...(['invalid_document', 'invalid_attribute', 'invalid_header', 'outcome_unknown'] as const),
  ...(['idempotency_key_reused', 'idempotency_key_in_flight'] as const),
];

/** Describes a route of a plain-JSON contract: what it takes, and every answer that it can give. */
export function describePlain(of: PlainDescription, status: number, shape?: Shape): MethodDecorator {
  const { operationId, summary, tag, id, answer, refusals = [] } = of;
  const content = answer && { [JSON_TYPE]: answer };
  const headers = { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } };
  const replayed = { 'Idempotent-Replayed': { $ref: '#/components/headers/Idempotent-Replayed' } };
  const success = {
    description: answer === undefined ? 'Done; the answer has no content.' : 'Done.',
    headers: { ...headers, ...(shape && replayed) },
    ...(content && { content }),
  };
  const codes = new Set([
    ...ALWAYS,
    ...(shape ? BODY : []),
    ...(id ? (['not_found'] as const) : []),
    ...refusals,
  ]);
  return applyDecorators(
    ApiOperation({
      operationId,
      summary,
      tags: [tag],
      ...(shape && { requestBody: { required: true, content: { [JSON_TYPE]: describeShape(shape) } } }),
      responses: { [status]: success, ...failures(codes, headers) },
    }),
    ...(id
      ? [ApiParam({ name: 'id', required: true, description: 'Of which ticket option.', schema: id })]
      : []),
    ...(shape ? [idempotencyKey()] : []),
  );
}

function failures(possible: ReadonlySet<RefusalCode>, headers: object): Record<string, never> {
  const responses: Record<string, object> = {};
  for (const status of new Set(REFUSAL_CODES.map((code) => REFUSALS[code].status))) {
    const codes = REFUSAL_CODES.filter((code) => possible.has(code) && REFUSALS[code].status === status);
    const [first] = codes;
    if (first === undefined) continue;
    const example = { error: { code: first, message: REFUSALS[first].detail } };
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${REFUSALS[code].title}.`).join(' '),
      headers,
      content: { [JSON_TYPE]: { schema: errorSchema(codes), example } },
    };
  }
  return responses as Record<string, never>;
}

function errorSchema(codes: readonly RefusalCode[]): JsonSchema {
  const properties = { code: { type: 'string', enum: codes }, message: { type: 'string' } };
  const error = { type: 'object', required: ['code', 'message'], properties };
  return { type: 'object', required: ['error'], properties: { error } };
}
