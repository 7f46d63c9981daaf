import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const page = read('docs/dependencies.md');

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
}
interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const declared = Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies });
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
/** Every package of production, those below those that are declared too, by its path. */
const production = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);

/** What the table says: package by package, with reason, licence and replacement. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) => {
    const [, names = '', ...cells] = line.split('|').map((cell) => cell.trim());
    const [reason = '', licence = '', instead = ''] = cells;
    return [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({ name, reason, licence, instead }));
  });

test('docs/dependencies.md lists every dependency of production once, and no other', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(declared.map(([name]) => name).sort());
});

test.each(rows)('it says why $name is there, under which licence, and what would replace it', (row) => {
  expect(row.reason).not.toBe('');
  expect(row.instead).not.toBe('');
  expect(row.licence).toBe(lock.packages[`node_modules/${row.name}`]?.license);
});

test('each is pinned to one version', () => {
  expect(declared.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

test('what is below them has a licence that the page names', () => {
  const [, names = ''] = /only these licences: ([^]+?)\. A test/.exec(page) ?? [];
  const allowed = names.split(/, | and /).map((name) => name.trim());
  const others = production.filter(([, { license = 'none' }]) => !allowed.includes(license));
  expect(others.map(([path, { license }]) => `${path}: ${String(license)}`)).toEqual([]);
});

test('each is held to its hash, and to no address', () => {
  expect(production.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});

test('`npm run sbom` lists all of them as CycloneDX', () => {
  const output = execFileSync('npm', ['run', '--silent', 'sbom'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const sbom = JSON.parse(output) as {
    bomFormat: string;
    components: { name: string; version: string; hashes?: unknown[] }[];
  };
  expect(sbom.bomFormat).toBe('CycloneDX');
  const listed = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`));
  expect(declared.filter(([name, version]) => !listed.has(`${name}@${version}`))).toEqual([]);
  expect(sbom.components.filter(({ hashes }) => hashes === undefined)).toEqual([]);
}, 60_000);
