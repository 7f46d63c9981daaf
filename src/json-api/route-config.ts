import { type RefusalCode } from '../refusals';
import { type ResourceSchema } from './resource';

/** What a route does with its resource; decides how requests are read, answers written, and both described. */
export type Action = 'create' | 'fetch';

/** Found as `config.jsonApi` on the routes of this folder, and only on them. */
export interface JsonApiRoute {
  readonly action: Action;
  readonly resource: ResourceSchema;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    jsonApi?: JsonApiRoute;
  }
}

export interface RouteOptions {
  /** One line for the list of operations. */
  summary: string;
  description?: string;
  /** What the service behind the route may say, beside what holds for all routes. */
  refusals?: readonly RefusalCode[];
}
