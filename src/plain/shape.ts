import { isObject, shorten } from '../json-api/findings';
import { type JsonSchema, type Kind } from '../json-api/kinds';
import { type Problem } from '../refusals';

/** One member of a body. */
export interface Member {
  readonly name: string;
  /** The property that it is decoded into. */
  readonly property: string;
  readonly kind: Kind<never>;
  /** One that may be absent is null then. */
  readonly optional?: boolean;
  readonly example: unknown;
}

/** What the body of a request holds, all of it in one flat object. */
export interface Shape {
  readonly members: readonly Member[];
  /** Whether the names of members are read without regard to case. */
  readonly ignoresCase?: boolean;
}

/**
 * Reads a body into a flat object. Everything that is wrong is added to `problems`; with any of them the returned
 * object is not to be used. Members that are not known are refused, since a misspelt one would be lost in silence.
 */
export function readShape(
  { members, ignoresCase = false }: Shape,
  body: unknown,
  problems: Problem[],
): object {
  const read: Record<string, unknown> = {};
  if (!isObject(body)) {
    problems.push({ code: 'invalid_document', detail: 'The body must be a JSON object.' });
    return read;
  }
  const refuse = (detail: string): void => void problems.push({ code: 'invalid_attribute', detail });
  const same = (name: string): string => (ignoresCase ? name.toLowerCase() : name);
  for (const name in body) {
    const member = members.find((each) => same(each.name) === same(name));
    if (member === undefined) refuse(`There is no member \`${shorten(name)}\`.`);
    else if (member.property in read) refuse(`\`${member.name}\` comes more than once.`);
    else {
      const value = member.kind.decode(body[name]);
      read[member.property] = value;
      if (!member.kind.test(value)) refuse(`\`${member.name}\` must be ${member.kind.demand}.`);
    }
  }
  for (const { name, property, optional } of members) {
    if (property in read) continue;
    if (optional === true) read[property] = null;
    else refuse(`\`${name}\` is missing.`);
  }
  return read;
}

/** @returns the JSON Schema of the body, and an example. */
export function describeShape({ members, ignoresCase = false }: Shape): {
  schema: JsonSchema;
  example: object;
} {
  return {
    schema: {
      type: 'object',
      required: members.filter(({ optional }) => optional !== true).map(({ name }) => name),
      properties: Object.fromEntries(members.map(({ name, kind }) => [name, kind.schema])),
      ...(!ignoresCase && { additionalProperties: false }),
    },
    example: Object.fromEntries(members.map(({ name, example }) => [name, example])),
  };
}
