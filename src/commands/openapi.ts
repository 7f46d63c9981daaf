import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import { createApp } from '../app';
import { loadConfig } from '../config';
import { openApiDocument } from '../openapi';
import { runCommand } from './run';

/**
 * `npm run openapi`: writes the description of the API to a file. With `--check` before the file's name, fails if
 * the file is not up to date. Needs no database.
 */
runCommand(async () => {
  const file = process.argv.at(-1) ?? '';
  const { nest } = await createApp(loadConfig({ LOG_LEVEL: 'silent' }), 'postgres://nowhere/none');
  const document = `${JSON.stringify(openApiDocument(nest), null, 2)}\n`;
  await nest.close();
  if (!process.argv.includes('--check')) await writeFile(file, document);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== document) {
    throw new Error(`${file} is not up to date; write it anew with: npm run openapi`);
  }
});
