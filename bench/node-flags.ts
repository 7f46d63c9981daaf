import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root';

/** What `npm run start:prod` gives to Node, for whatever starts the service otherwise. */
export const NODE_FLAGS = flagsIn(readFileSync(join(ROOT, 'package.json'), 'utf8'));

function flagsIn(manifest: string): string[] {
  const { scripts } = JSON.parse(manifest) as { scripts: Record<string, string> };
  return (scripts['start:prod'] ?? '').split(' ').filter((word) => word.startsWith('--'));
}
