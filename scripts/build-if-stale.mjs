import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, runningFrom } from './running-instances.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const BIN = join(ROOT, 'node_modules');
const COMMON = ['src', 'migrations', 'ormconfig.ts', 'tsconfig.json', 'package-lock.json'];

const TARGETS = {
  product: {
    out: 'dist',
    sources: [...COMMON, 'tsconfig.build.json', 'nest-cli.json'],
    compiler: join(BIN, '@nestjs/cli/bin/nest.js'),
    args: () => ['build'],
  },
  tools: {
    out: 'dist-tools',
    sources: [
      ...COMMON,
      'tsconfig.tools.json',
      'bench',
      'torture',
      'test/processes',
      'test/history',
      'test/support',
    ],
    compiler: join(BIN, 'typescript/bin/tsc'),
    args: (out) => ['-p', 'tsconfig.tools.json', '--outDir', out],
  },
};

/** Told to the person in one sentence, without a stack. */
export class BuildRefused extends Error {}

/** Where what is built of a target lies. */
export function outputOf(name) {
  return join(ROOT, TARGETS[name].out);
}

/**
 * Builds `product` (into dist) or `tools` (into dist-tools) unless what is built was built from these very
 * sources. Of several at the same time one builds and the others wait.
 *
 * @param whenBuilt runs before another may build, for noting that what is built is in use
 * @throws BuildRefused when the compiler is missing or fails, or the product is in use and no longer current
 */
export async function buildIfStale(name, whenBuilt = () => undefined) {
  const release = await lock(name);
  try {
    if (readStamp(name) !== fingerprint(name)) build(name);
    whenBuilt();
  } finally {
    release();
  }
}

function build(name) {
  const { args, compiler, out } = TARGETS[name];
  const users = name === 'product' ? runningFrom(outputOf(name)) : [];
  if (users.length > 0) {
    throw new BuildRefused(
      `The source has changed since the Holdfast that is running (process ${users.join(', ')}) was built; stop it first, then start again.`,
    );
  }
  if (!existsSync(compiler)) throw new BuildRefused('The compiler is not installed; run npm ci first.');
  console.error(`Building ${out} …`);
  // Taken before: a change during the build is then seen by the next.
  const stamp = fingerprint(name);
  const fresh = name === 'tools' ? `${out}.new` : out;
  rmSync(stampFile(name), { force: true });
  rmSync(join(ROOT, fresh), { recursive: true, force: true });
  const run = spawnSync(process.execPath, [compiler, ...args(fresh)], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (run.status !== 0) throw new BuildRefused(`Building ${out} failed; the compiler says why above.`);
  // Tests may be running from the tools: they change in one moment, not file by file.
  if (fresh !== out) swap(join(ROOT, fresh), join(ROOT, out));
  writeFileSync(stampFile(name), stamp);
}

function swap(fresh, out) {
  const old = `${out}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(out)) renameSync(out, old);
  renameSync(fresh, out);
  rmSync(old, { recursive: true, force: true });
}

function stampFile(name) {
  return join(outputOf(name), '.built-from');
}

function readStamp(name) {
  return existsSync(stampFile(name)) ? readFileSync(stampFile(name), 'utf8') : '';
}

/** Names, sizes and times of all sources: it differs after a deletion, and after going back to an older file, too. */
function fingerprint(name) {
  const hash = createHash('sha256');
  for (const source of TARGETS[name].sources) addTo(hash, source);
  return hash.digest('hex');
}

function addTo(hash, path) {
  const found = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (!found) return;
  if (found.isDirectory()) {
    for (const entry of readdirSync(join(ROOT, path)).sort()) addTo(hash, join(path, entry));
  } else {
    hash.update(`${path} ${found.size} ${found.mtimeMs}\n`);
  }
}

/** A folder can be made by one process only; one whose maker is gone is taken over. */
async function lock(name) {
  const folder = join(BIN, '.cache', 'holdfast', `${name}.lock`);
  const owner = join(folder, 'owner');
  mkdirSync(dirname(folder), { recursive: true });
  for (;;) {
    try {
      mkdirSync(folder);
      writeFileSync(owner, String(process.pid));
      return () => rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned(folder, owner)) rmSync(folder, { recursive: true, force: true });
    else await pause(50);
  }
}

function isAbandoned(folder, owner) {
  try {
    const pid = Number(readFileSync(owner, 'utf8'));
    return pid > 0 ? !isAlive(pid) : Date.now() - statSync(folder).mtimeMs > 2_000;
  } catch {
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    return Date.now() - made > 2_000;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const name = process.argv[2] ?? '';
  try {
    if (!Object.hasOwn(TARGETS, name)) throw new BuildRefused('Say what to build: product or tools.');
    await buildIfStale(name);
  } catch (error) {
    if (!(error instanceof BuildRefused)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
