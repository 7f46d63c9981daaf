import { Client } from 'pg';
import { audit } from '../allocation/audit';
import { runCommand, withDatabase } from './run';

/** When the books could not be looked at, which is another thing than wrong books. */
const EXIT_NOT_COUNTED = 2;

/** `npm run audit`: counts every ticket again from the rows; a line for each difference, and exit code 1. */
runCommand(
  () =>
    withDatabase(async (url) => {
      const client = new Client({ connectionString: url });
      await client.connect();
      const differences = await audit(client).finally(() => client.end());
      for (const { sentence } of differences) console.error(sentence);
      if (differences.length > 0) process.exitCode = 1;
      else console.log('The books are right.');
    }),
  EXIT_NOT_COUNTED,
);
