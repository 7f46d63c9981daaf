import 'reflect-metadata';
import { migrate } from '../database/migrate';
import { runCommand, withDatabase } from './run';

/** `npm run migrate`: brings the database to the schema of this version. */
runCommand(() =>
  withDatabase(async (url) => {
    const applied = await migrate(url);
    console.log(applied.length === 0 ? 'The schema is up to date.' : `Applied: ${applied.join(', ')}`);
  }),
);
