import { REFUSALS } from '../../src/refusals';

/** JSON Schemas of everything that the service answers: no member is missing, and none is there that is not told. */

/** The profile that lists follow. */
export const PROFILE = 'https://jsonapi.org/profiles/ethanresnick/cursor-pagination/';

const INT32 = { type: 'integer', minimum: 0, maximum: 2_147_483_647 };
const INT64 = { type: 'integer', minimum: 0 };
const LIMIT = { type: ['integer', 'null'], minimum: 1, maximum: 2_147_483_647 };
const INSTANT = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' };
const INSTANT_OR_NULL = { ...INSTANT, type: ['string', 'null'] };
const UUID = { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' };
const ADDRESS = { type: 'string', format: 'uri-reference' };
const ADDRESS_OR_NULL = { ...ADDRESS, type: ['string', 'null'] };
const name = { type: 'string', minLength: 1, maxLength: 200 };
const description = { type: ['string', 'null'], maxLength: 10_000 };

const object = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const linkTo = (type: string) =>
  object({ data: object({ type: { const: type }, id: UUID }, ['type', 'id']) }, ['data']);

/** A sparse fieldset may leave any field out, but never an empty group of them in. */
const resource = (type: string, attributes: object, relationships: object) =>
  object(
    {
      type: { const: type },
      id: { ...UUID, allOf: [{ pattern: '^.{14}7' }] },
      attributes: { ...object({ ...attributes }), minProperties: 1 },
      relationships: { ...object({ ...relationships }), minProperties: 1 },
      links: object({ self: { type: 'string', pattern: `^/${type}/[0-9a-f-]{36}$` } }, ['self']),
      meta: object({ page: object({ cursor: { type: 'string', minLength: 1 } }, ['cursor']) }, ['page']),
    },
    ['type', 'id', 'links'],
  );

const EVENT = resource(
  'events',
  {
    name,
    description,
    venue: { ...name, type: ['string', 'null'] },
    starts_at: INSTANT_OR_NULL,
    ends_at: INSTANT_OR_NULL,
    max_tickets_per_user: LIMIT,
    status: { enum: ['scheduled', 'cancelled'] },
    created_at: INSTANT,
    updated_at: INSTANT,
  },
  {
    ticket_options: object(
      {
        links: object({ related: { type: 'string', pattern: '^/events/[0-9a-f-]{36}/ticket_options$' } }, [
          'related',
        ]),
        data: {
          type: 'array',
          items: object({ type: { const: 'ticket_options' }, id: UUID }, ['type', 'id']),
        },
      },
      ['links'],
    ),
  },
);
const TICKET_OPTION = resource(
  'ticket_options',
  {
    name,
    description,
    kind: { type: ['string', 'null'], minLength: 1, maxLength: 50 },
    allocation: INT32,
    remaining: INT32,
    reserved: INT32,
    sold: INT32,
    number: { ...INT32, minimum: 1 },
    on_sale: { type: 'boolean' },
    price_cents: { ...INT32, maximum: 100_000_000 },
    currency: { const: 'EUR' },
    max_per_user: LIMIT,
    max_per_order: LIMIT,
    sales_start_at: INSTANT_OR_NULL,
    sales_end_at: INSTANT_OR_NULL,
    created_at: INSTANT,
    updated_at: INSTANT,
  },
  { event: linkTo('events') },
);
const RESERVATION = resource(
  'reservations',
  {
    quantity: { ...INT64, minimum: 1 },
    status: { enum: ['active', 'paying', 'paid', 'cancelled', 'expired'] },
    total_cents: INT64,
    currency: { const: 'EUR' },
    expires_at: INSTANT,
    created_at: INSTANT,
  },
  {
    user: linkTo('users'),
    event: linkTo('events'),
    ticket_options: object(
      {
        data: {
          type: 'array',
          minItems: 1,
          maxItems: 20,
          items: object(
            {
              type: { const: 'ticket_options' },
              id: UUID,
              meta: object(
                {
                  quantity: { ...INT32, minimum: 1 },
                  unit_price_cents: { ...INT32, maximum: 100_000_000 },
                },
                ['quantity', 'unit_price_cents'],
              ),
            },
            ['type', 'id', 'meta'],
          ),
        },
      },
      ['data'],
    ),
  },
);
const PURCHASE = resource(
  'purchases',
  {
    quantity: { ...INT32, minimum: 1 },
    total_cents: INT64,
    currency: { const: 'EUR' },
    status: { const: 'completed' },
    created_at: INSTANT,
  },
  { ticket_option: linkTo('ticket_options'), user: linkTo('users') },
);
const RESOURCE = { anyOf: [EVENT, TICKET_OPTION, RESERVATION, PURCHASE] };

const ERROR = object(
  {
    status: { type: 'string', pattern: '^[45]\\d\\d$' },
    code: { enum: Object.keys(REFUSALS) },
    title: { type: 'string', minLength: 1 },
    detail: { type: 'string', minLength: 1, maxLength: 500 },
    links: object({ type: { type: 'string', pattern: `^${PROFILE}[a-z-]+$` } }, ['type']),
    source: {
      ...object({
        pointer: { type: 'string', format: 'json-pointer' },
        parameter: { type: 'string' },
        header: { type: 'string', minLength: 1 },
      }),
      minProperties: 1,
      maxProperties: 1,
    },
    meta: { type: 'object', minProperties: 1 },
  },
  ['status', 'code', 'title', 'detail'],
);

const JSON_API = object({ version: { const: '1.1' } }, ['version']);
const JSON_API_OF_LISTS = object(
  {
    version: { const: '1.1' },
    profile: { type: 'array', items: { const: PROFILE }, minItems: 1, maxItems: 1 },
  },
  ['version', 'profile'],
);
const included = { type: 'array', items: RESOURCE };

const RESOURCE_DOCUMENT = object(
  { jsonapi: JSON_API, links: object({ self: ADDRESS }, ['self']), data: RESOURCE, included },
  ['jsonapi', 'data'],
);
const LIST_DOCUMENT = object(
  {
    jsonapi: JSON_API_OF_LISTS,
    links: object({ self: ADDRESS, first: ADDRESS, prev: ADDRESS_OR_NULL, next: ADDRESS_OR_NULL }, [
      'self',
      'prev',
      'next',
    ]),
    data: { type: 'array', items: RESOURCE },
    included,
  },
  ['jsonapi', 'links', 'data'],
);
const ERROR_DOCUMENT = object({ jsonapi: JSON_API, errors: { type: 'array', items: ERROR, minItems: 1 } }, [
  'jsonapi',
  'errors',
]);

/** Any answer with a body. */
export const DOCUMENT = { oneOf: [RESOURCE_DOCUMENT, LIST_DOCUMENT, ERROR_DOCUMENT] };
