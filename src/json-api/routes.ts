import { type Socket } from 'node:net';
import {
  applyDecorators,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  Patch,
  Post,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyRequest } from 'fastify';
import { type KeyOfRequest } from '../idempotency/request-key';
import { type AttributeField, type RelationshipField, snakeCase } from './fields';
import { type Kind } from './kinds';
import { describeRoute } from './openapi-route';
import { type Versions } from './preconditions';
import {
  type BodyOptions,
  type CreateOptions,
  type FetchOptions,
  type FilterField,
  type JsonApiRoute,
  type ListConfig,
  type ListOptions,
  type RouteOptions,
} from './route-config';
import { type ResourceClass, type ResourceSchema, schemaOf } from './resource';

const NOTHING: ReadonlySet<string> = new Set();

/**
 * `POST` to the collection: 201 with the resource that the method returns, and its address in `Location`. With
 * `includes` the method returns a {@link compound}, and the answer always has `included`.
 */
export function CreateResource(target: ResourceClass, options: CreateOptions): MethodDecorator {
  const { includes } = options;
  const config: JsonApiRoute = {
    action: 'create',
    at: '',
    ...plain(target),
    ...(includes && { includes: relationships(schemaOf(target), includes) }),
  };
  return route(config, options, Post(), HttpCode(201));
}

/**
 * `GET` of one resource, by its id unless `at` says otherwise: 200 with the resource, or {@link compound}, that the
 * method returns.
 */
export function FetchResource(target: ResourceClass, options: FetchOptions): MethodDecorator {
  const resource = schemaOf(target);
  const { at = ':id' } = options;
  const include = relationships(resource, options.include);
  return route({ action: 'fetch', at, resource, include }, options, Get(at));
}

/**
 * `GET` of the collection: 200 with the {@link Page} that the method returns. With `of` it is the collection below
 * one resource of that class, whose id is the {@link ResourceId}.
 */
export function ListResources<T extends object>(
  target: ResourceClass<T>,
  options: ListOptions<T>,
): MethodDecorator {
  const resource = schemaOf(target);
  const list = listConfig(resource, options);
  const { at = list.of === undefined ? '' : `:id/${resource.type}` } = options;
  const include = relationships(resource, options.include);
  return route({ action: 'list', at, resource, include, list }, options, at === '' ? Get() : Get(at));
}

/** `PATCH` of one resource by its id: 200 with the resource that the method returns. */
export function ChangeResource(target: ResourceClass, options: BodyOptions): MethodDecorator {
  return route({ action: 'change', at: ':id', ...plain(target) }, options, Patch(':id'));
}

/** `DELETE` of one resource by its id: 204 when the method returns. */
export function RemoveResource(target: ResourceClass, options: RouteOptions): MethodDecorator {
  return route({ action: 'remove', at: ':id', ...plain(target) }, options, Delete(':id'), HttpCode(204));
}

/** The body of the request, decoded and valid: a `New<T>` of the resource, for a `PATCH` its `Changes<T>`. */
export const Decoded = createParamDecorator(
  (_: unknown, context: ExecutionContext): unknown => requestOf(context).body,
);

/** What a request for a list asks: a `ListRequest`. */
export const Listing = createParamDecorator(
  (_: unknown, context: ExecutionContext): unknown => requestOf(context).jsonApiList?.request,
);

/** The relationships, by member name, whose resources shall come along. */
export const Include = createParamDecorator(
  (_: unknown, context: ExecutionContext): ReadonlySet<string> =>
    requestOf(context).jsonApiQuery?.include ?? NOTHING,
);

/** What names the request, if it came with an `Idempotency-Key`: a `KeyOfRequest`. */
export const Key = createParamDecorator(
  (_: unknown, context: ExecutionContext): KeyOfRequest | undefined =>
    requestOf(context).idempotencyKey ?? undefined,
);

/** The versions of the resource that a change is meant for, if the request says so: `Versions`. */
export const OnlyIf = createParamDecorator(
  (_: unknown, context: ExecutionContext): Versions | undefined => requestOf(context).onlyIf ?? undefined,
);

/** The socket of the caller, which tells whether somebody still waits for the answer. */
export const Connection = createParamDecorator(
  (_: unknown, context: ExecutionContext): Socket => requestOf(context).raw.socket,
);

function route(jsonApi: JsonApiRoute, options: RouteOptions, ...nest: MethodDecorator[]): MethodDecorator {
  const { access } = options;
  return applyDecorators(...nest, RouteConfig({ jsonApi, access }), describeRoute(jsonApi, options));
}

function plain(target: ResourceClass): Pick<JsonApiRoute, 'resource' | 'include'> {
  return { resource: schemaOf(target), include: new Map() };
}

function relationships(
  resource: ResourceSchema,
  members: readonly string[] = [],
): ReadonlyMap<string, RelationshipField> {
  return new Map(
    members.map((member) => {
      const field = resource.relationshipOf.get(member);
      if (field?.answer !== true)
        throw new Error(`${resource.type} have no relationship ${member} to include`);
      return [member, field];
    }),
  );
}

function listConfig<T extends object>(resource: ResourceSchema, options: ListOptions<T>): ListConfig {
  const filters = Object.entries(options.filters ?? {}).map(([property, filter]): FilterField => {
    const { kind, description } = 'kind' in filter ? filter : { kind: filter, description: undefined };
    if (kind.nullable) throw new Error(`${property}: a filter has no way to ask for null`);
    return {
      property,
      parameter: `filter[${snakeCase(property)}]`,
      kind: kind as Kind<unknown>,
      description,
    };
  });
  const attribute = (property: string): AttributeField => {
    const field = resource.attributeOf.get(snakeCase(property));
    if (field === undefined) throw new Error(`${resource.type} have no attribute ${property} to sort by`);
    return field;
  };
  const sort = (options.sort ?? []).map(attribute);
  const order = (options.order ?? []).map((property) => ({ field: attribute(property), descending: false }));
  const of = options.of && schemaOf(options.of);
  return { ids: resource.ids, of, filters, sort, order, meta: options.meta };
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}
