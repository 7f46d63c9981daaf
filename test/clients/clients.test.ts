import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startApp, type TestApp } from '../support/app';

const ROOT = join(__dirname, '..', '..');
const DESCRIPTION = join(ROOT, 'openapi.json');
const run = promisify(execFile);

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** Runs a script as a process of its own. @returns what it tells of its walk */
async function walk(...command: string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, command, {
    cwd: ROOT,
    env: { ...process.env, HOLDFAST_URL: app.url },
    timeout: 60_000,
  });
  return JSON.parse(stdout);
}

/** What everybody finds who announces, sells, refunds and is refused as they should be. */
const FOUND = {
  name: 'Gala',
  options: ['VIP', 'Free'],
  latest: [true],
  sparse: { name: 'VIP', remaining: 5 },
  extended: true,
  active: [true],
  paid: 2_000,
  tickets: [1, 2],
  soldOut: 'invalid_purchase_quantity',
  changed: 'First',
  stale: 'precondition_failed',
  refunded: 'refunded',
  sold: 3,
  inUse: 'event_in_use',
};

describe('clients of JSON:API go the whole way', () => {
  test.each([
    ['kitsu', ['kitsu.mjs']],
    ['@datx/jsonapi', ['datx.mjs']],
    ['@warp-drive/json-api', ['warp-drive.mjs', '-C', 'unpkg']], // as it is built for browsers
  ])('%s', async (_name, [script = '', ...options]) => {
    const found = await walk(...options, join(__dirname, 'json-api', script));
    expect(found).toEqual({ ...FOUND, cancelled: 'cancelled', again: true });
  });
});

describe('SDKs that are generated from the description', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-sdk-'));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const name of ['hey-api.ts', 'openapi-fetch.ts'])
      await copyFile(join(__dirname, 'sdk', name), join(folder, name));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          ...{
            module: 'nodenext',
            target: 'es2023',
            lib: ['es2023', 'dom', 'dom.iterable'],
            types: ['node'],
          },
          ...{ strict: true, noUncheckedIndexedAccess: true, noEmitOnError: true },
          ...{ outDir: 'out', rootDir: '.' },
        },
      }),
    );
    const tool = (path: string): string => join(ROOT, 'node_modules', path);
    await run(
      process.execPath,
      [
        ...[
          tool('@hey-api/openapi-ts/bin/run.js'),
          '--no-log-file',
          '-i',
          DESCRIPTION,
          '-o',
          join(folder, 'hey'),
        ],
        ...['-p', '@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
      ],
      { cwd: folder },
    );
    const schema = join(folder, 'schema.d.ts');
    await run(process.execPath, [tool('openapi-typescript/bin/cli.js'), DESCRIPTION, '-o', schema], {
      cwd: folder,
    });
    await run(process.execPath, [tool('typescript/bin/tsc'), '-p', folder], { cwd: folder });
  }, 180_000);
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ['@hey-api/openapi-ts', 'hey-api.js'],
    ['openapi-typescript with openapi-fetch', 'openapi-fetch.js'],
  ])('%s: compiles, and goes the whole way', async (_name, script) => {
    const found = await walk(join(folder, 'out', script));
    expect(found).toEqual({ ...FOUND, cancelled: 204, again: 'true', plain: [1, 1] });
  });
});
