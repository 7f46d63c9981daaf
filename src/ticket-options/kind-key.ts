/**
 * @returns what a kind is looked for and counted by: kinds are compared without regard to case. Made here and not by
 *   the database, whose idea of case depends on its locale. Composed once more in the end, since a small letter may have
 *   a form of its own where the capital has none; so the key of a key is the same.
 */
export function kindKey(kind: string | null): string | null {
  return kind === null ? null : kind.normalize('NFC').toLowerCase().normalize('NFC');
}
