import { spawnSync } from 'node:child_process';
import { readFileSync, type Stats } from 'node:fs';
import { EmbeddedServerError } from './failure';

/** The operating-system user as whom the server runs when the service itself is root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** The numbers that `spawn` takes; none when the server runs as the user of the service. */
export function spawnAs(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

/**
 * Chooses the user of the server. PostgreSQL refuses to run as root, so that root needs another: the owner of
 * the data that exists, else `postgres`, else `nobody`.
 *
 * @param data the data folder's own stat, when there is one
 * @returns nothing when the service is an ordinary user, who runs the server himself
 */
export function accountFor(data: Stats | undefined): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readAccounts();
  if (data && data.uid !== 0) {
    const name = accounts.find((account) => account.uid === data.uid)?.name ?? `user ${data.uid}`;
    return { uid: data.uid, gid: data.gid, name };
  }
  const account =
    accounts.find(({ name }) => name === 'postgres') ?? accounts.find(({ name }) => name === 'nobody');
  if (account) return account;
  throw new EmbeddedServerError(
    'PostgreSQL does not run as root and there is no user postgres or nobody; run Holdfast as an ordinary user, or set DATABASE_URL.',
  );
}

/** @returns the name of a user for a sentence, or its number when the system has no name. */
export function nameOfUser(uid: number): string {
  return readAccounts().find((account) => account.uid === uid)?.name ?? `user ${uid}`;
}

/**
 * Asks the system, not the mode bits, whether the account can enter a folder: access lists, mounts and
 * sandboxes have a say too.
 */
export function canEnter(account: Account, folder: string): boolean {
  return succeedsAs(account, '/bin/sh', ['-c', 'cd -- "$1" && test -r . && test -w .', 'sh', folder]);
}

/** @returns whether the program can be run by the account and ends with success. */
export function succeedsAs(account: Account | undefined, program: string, args: readonly string[]): boolean {
  const run = spawnSync(program, args, { ...spawnAs(account), cwd: '/', stdio: 'ignore', timeout: 10_000 });
  return run.status === 0;
}

function readAccounts(): Account[] {
  return passwdLines().flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

function passwdLines(): string[] {
  try {
    return readFileSync('/etc/passwd', 'utf8').split('\n');
  } catch {
    return [];
  }
}
