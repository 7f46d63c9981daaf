/**
 * Prints what production is made of, as CycloneDX: by `npm sbom`, which reads package-lock.json.
 *
 * It reads a copy without what is only for development: `npm sbom --omit dev` leaves out whatever a package of
 * development needs as well, reflect-metadata and rxjs among others. With `--image` the optional packages go too.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const manifest = read('package.json');
const lock = read('package-lock.json');

delete manifest.devDependencies;
delete lock.packages[''].devDependencies;
const isImage = process.argv.includes('--image');
if (isImage) {
  delete manifest.optionalDependencies;
  delete lock.packages[''].optionalDependencies;
}
const isThere = ([, { dev, optional, devOptional }]) => !dev && !(isImage && (optional || devOptional));
lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(isThere));

const temporary = mkdtempSync(join(tmpdir(), 'holdfast-sbom-'));
try {
  const folder = join(temporary, manifest.name); // the component is called like its folder
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(temporary, { recursive: true });
}
