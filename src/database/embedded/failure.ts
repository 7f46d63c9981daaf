/**
 * Thrown for everything that keeps the embedded server from running.
 *
 * The message is one sentence for the person who typed `npm start`: it names the problem and the way out. What
 * the system said is kept as `cause`.
 */
export class EmbeddedServerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedServerError';
  }
}

/** The end of most sentences: what a person can always do instead. */
export const WAY_OUT = 'set DATA_DIR to another folder, or DATABASE_URL to a server of your own';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file is in the way',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'the path is a circle of links',
};

/** @returns the system's code of an error (`ENOENT`, or an SQLSTATE), or an empty string. */
export function codeOf(error: unknown): string {
  // Not by `instanceof Error`: under the test runner the system's errors are of another realm's class.
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** @returns what an error says, whatever it is. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}

/** @returns whether the text tells of a full disk, in the words of the C library. */
export function tellsOfFullDisk(text: string): boolean {
  return text.includes('No space left on device') || text.includes('Disk quota exceeded');
}

/** @returns the sentence for a disk that filled up while the data in `dataDir` was written. */
export function fullDisk(dataDir: string, cause?: unknown): EmbeddedServerError {
  return new EmbeddedServerError(
    `The disk that holds ${dataDir} is full; free some space and start again, or ${WAY_OUT}.`,
    { cause },
  );
}

/**
 * Does something with files and turns the system's error into a sentence.
 *
 * @param doing what is attempted, to go after "Cannot": `write to /srv/data`
 * @throws EmbeddedServerError for an error of the system; any other error as it is
 */
export function withFiles<T>(doing: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof EmbeddedServerError || code === '') throw error;
    throw new EmbeddedServerError(`Cannot ${doing}: ${REASONS[code] ?? code}; ${wayOutOf(code)}.`, {
      cause: error,
    });
  }
}

function wayOutOf(code: string): string {
  return code === 'ENOSPC' || code === 'EDQUOT' ? `free some space, or ${WAY_OUT}` : WAY_OUT;
}
