import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { refusal } from '../refusals';
import { canonicalUuid } from './ids';
import { integer, type JsonSchema, text, uuid } from './kinds';

/** How a parameter of a path is read: one that `read` makes nothing of names nothing. */
interface PathParameter {
  readonly schema: JsonSchema;
  /** What a value that is refused is not. */
  readonly form: string;
  readonly read: (value: string) => unknown;
}

const ID: PathParameter = { schema: uuid().schema, form: 'no UUID', read: canonicalUuid };

const MAX_NUMBER = 2_147_483_647;
const NUMBER: PathParameter = {
  schema: integer({ minimum: 1, maximum: MAX_NUMBER }).schema,
  form: `no whole number from 1 to ${MAX_NUMBER}`,
  read: (value) => (/^[1-9]\d{0,9}$/.test(value) && Number(value) <= MAX_NUMBER ? Number(value) : undefined),
};

const MAX_LENGTH = 200;
const storable = text({ minimum: 0, maximum: MAX_LENGTH });
const TEXT: PathParameter = {
  schema: { type: 'string', minLength: 1, maxLength: MAX_LENGTH },
  form: `no text of 1 to ${MAX_LENGTH} characters`,
  read: (value) => (value !== '' && storable.test(value) ? value : undefined),
};

type Method = string | symbol | undefined;

/** The parameters that each method reads, by the prototype of its class and its name. */
const readBy = new WeakMap<object, Map<Method, Map<string, PathParameter>>>();

/** The id in the address, in lower case. What is no UUID names nothing: 404. */
export function ResourceId(): ParameterDecorator {
  return reading('id', ID);
}

/** A number in the address, from 1 and written plainly, without sign or leading zeros. Others name nothing: 404. */
export function PathNumber(name: string): ParameterDecorator {
  return reading(name, NUMBER);
}

/** A text in the address, decoded. What nothing could be called names nothing: 404. */
export function PathText(name: string): ParameterDecorator {
  return reading(name, TEXT);
}

/** @returns how a method reads the parameters of its path, by name. */
export function pathParametersOf(
  prototype: object,
  method: Method,
): ReadonlyMap<string, Pick<PathParameter, 'schema' | 'form'>> {
  return readBy.get(prototype)?.get(method) ?? new Map<string, PathParameter>();
}

const read = createParamDecorator(
  ([name, parameter]: readonly [string, PathParameter], context: ExecutionContext): unknown => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const value = parameter.read((request.params as Readonly<Record<string, string>>)[name] ?? '');
    if (value === undefined) throw refusal('not_found');
    return value;
  },
);

function reading(name: string, parameter: PathParameter): ParameterDecorator {
  const decorate = read([name, parameter] as const);
  return (prototype, method, index) => {
    const methods = readBy.get(prototype) ?? new Map<Method, Map<string, PathParameter>>();
    const parameters = methods.get(method) ?? new Map<string, PathParameter>();
    readBy.set(prototype, methods.set(method, parameters.set(name, parameter)));
    decorate(prototype, method, index);
  };
}
