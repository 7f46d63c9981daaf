import { REFUSALS } from '../../src/refusals';
import { BUSIEST, RESOURCE } from './resource-schemas';
import { ADDRESS, ADDRESS_OR_NULL, object } from './value-schemas';

/** JSON Schemas of everything that the service answers: no member is missing, and none is there that is not told. */

/** The profile that lists follow. */
export const PROFILE = 'https://jsonapi.org/profiles/ethanresnick/cursor-pagination/';

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
    meta: object({ busiest: BUSIEST }, ['busiest']),
  },
  ['jsonapi', 'links', 'data'],
);
const ERROR_DOCUMENT = object({ jsonapi: JSON_API, errors: { type: 'array', items: ERROR, minItems: 1 } }, [
  'jsonapi',
  'errors',
]);

/** Any answer with a body. */
export const DOCUMENT = { oneOf: [RESOURCE_DOCUMENT, LIST_DOCUMENT, ERROR_DOCUMENT] };
