import { applyDecorators, Get, HttpCode, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { refusalOf } from '../json-api/errors';
import { readKey } from '../json-api/idempotency-header';
import { isSupportedContentType, MEDIA_TYPE, parseMediaTypes } from '../json-api/media-types';
import { parseQuery } from '../json-api/query';
import { hasBody } from '../json-api/server';
import { type Problem, refusal, type RefusalCode } from '../refusals';
import { describePlain, type PlainDescription } from './plain-openapi';
import { readShape, type Shape } from './shape';

/** Found as `config.plain` on the routes of this folder, and only on them. */
interface PlainRoute {
  /** What the body holds; none for a GET. */
  readonly shape?: Shape;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    plain?: PlainRoute;
  }
}

interface PostOptions extends PlainDescription {
  readonly at: string;
  readonly shape: Shape;
  readonly status: 200 | 201;
  /** The sentences of this contract for some refusals. */
  readonly words?: Readonly<Partial<Record<RefusalCode, string>>>;
}

/** `POST` of a plain body: the method finds it decoded as its `Decoded`, and what it returns is sent as JSON. */
export function PlainPost(options: PostOptions): MethodDecorator {
  const { at, shape, status, words = {} } = options;
  return applyDecorators(
    Post(at),
    HttpCode(status),
    RouteConfig({ plain: { shape }, words, access: options.access }),
    describePlain(options, status, shape),
  );
}

/** `GET` of one thing: what the method returns is sent as JSON. */
export function PlainGet(options: PlainDescription & { readonly at: string }): MethodDecorator {
  const { at, access } = options;
  return applyDecorators(Get(at), RouteConfig({ plain: {}, access }), describePlain(options, 200));
}

const NO_PARAMETERS = { types: new Map(), include: new Set<string>() };

/** Lets the routes of this folder read their bodies, and refuse query parameters, of which they take none. */
export function installPlain(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const plain = route.config?.plain;
    if (plain === undefined) return;
    if (plain.shape !== undefined) route.onRequest = checkType;
    route.preHandler = readerFor(plain);
  });
}

function readerFor({ shape }: PlainRoute) {
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const problems: Problem[] = [];
    parseQuery(request.raw.url ?? '', NO_PARAMETERS, problems);
    if (shape !== undefined) {
      request.body = readShape(shape, request.body, problems);
      readKey(request, reply, problems);
    }
    done(refusalOf(problems));
  };
}

/** The headers decide before the body is read, as in JSON:API; here only plain JSON is. */
function checkType(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
  const { 'content-type': type, 'content-encoding': coding } = request.headers;
  if (type === undefined ? hasBody(request) : !isPlainJson(type)) {
    done(refusal('unsupported_media_type', { detail: 'Send the body as application/json.' }));
  } else if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    reply.header('accept-encoding', 'identity'); // RFC 9110, 15.5.16
    const detail = 'Bodies are read as they are, without a content coding.';
    done(refusal('unsupported_media_type', { detail }));
  } else done();
}

function isPlainJson(type: string): boolean {
  if (type === 'application/json') return true; // what nearly everybody sends
  return isSupportedContentType(type) && parseMediaTypes(type)[0]?.name !== MEDIA_TYPE;
}
