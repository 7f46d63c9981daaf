import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  fchownSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { statSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { spawnAs } from './account';
import { type Binaries } from './binaries';
import { isAlive, serverEnvironment } from './cluster';
import { codeOf, withFiles } from './failure';
import { makeSocketDir, type Place } from './place';

const LOG_LIMIT_BYTES = 16 * 1024 * 1024;
/** A server writes its pid file at once; one that is empty for longer is what a power loss left. */
const EMPTY_PID_FILE_MS = 2_000;

/** A server process that this process started. */
export interface Launched {
  /** None when it could not even be started. */
  readonly pid: number | undefined;
  /** How it ended, once it has. */
  ended?: string;
  /** What the log file holds from here on is its doing. */
  readonly logOffset: number;
}

/**
 * Starts the server process: in a process group of its own, so that Ctrl-C does not reach it before the service
 * is done with it, and without holding up the end of this process. Durability settings are PostgreSQL's own.
 *
 * @returns at once; whether it lives shows by connecting
 * @throws EmbeddedServerError when its log or its socket's folder cannot be made
 */
export function launch(place: Place, binaries: Binaries, port: number): Launched {
  const { account, clusterDir, logFile } = place;
  makeSocketDir(place);
  return withFiles(`write the server's log ${logFile}`, () => {
    const log = openLog(place);
    const logOffset = fstatSync(log).size;
    const settings = [
      `unix_socket_directories="${place.socketDir.replaceAll('"', '""')}"`,
      'unix_socket_permissions=0700',
      'listen_addresses=',
      `port=${port}`,
      'max_connections=100',
      `shared_buffers=${sharedBuffersMib(totalmem(), process.constrainedMemory())}MB`,
      'logging_collector=off',
      'log_destination=stderr',
      'log_timezone=UTC',
      'lc_messages=C',
      'cluster_name=holdfast',
    ];
    const args = ['-D', clusterDir, ...settings.flatMap((setting) => ['-c', setting])];
    const child = spawn(binaries.postgres, args, {
      ...spawnAs(account),
      cwd: clusterDir,
      detached: true,
      env: serverEnvironment(),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const launched: Launched = { pid: child.pid, logOffset };
    child.on('error', (error) => {
      launched.ended = error.message;
    });
    child.on('exit', (status, signal) => {
      launched.ended = signal ? `it was ended by ${signal}` : `it ended with status ${status ?? 'unknown'}`;
    });
    child.unref();
    return launched;
  });
}

/**
 * How much of the data the server keeps at hand, in MiB: a quarter of the memory, as PostgreSQL's manual advises
 * (`shared_buffers`), from its own default up to 1 GiB. Each sale is entered at a random place of an index by users; once that is
 * larger than this, nearly every entry reads a page.
 *
 * @param memory of the machine, in bytes
 * @param limit what this process and its children may have of it, in bytes; larger than any memory where there is none
 */
export function sharedBuffersMib(memory: number, limit = Infinity): number {
  const mib = Math.min(memory, limit > 0 ? limit : Infinity) / 2 ** 20;
  return Math.round(Math.min(1024, Math.max(128, mib / 4)));
}

/** @returns the process that serves this data, started by whomever, or nothing. */
export function runningPostmaster(place: Place): number | undefined {
  const pid = pidIn(join(place.clusterDir, 'postmaster.pid'));
  return pid !== undefined && isPostmasterOf(pid, place) ? pid : undefined;
}

/**
 * Takes a stale pid file out of the way of a start; the caller has seen that no server runs on the data.
 *
 * PostgreSQL itself refuses when the number in it belongs to any other program now, as happens after a power
 * loss. It takes the number of its own parent for stale, and still looks for backends that survived by the
 * shared memory the file names: hence the number is replaced and the file kept.
 */
export function disarmPidFile({ clusterDir }: Place): void {
  const file = join(clusterDir, 'postmaster.pid');
  withFiles(`replace the stale file ${file}`, () => {
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found) return;
    const pid = pidIn(file);
    if (pid === undefined) {
      if (Date.now() - found.mtimeMs > EMPTY_PID_FILE_MS) rmSync(file, { force: true });
    } else if (pid !== process.pid && isAlive(pid)) {
      const [, ...rest] = readFileSync(file, 'utf8').split('\n');
      writeFileSync(file, [process.pid, ...rest].join('\n'));
    }
  });
}

/** @returns what the server wrote to its log since the offset, as lines; none when there is no log. */
export function logLines({ logFile }: Place, offset = 0): string[] {
  try {
    const log = openSync(logFile, 'r');
    try {
      const bytes = Buffer.alloc(64 * 1024);
      const from = Math.max(offset, fstatSync(log).size - bytes.length);
      const text = bytes.toString('utf8', 0, readSync(log, bytes, 0, bytes.length, from));
      return text.split('\n').filter((line) => line.trim() !== '');
    } finally {
      closeSync(log);
    }
  } catch {
    return [];
  }
}

function openLog({ account, logFile }: Place): number {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, 'a', 0o600);
  // So that the owner of the data can go on with it after a run as root.
  if (account) fchownSync(log, account.uid, account.gid);
  return log;
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * By the command line, which everybody may read: the working directory of another user's process is closed to
 * root too in an ordinary container. Only the first process of a server keeps its arguments there.
 */
export function isPostmasterOf(pid: number, { clusterDir }: Place): boolean {
  if (process.platform !== 'linux') {
    const ps = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return ps.status === 0 && ps.stdout.includes('postgres') && ps.stdout.includes(`-D ${clusterDir}`);
  }
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return args[0]?.endsWith('postgres') === true && args[1] === '-D' && args[2] === clusterDir;
  } catch {
    return false;
  }
}
