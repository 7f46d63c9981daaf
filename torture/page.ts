import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from './root';

const PAGE = join(ROOT, 'docs', 'reliability.md');
const BEGIN = '<!-- written by npm run torture -- --write -->';
const END = '<!-- until here -->';

/** Puts a summary where the page has its place for it. @throws when there is no such place */
export async function writePage(markdown: string): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for the summary`);
  const text = `${before}${BEGIN}\n\n${markdown}\n\n${END}${after}`;
  // As the check of the format wants it.
  const config = await resolveConfig(PAGE);
  await writeFile(PAGE, await format(text, { ...config, filepath: PAGE }));
}
