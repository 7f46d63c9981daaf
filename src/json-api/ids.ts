const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the value is a UUID in its canonical 8-4-4-4-12 form, of any version and in any case. */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}

/** @returns the UUID in lower case, the form in which PostgreSQL gives it back, or undefined for anything else. */
export function canonicalUuid(value: string): string | undefined {
  return UUID.test(value) ? value.toLowerCase() : undefined;
}

/** What the ids of a type of resource are. */
export type IdForm = 'uuid' | 'text';

/** Whether a text can be the id of something: not empty, and one that PostgreSQL can keep. */
export function isTextId(value: string): boolean {
  return value !== '' && !value.includes('\0') && value.isWellFormed();
}
