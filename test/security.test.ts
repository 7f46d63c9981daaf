import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const page = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');

const shown = [...page.matchAll(/`((?:test|src)\/[\w./-]+)`/g)].map(([, path = '']) => path);

test.each([...new Set(shown)])('what SECURITY.md points to is there: %s', (path) => {
  expect(['', '.test.ts'].some((end) => existsSync(join(ROOT, path + end)))).toBe(true);
});
