import { ApiHeader, ApiParam, ApiQuery } from '@nestjs/swagger';
import { DEFAULT_SIZE, MAX_SIZE } from './list-query';
import { type JsonSchema } from './kinds';
import { type JsonApiRoute, type ListConfig } from './route-config';
import { pathParametersOf } from './path-parameters';
import { type ResourceSchema, schemaOfType } from './resource';

/** Describes everything in the address of a route that a client may choose. */
export function describeParameters(route: JsonApiRoute): MethodDecorator[] {
  const { action, resource, include, includes, list } = route;
  const others = [...include.values(), ...(includes?.values() ?? [])];
  const answered = action === 'remove' ? [] : [resource, ...typesOf(others, resource)];
  return [
    describePath(route),
    ...(list === undefined ? [] : listParameters(list)),
    ...(include.size === 0 ? [] : [includeParameter([...include.keys()])]),
    ...answered.map(fieldsParameter),
    ...(action === 'create' || action === 'change' ? [idempotencyKey()] : []),
    ...conditions(route),
  ];
}

/** The headers that let an answer be spared, and a change be made only to what was seen. */
function conditions({ action, resource }: JsonApiRoute): MethodDecorator[] {
  if (action === 'fetch')
    return [
      header(
        'If-None-Match',
        'The `ETag` of an answer that is there already: if it still holds, the answer is 304.',
      ),
    ];
  if (resource.version === undefined || (action !== 'change' && action !== 'remove')) return [];
  return [
    header(
      'If-Match',
      'The `ETag` of the answer that the change is made from: if an organiser has changed the resource since, the answer is 412. Sales do not count as such a change.',
    ),
  ];
}

function header(name: string, description: string): MethodDecorator {
  return ApiHeader({ name, required: false, description, schema: { type: 'string' } });
}

/** The header that lets a request have its effect once. */
export function idempotencyKey(): MethodDecorator {
  return ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Lets the request have its effect once, however often it is sent within 24 hours: choose a new one, for example a UUID, for each thing to be done, and send it again with each retry.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  });
}

function typesOf(fields: Iterable<{ type: string }>, besides: ResourceSchema): ResourceSchema[] {
  const types = new Set(Array.from(fields, ({ type }) => type));
  types.delete(besides.type);
  return Array.from(types, schemaOfType);
}

/** Describes the parameters of the path as the method reads them, which is known when the method is decorated. */
function describePath({ at, resource, list }: JsonApiRoute): MethodDecorator {
  const { type } = list?.of ?? resource;
  const segments = at.split('/');
  const names = segments.filter((segment) => segment.startsWith(':')).map((segment) => segment.slice(1));
  return (prototype, method, descriptor) => {
    const read = pathParametersOf(prototype, method);
    for (const name of read.keys())
      if (!names.includes(name)) throw new Error(`${String(method)} reads :${name}, which ${at} has not`);
    for (const [index, name] of names.entries()) {
      const how = read.get(name);
      if (how === undefined) throw new Error(`${String(method)} is at ${at}, but does not read :${name}`);
      const below = index < names.length - 1 ? segments[segments.indexOf(`:${name}`) + 1] : undefined;
      const which = below === undefined ? `Which of the ${type}.` : `To what the ${below} belong.`;
      const description = `${which} What is ${how.form} names nothing.`;
      ApiParam({ name, required: true, description, schema: how.schema })(prototype, method, descriptor);
    }
  };
}

function listParameters({ filters, sort }: ListConfig): MethodDecorator[] {
  const keys = sort.flatMap(({ member }) => [member, `-${member}`]);
  const cursor = { type: 'string', minLength: 1 };
  return [
    ...filters.map(({ parameter, kind, description }) =>
      query(parameter, description ?? 'Only the resources with this value.', kind.schema),
    ),
    ...(keys.length === 0
      ? []
      : [
          severalOf(
            'sort',
            'What the list is sorted by, separated by commas; with a minus from the last to the first.',
            keys,
          ),
        ]),
    query('page[size]', 'How many resources a page has, unless the list ends before.', {
      type: 'integer',
      minimum: 1,
      maximum: MAX_SIZE,
      default: DEFAULT_SIZE,
    }),
    query('page[after]', 'The page begins after the resource with this cursor.', cursor),
    query('page[before]', 'The page ends before the resource with this cursor.', cursor),
  ];
}

function includeParameter(members: string[]): MethodDecorator {
  return severalOf('include', 'The relationships whose resources come along, separated by commas.', members);
}

function fieldsParameter({ type, answered }: ResourceSchema): MethodDecorator {
  const description = `The only attributes and relationships of ${type} that the answer shall have, separated by commas.`;
  return severalOf(`fields[${type}]`, description, [...answered]);
}

/** A parameter that takes some of the given words, separated by commas. */
function severalOf(name: string, description: string, words: string[]): MethodDecorator {
  const schema = { type: 'array', items: { type: 'string', enum: words } };
  return query(name, description, schema, { style: 'form', explode: false });
}

function query(name: string, description: string, schema: JsonSchema, more: object = {}): MethodDecorator {
  return ApiQuery({ name, required: false, description, schema, ...more });
}
