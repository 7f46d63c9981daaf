import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import { headers as oddHeaders, mutation } from './damage';
import { NOBODY, often } from './documents';
import { type Plan } from './plans';
import { type Mutation } from './tree';

/*
 * Requests that are made from `openapi.json` alone: any operation, with parameters, headers and a body that its
 * schemas allow. What a generated client could send, whatever it means.
 */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

const { paths, components } = JSON.parse(
  readFileSync(join(__dirname, '..', '..', '..', 'openapi.json'), 'utf8'),
) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

/** What there is of a type, by the names that plans know. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  events: ['$gala', '$new_events', '$void_event'],
  ticket_options: ['$plain', '$scarce', '$cheap', '$per_user', '$gone', '$new_ticket_options', '$void'],
  purchases: ['$purchase', '$new_purchases', '$bought', '$refunded'],
  reservations: ['$new_reservations', '$payable', '$expired', '$cancelled', '$paid'],
  payments: ['$new_payments', '$failed'],
  users: ['00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000001', NOBODY],
};
/** What may be changed or deleted: all else is what the other plans sell, and must stay as it is. */
const CHANGEABLE: Readonly<Record<string, readonly string[]>> = {
  events: ['$new_events', '$void_event'],
  ticket_options: ['$new_ticket_options', '$void', NOBODY],
};
const anyId = fc.constantFrom(...Object.values(KNOWN).flat());
const idOf = (type: string | undefined): Arbitrary<string> =>
  often(8, fc.constantFrom(...(KNOWN[type ?? ''] ?? [NOBODY])), anyId);
const INSTANTS = ['$soon', '$later', '$hour_ago', '2031-05-01T19:30:00.000Z'];

/** @returns values that a schema allows, and ids that mostly name something of the type beside them. */
function valueOf(schema: Schema, type?: string): Arbitrary<unknown> {
  const { $ref, const: only, enum: choices, oneOf, allOf } = schema;
  if ($ref !== undefined) return valueOf(resolved($ref), type);
  if (only !== undefined) return fc.constant(only);
  if (choices !== undefined) return fc.constantFrom(...choices);
  if (oneOf !== undefined) return fc.oneof(...oneOf.map((each) => valueOf(each, type)));
  if (allOf !== undefined)
    return fc
      .tuple(...allOf.map((each) => valueOf(each, type)))
      .map((parts) => Object.assign({}, ...parts) as unknown);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['object']);
  return fc.oneof(...types.map((each) => ofType(each, schema, type)));
}

function ofType(name: string, schema: Schema, type?: string): Arbitrary<unknown> {
  switch (name) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number': {
      const { minimum: min = -2_147_483_648, maximum: max = 2_147_483_647 } = schema;
      return often(
        3,
        fc.integer({ min, max: Math.min(max, Math.max(min, 0) + 5) }),
        fc.integer({ min, max }),
      );
    }
    case 'array': {
      const { minItems: minLength = 0, maxItems = 4, items = {} } = schema;
      return fc.array(valueOf(items, type), { minLength, maxLength: Math.min(maxItems, minLength + 3) });
    }
    case 'object':
      return objectOf(schema);
    default:
      return textOf(schema, type);
  }
}

function objectOf({ properties = {}, required = [] }: Schema): Arbitrary<unknown> {
  const own = properties['type']?.const;
  const type = typeof own === 'string' ? own : undefined;
  const members = Object.entries(properties).map(([name, each]) => [name, valueOf(each, type)] as const);
  return fc.record(Object.fromEntries(members), { requiredKeys: [...required] });
}

function textOf({ format, minLength = 0, maxLength = 50 }: Schema, type?: string): Arbitrary<string> {
  if (format === 'date-time') return fc.constantFrom(...INSTANTS);
  if (format === 'uuid' || type !== undefined) return idOf(type);
  const own = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 20) });
  return often(4, own, fc.constantFrom('tok_visa', 'vip', 'EUR'));
}

function resolved(ref: string): Schema {
  return components.schemas[ref.slice('#/components/schemas/'.length)] ?? {};
}

/** @returns plans for one operation. */
function planned(path: string, method: string, operation: Operation): Arbitrary<Plan> {
  const { parameters = [], requestBody } = operation;
  const [, collection] = path.split('/');
  const type = ['statistics', 'health', 'metrics'].includes(collection ?? '') ? 'events' : collection;
  const [mediaType = ''] = Object.keys(requestBody?.content ?? {});
  const body = requestBody?.content[mediaType]?.schema;
  const inAddress = parameters.filter(({ in: where }) => where === 'path');
  const values = inAddress.map(({ name, schema }) => {
    const own = method === 'patch' || method === 'delete' ? CHANGEABLE[type ?? ''] : undefined;
    return own === undefined ? addressOf(path, name, schema, type) : fc.constantFrom(...own);
  });
  return fc
    .record({
      address: fc.tuple(...values),
      query: given(parameters, 'query', true),
      headers: given(parameters, 'header'),
      odd: often(12, fc.constant({}), oddHeaders),
      document: body === undefined ? fc.constant(undefined) : valueOf(body),
      mutations: often(12, fc.constant<Mutation[]>([]), fc.array(mutation, { minLength: 1, maxLength: 2 })),
    })
    .map(({ address, query, headers, odd, document, mutations }): Plan => {
      const search = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      return {
        method: method.toUpperCase(),
        path: inAddress.reduce(
          (at, { name }, index) => at.replace(`{${name}}`, String(address[index])),
          path,
        ),
        query: search.length === 0 ? '' : `?${search.join('&').replaceAll('%24', '$')}`,
        headers: { ...(mediaType !== '' && { 'content-type': mediaType }), ...headers, ...odd },
        document,
        mutations: document === undefined ? [] : mutations,
        bytes: [],
      };
    });
}

/** What a parameter of the path can be: mostly something that there is, and to buy from what never runs out. */
function addressOf(path: string, name: string, schema: Schema, type?: string): Arbitrary<unknown> {
  const isBought = path.endsWith('/purchases');
  if (path.startsWith('/tickets')) {
    const likely = often(3, fc.constant('$number'), valueOf(schema));
    return isBought ? often(3, fc.constant('$ample_number'), likely) : likely;
  }
  if (path.startsWith('/simple')) {
    const likely = idOf('ticket_options');
    return isBought ? often(3, fc.constant('$ample'), likely) : likely;
  }
  if (name === 'id') return idOf(type);
  return valueOf(schema).map((value) => encodeURIComponent(String(value)) || 'x');
}

/** Some of the parameters in one place, as text. */
function given(
  parameters: readonly Parameter[],
  where: string,
  isSeldom = false,
): Arbitrary<Record<string, string>> {
  const all = parameters.filter((each) => each.in === where);
  const values = all.map(({ name, schema }) => {
    const of = /^filter\[(user|event|ticket_option)\]$/.exec(name)?.[1];
    const value = schema.format === 'uuid' ? idOf(of && `${of}s`) : valueOf(schema);
    return [name, value.map(asText)] as const;
  });
  const some = fc.record(Object.fromEntries(values), { requiredKeys: [] }) as Arbitrary<
    Record<string, string>
  >;
  return often(isSeldom ? 2 : 4, fc.constant({}), some);
}

/** As a client writes it: a list with commas; for a header nothing but what can be sent in one. */
function asText(value: unknown): string {
  return (Array.isArray(value) ? value.join(',') : String(value)).replaceAll(/[^\x20-\x7e]/g, '?').trim();
}

/** Any operation, each as often as the others. */
export const describedPlans: Arbitrary<Plan> = fc.oneof(
  ...Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => planned(path, method, operation)),
  ),
);
