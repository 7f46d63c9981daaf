import { type Problem, type RefusalCode } from '../refusals';

export type JsonObject = Record<string, unknown>;

/** Collects the problems of one body, each with a pointer into it (RFC 6901). */
export class Findings {
  /** The properties already complained about, which the rules then leave alone. */
  readonly judged = new Set<string>();

  constructor(private readonly problems: Problem[]) {}

  add(code: RefusalCode, pointer: string, detail?: string, property?: string): void {
    this.problems.push({ code, source: { pointer }, ...(detail !== undefined && { detail }) });
    if (property !== undefined) this.judged.add(property);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 6901, section 3. */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Names come from outside and are told back; what they are is clear from their beginning. */
export function shorten(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60).toWellFormed()}…` : name;
}
