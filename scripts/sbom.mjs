/**
 * Prints what production is made of, as CycloneDX: by `npm sbom`, which reads package-lock.json.
 *
 * It reads a copy without what is only for development: `npm sbom --omit dev` leaves out whatever a package of
 * development needs as well, reflect-metadata and rxjs among others. More arguments go to it, such as `--omit optional`.
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
lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => dev !== true));

const temporary = mkdtempSync(join(tmpdir(), 'holdfast-sbom-'));
try {
  const folder = join(temporary, manifest.name); // the component is called like its folder
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const { status } = spawnSync('npm', [...args, ...process.argv.slice(2)], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(temporary, { recursive: true });
}
