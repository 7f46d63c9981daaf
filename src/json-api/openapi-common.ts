import { REFUSAL_CODES } from '../refusals';
import { type JsonSchema } from './kinds';
import { CURSOR_PAGINATION } from './media-types';

/** Named JSON Schemas, as `components.schemas` holds them. */
export type Schemas = Record<string, JsonSchema>;

/** @returns a reference to a schema of the components. */
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** @returns the schema of an object that may have further members. */
export function object(
  properties: Record<string, unknown>,
  required: string[] = [],
  description?: string,
): JsonSchema {
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    ...(required.length > 0 && { required }),
    properties,
  };
}

/** The schema of a link. */
export const LINK: JsonSchema = { type: 'string', format: 'uri-reference' };
const LINK_OR_NULL: JsonSchema = { ...LINK, type: ['string', 'null'] };

/** The schemas of everything that answers share. */
export function commonSchemas(): Schemas {
  return {
    JsonApi: object({ version: { type: 'string', const: '1.1' } }, ['version'], 'The version of JSON:API.'),
    SelfLink: object({ self: LINK }, ['self']),
    ListJsonApi: object(
      {
        version: { type: 'string', const: '1.1' },
        profile: { type: 'array', items: { type: 'string', const: CURSOR_PAGINATION } },
      },
      ['version', 'profile'],
      'The version of JSON:API, and the profile by whose rules lists are paged.',
    ),
    ListLinks: object(
      { self: LINK, first: LINK, prev: LINK_OR_NULL, next: LINK_OR_NULL },
      ['self', 'first', 'prev', 'next'],
      'This page and those around it; null where there are none.',
    ),
    ListedItem: object(
      {
        meta: object(
          {
            page: object(
              { cursor: { type: 'string', description: 'For `page[after]` and `page[before]`.' } },
              ['cursor'],
            ),
          },
          ['page'],
        ),
      },
      ['meta'],
      'Where the resource stands in the list.',
    ),
    ErrorDocument: object(
      {
        jsonapi: ref('JsonApi'),
        errors: { type: 'array', minItems: 1, items: ref('Error') },
      },
      ['errors'],
      'Says why the request was refused; all that is wrong with a body is told at once.',
    ),
    Error: object(
      {
        status: {
          type: 'string',
          pattern: '^[45][0-9]{2}$',
          description: 'The HTTP status of this problem.',
        },
        code: { type: 'string', enum: REFUSAL_CODES, description: 'What programs should decide on.' },
        title: { type: 'string', description: 'The same for every occurrence of the code.' },
        detail: { type: 'string', description: 'A sentence about this occurrence.' },
        source: ref('ErrorSource'),
        links: object(
          { type: { type: 'string', format: 'uri' } },
          ['type'],
          'What a profile calls the problem.',
        ),
        meta: { type: 'object', additionalProperties: true, description: 'Figures that help to react.' },
      },
      ['status', 'code', 'title', 'detail'],
    ),
    ErrorSource: object(
      {
        pointer: { type: 'string', format: 'json-pointer', description: 'The place in the body (RFC 6901).' },
        parameter: { type: 'string', description: 'The name of the query parameter.' },
        header: { type: 'string', description: 'The name of the header.' },
      },
      [],
      'Where the problem is; one of the three.',
    ),
  };
}
