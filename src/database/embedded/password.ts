import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { codeOf, EmbeddedServerError, withFiles } from './failure';

/**
 * Reads the password of the server's only user, or makes one for a server that is still to be created.
 *
 * The file appears complete or not at all, and only one of two services that start together makes it.
 *
 * @param file its place, readable by the user of the service alone
 * @param mayCreate whether there is no data yet that a password belongs to
 * @throws EmbeddedServerError when it cannot be read or written, or is gone while the data is there
 */
export function passwordIn(file: string, mayCreate: boolean): string {
  return withFiles(`read the password of the database server in ${file}`, () => {
    const existing = readIfThere(file);
    if (existing !== undefined) return existing;
    if (!mayCreate) {
      throw new EmbeddedServerError(
        `The password of the database server is missing; put ${file} back, or move the data next to it away to begin with an empty database.`,
      );
    }
    createExclusively(file, randomBytes(24).toString('base64url'));
    return readFileSync(file, 'utf8').trim();
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function createExclusively(file: string, content: string): void {
  const filling = `${file}.new-${process.pid}`;
  try {
    writeFileSync(filling, `${content}\n`, { mode: 0o600, flush: true });
    linkSync(filling, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(filling, { force: true });
  }
}
