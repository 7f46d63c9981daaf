import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Refusal, type RefusalCode, refusal } from '../refusals';
import { isPlain, sendPlainError } from '../plain/plain-errors';
import { asItIs, setDocumentHeaders } from './answering';
import { errorDocument, retryAfter } from './errors';

/** Where errors are told in full, with the request they belong to. */
export interface ErrorLog {
  error(context: object, message: string): void;
}

/** What the framework refuses by itself, by its own codes. */
const BY_CODE: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_STATIC_FORBIDDEN_PATH: 'not_found',
};

/** Anything else that carries a status of its own. */
const BY_STATUS: Readonly<Record<number, RefusalCode>> = {
  400: 'malformed_request',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  408: 'request_timeout',
  413: 'payload_too_large',
  414: 'not_found',
  415: 'unsupported_media_type',
  431: 'header_too_large',
};

/**
 * Answers every error as an error document: refusals, what Fastify and Nest refuse by themselves, and bugs, which
 * are logged with everything and told with nothing. Nest routes all of them here, those of Fastify's hooks too.
 */
@Catch()
export class RefusalFilter implements ExceptionFilter {
  constructor(private readonly log: ErrorLog) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    answerError(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.log);
  }
}

/** Sends the error document for whatever was thrown. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: ErrorLog,
): void {
  const refused = asRefusal(error);
  if (refused === undefined) {
    const { id: reqId, method, url } = request;
    log.error({ err: error, reqId, method, url }, 'unexpected error');
  }
  if (reply.sent) return;
  const told = refused ?? refusal('internal_error');
  request.refusedFor = told.problems[0].code;
  // Fastify closes the connection when a body cannot be parsed, but ours was read to its end.
  if (error instanceof Refusal && reply.hasHeader('connection')) reply.removeHeader('connection');
  const seconds = retryAfter(told);
  if (seconds !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', seconds);
  reply.removeHeader('location');
  reply.code(told.status);
  if (isPlain(request)) {
    sendPlainError(request, reply, told);
    return;
  }
  setDocumentHeaders(reply);
  reply.serializer(asItIs).send(errorDocument(told));
}

/** @returns undefined for what nobody meant to be answered, which is a bug. */
function asRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  const cause: unknown = error instanceof HttpException ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return undefined;
  const code = 'code' in cause && typeof cause.code === 'string' ? BY_CODE[cause.code] : undefined;
  if (code !== undefined) return framework(code);
  const status = error instanceof HttpException ? error.getStatus() : statusOf(cause);
  const byStatus = status === undefined ? undefined : BY_STATUS[status];
  return byStatus === undefined ? undefined : framework(byStatus);
}

function framework(code: RefusalCode): Refusal {
  return refusal(code, code === 'unsupported_media_type' ? { source: { header: 'Content-Type' } } : {});
}

function statusOf(error: Error): number | undefined {
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
