/**
 * @returns what a kind is looked for and counted by: kinds are compared without regard to case. Made here and not by
 *   the database, whose idea of case depends on its locale.
 */
export function kindKey(kind: string | null): string | null {
  return kind === null ? null : kind.normalize('NFC').toLowerCase();
}
