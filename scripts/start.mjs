import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale, BuildRefused, outputOf } from './build-if-stale.mjs';
import { noteRunning } from './running-instances.mjs';

// What `npm start` runs: builds if needed, then is the service itself, so that Ctrl-C reaches it directly.
try {
  const dist = outputOf('product');
  await buildIfStale('product', () => noteRunning(dist));
  process.env.HOLDFAST_WELCOME = '1';
  await import(pathToFileURL(join(dist, 'src', 'main.js')).href);
} catch (error) {
  if (!(error instanceof BuildRefused)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
