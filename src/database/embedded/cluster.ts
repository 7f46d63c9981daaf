import { spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { spawnAs } from './account';
import { type Binaries } from './binaries';
import { codeOf, EmbeddedServerError, fullDisk, tellsOfFullDisk, WAY_OUT, withFiles } from './failure';
import { type Place } from './place';

/** A temporary folder of this age was left by a process that is gone, even if its number is in use again. */
const ABANDONED_AFTER_MS = 600_000;

/**
 * Says whether there is data, and that it is data this server can run on.
 *
 * @returns false for a folder that is missing or empty: a first start
 * @throws EmbeddedServerError when something else is in the way, or another major version wrote it
 */
export function clusterExists(clusterDir: string, major: string): boolean {
  return withFiles(`read the data in ${clusterDir}`, () => {
    const found = statSync(clusterDir, { throwIfNoEntry: false });
    if (!found || (found.isDirectory() && readdirSync(clusterDir).length === 0)) return false;
    const versionFile = join(clusterDir, 'PG_VERSION');
    if (!found.isDirectory() || !existsSync(versionFile)) {
      throw new EmbeddedServerError(
        `${clusterDir} is in the way: it is not a PostgreSQL data folder; move it away, or ${WAY_OUT}.`,
      );
    }
    const version = readFileSync(versionFile, 'utf8').trim();
    if (version === major) return true;
    throw new EmbeddedServerError(
      `The data in ${clusterDir} was written by PostgreSQL ${version}, and this is PostgreSQL ${major}; dump it with the old version and restore it into an empty folder, or ${WAY_OUT}.`,
    );
  });
}

/**
 * Creates an empty data folder with one user, `user`, who needs `password`.
 *
 * It is made under another name and renamed when complete, so that an interrupted first start leaves nothing
 * behind that looks like data, and of two at the same time one wins.
 *
 * @throws EmbeddedServerError when the disk is full or initdb fails
 */
export async function createCluster(
  place: Place,
  binaries: Binaries,
  user: string,
  password: string,
): Promise<void> {
  const { account, clusterDir, dataDir } = place;
  removeAbandoned(clusterDir);
  const workshop = `${clusterDir}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  const data = join(workshop, 'data');
  const passwordFile = join(workshop, 'password');
  try {
    withFiles(`make the folder ${workshop}`, () => {
      mkdirSync(workshop, { mode: 0o700 });
      writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
      if (account) for (const path of [workshop, passwordFile]) chownSync(path, account.uid, account.gid);
    });
    // The built-in locale sorts by code point on every machine alike; nothing then depends on the system's.
    const args = [
      '-D',
      data,
      '-U',
      user,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
    ];
    args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions');
    const { status, output } = await run(binaries.initdb, args, workshop, place);
    if (status !== 0) throw initdbFailed(dataDir, output);
    withFiles(`put the new data at ${clusterDir}`, () => {
      moveInto(data, clusterDir);
    });
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** PostgreSQL's own variables would lead its programs elsewhere; messages are read, so they are in English. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(ours), LC_ALL: 'C', TZ: 'UTC' };
}

function initdbFailed(dataDir: string, output: string): EmbeddedServerError {
  if (tellsOfFullDisk(output)) return fullDisk(dataDir, output);
  const line = output.split('\n').find((text) => /error|fatal|could not/i.test(text)) ?? output.trim();
  return new EmbeddedServerError(
    `PostgreSQL could not create its data in ${dataDir} (${line.trim()}); mend that, or ${WAY_OUT}.`,
    { cause: output },
  );
}

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** In a process group of its own: Ctrl-C ends the service in order, not the half-done work. */
function run(program: string, args: readonly string[], cwd: string, { account }: Place): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...spawnAs(account),
      cwd,
      detached: true,
      env: serverEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      resolve({ status: null, output: error.message });
    });
    child.on('close', (status) => {
      resolve({ status, output });
    });
  });
}

/** A folder can replace an empty one by rename, but not one with data: then another process was first. */
function moveInto(data: string, clusterDir: string): void {
  try {
    renameSync(data, clusterDir);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
    return;
  }
  const parent = openSync(dirname(clusterDir), 'r');
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}

function removeAbandoned(clusterDir: string): void {
  const prefix = `${basename(clusterDir)}.new-`;
  const parent = dirname(clusterDir);
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(parent, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    const maker = Number(name.slice(prefix.length).split('-')[0]);
    if (age > ABANDONED_AFTER_MS || !isAlive(maker)) rmSync(path, { recursive: true, force: true });
  }
}

/** @returns whether there is a process of that number, of whatever program. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
