import { getMetadataStorage, type ValidationArguments } from 'class-validator';
import { type ResourceClass } from './resource';

/** One rule of a property, as class-validator keeps it. */
interface Rule {
  readonly property: string;
  readonly constraints: unknown[];
  readonly validate: (value: unknown, context: ValidationArguments) => unknown;
}

const rulesOf = new WeakMap<ResourceClass, readonly Rule[] | null>();

/**
 * Whether a flat object of the class keeps all its rules. It asks class-validator's rules without its machinery, which
 * for each object groups them anew and makes an error object for each property: a third of all memory that a
 * request allocated. Whoever gets false has class-validator say what is wrong; it has the last word.
 *
 * @returns false also when a rule is of a kind that only class-validator can judge
 */
export function keepsRules(target: ResourceClass, object: Readonly<Record<string, unknown>>): boolean {
  let rules = rulesOf.get(target);
  if (rules === undefined) {
    rules = collect(target);
    rulesOf.set(target, rules);
  }
  return rules?.every((rule) => isKept(rule, target, object)) ?? false;
}

function isKept(
  { property, constraints, validate }: Rule,
  { name: targetName }: ResourceClass,
  object: Readonly<Record<string, unknown>>,
): boolean {
  const value = object[property];
  return validate(value, { targetName, property, object, value, constraints }) === true;
}

/** @returns null when there is a rule that is more than a function of its property and its object. */
function collect(target: ResourceClass): Rule[] | null {
  const storage = getMetadataStorage();
  const rules: Rule[] = [];
  for (const metadata of storage.getTargetValidationMetadatas(target, '', false, false)) {
    const { type, each, validateIf, groups, propertyName: property } = metadata;
    const isPlain = type === 'customValidation' && !each && validateIf === undefined && groups.length === 0;
    if (!isPlain) return null;
    for (const { async: isAsync, instance } of storage.getTargetValidatorConstraints(
      metadata.constraintCls,
    )) {
      if (isAsync) return null;
      const validate = (value: unknown, context: ValidationArguments): unknown =>
        instance.validate(value, context);
      rules.push({ property, constraints: metadata.constraints, validate });
    }
  }
  return rules;
}
