import { type Socket } from 'node:net';
import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  Get,
  HttpCode,
  Post,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyRequest } from 'fastify';
import { refusal } from '../refusals';
import { canonicalUuid } from './ids';
import { describeRoute } from './openapi-route';
import { type Action, type JsonApiRoute, type RouteOptions } from './route-config';
import { type ResourceClass, schemaOf } from './resource';

/** `POST` to the collection: 201 with the resource that the method returns, and its address in `Location`. */
export function CreateResource(target: ResourceClass, options: RouteOptions): MethodDecorator {
  return route('create', target, options, Post(), HttpCode(201));
}

/** `GET` of one resource by its id: 200 with the resource that the method returns. */
export function FetchResource(target: ResourceClass, options: RouteOptions): MethodDecorator {
  return route('fetch', target, options, Get(':id'));
}

/** The body of the request, decoded and valid: a `New<T>` of the resource. */
export const Decoded = createParamDecorator(
  (_: unknown, context: ExecutionContext): unknown => requestOf(context).body,
);

/** The id in the address, in lower case. What is no UUID names nothing: 404. */
export const ResourceId = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { id } = requestOf(context).params as { id: string };
  const canonical = canonicalUuid(id);
  if (canonical === undefined) throw refusal('not_found');
  return canonical;
});

/** The socket of the caller, which tells whether somebody still waits for the answer. */
export const Connection = createParamDecorator(
  (_: unknown, context: ExecutionContext): Socket => requestOf(context).raw.socket,
);

function route(
  action: Action,
  target: ResourceClass,
  options: RouteOptions,
  ...nest: MethodDecorator[]
): MethodDecorator {
  const jsonApi: JsonApiRoute = { action, resource: schemaOf(target) };
  return applyDecorators(...nest, RouteConfig({ jsonApi }), describeRoute(jsonApi, options));
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}
