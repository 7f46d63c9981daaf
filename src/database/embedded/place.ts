import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  lstatSync,
  mkdirSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { statSync, type Stats, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Account, accountFor, canEnter, nameOfUser } from './account';
import { SHARED_HOME } from './binaries';
import { codeOf, EmbeddedServerError, WAY_OUT, withFiles } from './failure';

/** Every path of one embedded server, and as whom it runs. */
export interface Place {
  readonly dataDir: string;
  /** PostgreSQL's own data folder, without links on the way. */
  readonly clusterDir: string;
  readonly socketDir: string;
  readonly logFile: string;
  readonly passwordFile: string;
  readonly account: Account | undefined;
}

/** `sockaddr_un` ends at 104 bytes on macOS, 108 on Linux; `/.s.PGSQL.5432` takes 14 and the end 1. */
const SOCKET_DIR_BYTES = 104 - 15;

/**
 * Makes the folders as far as they are missing and says where everything is. The data stays in
 * `<dataDir>/postgres`; where the server's user cannot enter that, it is a link to a private folder.
 *
 * @throws EmbeddedServerError when a folder cannot be made, entered or written, or belongs to somebody else
 */
export function openPlace(dataDirGiven: string, log: (sentence: string) => void): Place {
  const wanted = resolve(dataDirGiven);
  const dataDir = withFiles(`make the data folder ${wanted}`, () => makeFolder(wanted));
  checkWritable(dataDir);
  const cluster = join(dataDir, 'postgres');
  checkLink(cluster);
  const account = accountFor(statOf(cluster));
  if (account) settle(dataDir, cluster, account, log);
  else checkOwner(cluster);
  const clusterDir = statOf(cluster) ? realpathSync(cluster) : cluster;
  return {
    dataDir,
    clusterDir,
    socketDir: socketDirOf(clusterDir),
    logFile: join(dataDir, 'postgres.log'),
    passwordFile: join(dataDir, 'postgres.password'),
    account,
  };
}

/**
 * The socket lies with the data, so that whoever sees the data sees whether a server is on it, in whatever
 * container or session; only a path too long for a socket moves it to /tmp, under a name made from the path.
 */
function socketDirOf(clusterDir: string): string {
  const inside = join(clusterDir, 'socket');
  if (Buffer.byteLength(inside) <= SOCKET_DIR_BYTES) return inside;
  return `/tmp/holdfast-${createHash('sha256').update(clusterDir).digest('hex').slice(0, 24)}`;
}

/**
 * Makes the socket's folder, for the server's user alone.
 *
 * @throws EmbeddedServerError when it cannot be made, or somebody else has put a folder there
 */
export function makeSocketDir({ socketDir, account }: Place): void {
  withFiles(`make the folder ${socketDir}`, () => {
    try {
      mkdirSync(socketDir, { mode: 0o700 });
      if (account) chownSync(socketDir, account.uid, account.gid);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const found = lstatSync(socketDir);
    const owner = account?.uid ?? process.getuid?.();
    if (!found.isDirectory() || found.uid !== owner || (found.mode & 0o077) !== 0) {
      throw new EmbeddedServerError(
        `The folder ${socketDir} for the database socket belongs to ${nameOfUser(found.uid)} or is open to others; remove it and start again.`,
      );
    }
  });
}

/** Not `mkdir` with `recursive`: that of Node.js never returns where nothing can be made, such as in /proc. */
function makeFolder(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })) {
    makeFolder(dirname(path));
    mkdirSync(path);
  }
  if (!statSync(path).isDirectory()) mkdirSync(path);
  return realpathSync(path);
}

/** @returns the stat of what a path leads to, or nothing when it leads nowhere. */
function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function checkWritable(dataDir: string): void {
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (codeOf(error) !== 'EACCES') {
      withFiles(`write to ${dataDir}`, () => {
        throw error;
      });
    }
    throw new EmbeddedServerError(
      `Cannot write to ${dataDir}, which belongs to ${nameOfUser(statSync(dataDir).uid)}; give it to this user (chown), or ${WAY_OUT}.`,
      { cause: error },
    );
  }
}

/** A link to nothing is lost data, not a first start: the folder is made before the link. */
function checkLink(cluster: string): void {
  if (statOf(cluster) || !lstatSync(cluster, { throwIfNoEntry: false })) return;
  throw new EmbeddedServerError(
    `The folder that the link ${cluster} leads to is gone; bring it back, or remove the link to begin with an empty database.`,
  );
}

/** An ordinary user cannot use what another one's server wrote, as after a first run as root. */
function checkOwner(cluster: string): void {
  const found = statOf(cluster);
  if (!found || found.uid === process.getuid?.()) return;
  throw new EmbeddedServerError(
    `The data in ${cluster} belongs to ${nameOfUser(found.uid)}; run Holdfast as that user or as root, or ${WAY_OUT}.`,
  );
}

/** Root only: sees to it that the server's user reaches its data, by a link elsewhere if need be. */
function settle(dataDir: string, cluster: string, account: Account, log: (sentence: string) => void): void {
  const found = statOf(cluster);
  if (found) {
    if (!found.isDirectory() || canEnter(account, realpathSync(cluster))) return;
    throw new EmbeddedServerError(
      `PostgreSQL runs as ${account.name}, who cannot enter the data in ${cluster}; open the folders on the way to that user (chmod, chown), or ${WAY_OUT}.`,
    );
  }
  if (hasRoomFor(account, dataDir)) return;
  const elsewhere = join(SHARED_HOME, randomBytes(6).toString('hex'));
  withFiles(`make the folder ${elsewhere} for the data`, () => {
    mkdirSync(SHARED_HOME, { recursive: true });
    chmodSync(SHARED_HOME, 0o755);
    ownFolder(elsewhere, account);
    linkOnce(elsewhere, cluster);
  });
  log(
    `PostgreSQL runs as ${account.name}, who cannot enter ${dataDir}; the data is in ${realpathSync(cluster)}, linked from ${cluster}.`,
  );
}

/** Tries it out: besides modes, a mount may not know other owners at all. */
function hasRoomFor(account: Account, dataDir: string): boolean {
  const probe = join(dataDir, `.probe-${randomBytes(6).toString('hex')}`);
  try {
    ownFolder(probe, account);
    return canEnter(account, probe);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') {
      withFiles(`write to ${dataDir}`, () => {
        throw error;
      });
    }
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

function ownFolder(path: string, account: Account): void {
  mkdirSync(path, { mode: 0o700 });
  chownSync(path, account.uid, account.gid);
}

/** Two services may start together: the first link stays. */
function linkOnce(target: string, link: string): void {
  try {
    symlinkSync(target, link);
  } catch (error) {
    rmSync(target, { recursive: true, force: true });
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}
