import { type Access } from '../auth/access';
import { type RefusalCode } from '../refusals';
import { type SortKey } from './cursors';
import { type AttributeField, type RelationshipField } from './fields';
import { type IdForm } from './ids';
import { type JsonSchema, type Kind } from './kinds';
import { type Filters } from './listing';
import { type ResourceClass, type ResourceSchema } from './resource';

/** What a route does with its resource; decides how requests are read, answers written, and both described. */
export type Action = 'create' | 'fetch' | 'list' | 'change' | 'remove';

/** Found as `config.jsonApi` on the routes of this folder, and only on them. */
export interface JsonApiRoute {
  readonly action: Action;
  /** The path below the controller's. */
  readonly at: string;
  readonly resource: ResourceSchema;
  /** The relationships whose resources may come along, by member name. */
  readonly include: ReadonlyMap<string, RelationshipField>;
  /** Those whose resources come along unasked, with what was created; none without. */
  readonly includes?: ReadonlyMap<string, RelationshipField>;
  /** What a list offers; on routes with that action, and only there. */
  readonly list?: ListConfig;
}

export interface ListConfig {
  /** What its items have as ids. */
  readonly ids: IdForm;
  /** The resource at whose address the list is; none for the whole collection. */
  readonly of: ResourceSchema | undefined;
  readonly filters: readonly FilterField[];
  readonly sort: readonly AttributeField[];
  /** The order when the request names none; the id comes last in any case. */
  readonly order: readonly SortKey[];
  /** The schema of what pages have as `meta`. */
  readonly meta: JsonSchema | undefined;
}

export interface FilterField {
  readonly property: string;
  /** The name of the query parameter. */
  readonly parameter: string;
  readonly kind: Kind<unknown>;
  readonly description: string | undefined;
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
  /** Who may use it; the service does not start with a route that does not say. */
  access?: Access;
  /** What the service behind the route may say, beside what holds for all routes. */
  refusals?: readonly RefusalCode[];
}

export interface BodyOptions extends RouteOptions {
  /** Members of `data` for the example of a body, where those of the fields make none that the service takes. */
  example?: object;
}

export interface CreateOptions extends BodyOptions {
  /** The relationships, by member name, whose resources come along: the method returns a `compound`. */
  includes?: readonly string[];
}

export interface FetchOptions extends RouteOptions {
  /**
   * The path below the controller's, if it is not that of the collection or of one resource by its id. The method
   * reads its parameters with `ResourceId`, `PathNumber` and `PathText`.
   */
  at?: string;
  /** The relationships, by member name, whose resources may come along. */
  include?: readonly string[];
}

export interface ListOptions<T extends object> extends FetchOptions {
  /** Lists what belongs to one resource of this class: the route is `:id/<type>` below its collection. */
  of?: ResourceClass;
  filters?: Filters;
  /** The properties that the list can be sorted by. */
  sort?: readonly (keyof T & string)[];
  /**
   * The properties that the list is sorted by when the request does not say. The method finds them as its `sort`;
   * clients can ask for them only if `sort` has them too.
   */
  order?: readonly (keyof T & string)[];
  /** The schema of the `meta` of the list, for pages that have it. */
  meta?: JsonSchema;
}
