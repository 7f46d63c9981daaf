/** JSON Schemas of the values that documents are made of. */

export const INT32 = { type: 'integer', minimum: 0, maximum: 2_147_483_647 };
export const INT64 = { type: 'integer', minimum: 0 };
export const FRACTION = { type: 'number', minimum: 0, maximum: 1 };
export const LIMIT = { type: ['integer', 'null'], minimum: 1, maximum: 2_147_483_647 };
export const INSTANT = {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
};
export const INSTANT_OR_NULL = { ...INSTANT, type: ['string', 'null'] };
export const UUID = {
  type: 'string',
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
};
export const ADDRESS = { type: 'string', format: 'uri-reference' };
export const ADDRESS_OR_NULL = { ...ADDRESS, type: ['string', 'null'] };
export const NAME = { type: 'string', minLength: 1, maxLength: 200 };
export const DESCRIPTION = { type: ['string', 'null'], maxLength: 10_000 };
export const KIND = { type: 'string', minLength: 1, maxLength: 50 };

export const object = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const identifier = (type: string) => object({ type: { const: type }, id: UUID }, ['type', 'id']);

/** A relationship to one resource. */
export const linkTo = (type: string) => object({ data: identifier(type) }, ['data']);
export const linkToOneOrNone = (type: string) =>
  object({ data: { oneOf: [identifier(type), { type: 'null' }] } }, ['data']);

/** A relationship to many resources, named one by one. */
export const linkToMany = (type: string) =>
  object({ data: { type: 'array', items: identifier(type) } }, ['data']);

/** A relationship to many resources that have a list of their own; they are named when they are included. */
export const listedBelow = (path: string, type: string) =>
  object(
    {
      links: object({ related: { type: 'string', pattern: `^${path}/[0-9a-f-]{36}/${type}$` } }, ['related']),
      data: { type: 'array', items: identifier(type) },
    },
    ['links'],
  );

/** What is special about a type of resource: by default ids are UUIDs of the version 7, addresses `/<type>/<id>`. */
interface Exceptions {
  readonly id?: object;
  /** The pattern of the address; null for what has none. */
  readonly self?: string | null;
}

const UUID_7 = { ...UUID, allOf: [{ pattern: '^.{14}7' }] };

/** A resource. A sparse fieldset may leave any field out, but never an empty group of them in. */
export function resource(
  type: string,
  attributes: object,
  relationships: object,
  { id = UUID_7, self = `^/${type}/[0-9a-f-]{36}$` }: Exceptions = {},
) {
  return object(
    {
      type: { const: type },
      id,
      attributes: { ...object({ ...attributes }), minProperties: 1 },
      relationships: { ...object({ ...relationships }), minProperties: 1 },
      ...(self !== null && { links: object({ self: { type: 'string', pattern: self } }, ['self']) }),
      meta: object({ page: object({ cursor: { type: 'string', minLength: 1 } }, ['cursor']) }, ['page']),
    },
    ['type', 'id', ...(self === null ? [] : ['links'])],
  );
}
