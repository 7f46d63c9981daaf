import { write } from './report/files';

/** Makes the page and the charts again from the figures that are kept, without measuring anything. */
write()
  .then((files) => {
    for (const file of files) console.log(`Written: ${file}`);
  })
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
