import { applyDecorators, Get, HttpCode, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { refusalOf } from '../json-api/errors';
import { readKey } from '../json-api/idempotency-header';
import { parseQuery } from '../json-api/query';
import { type Problem, type RefusalCode } from '../refusals';
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
    RouteConfig({ plain: { shape }, words }),
    describePlain(options, status, shape),
  );
}

/** `GET` of one thing: what the method returns is sent as JSON. */
export function PlainGet(options: PlainDescription & { readonly at: string }): MethodDecorator {
  return applyDecorators(Get(options.at), RouteConfig({ plain: {} }), describePlain(options, 200));
}

const NO_PARAMETERS = { types: new Map(), include: new Set<string>() };

/** Lets the routes of this folder read their bodies, and refuse query parameters, of which they take none. */
export function installPlain(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const plain = route.config?.plain;
    if (plain !== undefined) route.preHandler = readerFor(plain);
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
