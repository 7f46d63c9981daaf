import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHARTS } from '../charts';
import { ROOT } from '../root';
import type { Results } from '../results';
import { pageOf, reportOf } from './page';

const DOCS = join(ROOT, 'docs');
const FIGURES = join(DOCS, 'benchmarks', 'figures.json');
const PAGE = join(DOCS, 'benchmarks.md');

/** Keeps what a run has measured, so that page and charts can be made again. */
export async function keep({
  targets: _computed,
  ...results
}: Results & { targets?: unknown }): Promise<void> {
  await mkdir(join(DOCS, 'benchmarks'), { recursive: true });
  await writeFile(FIGURES, textOf(results));
}

/** @returns what was kept. */
export async function kept(): Promise<Results> {
  return JSON.parse(await readFile(FIGURES, 'utf8')) as Results;
}

/** @returns the page and the charts that the kept figures make, by the files they belong in. */
export async function files(): Promise<Map<string, string>> {
  const results = await kept();
  const made = new Map([[PAGE, pageOf(await readFile(PAGE, 'utf8'), reportOf(results))]]);
  for (const [name, { section, draw }] of Object.entries(CHARTS)) {
    if (!results.plan.sections.includes(section)) continue;
    made.set(join(DOCS, 'benchmarks', `${name}.svg`), draw(results));
  }
  return made;
}

/** Writes the page and the charts from the kept figures. @returns the files */
export async function write(): Promise<string[]> {
  const made = await files();
  for (const [file, text] of made) await writeFile(file, text);
  return [...made.keys()];
}

/** One figure a line: it can be read, and compared with the run before. */
function textOf(results: object): string {
  const members = Object.entries(results).map(([name, value]) => {
    const lines = Array.isArray(value) ? value.map((item) => `    ${JSON.stringify(item)}`).join(',\n') : '';
    return `  ${JSON.stringify(name)}: ${lines === '' ? JSON.stringify(value) : `[\n${lines}\n  ]`}`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}
