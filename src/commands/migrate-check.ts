import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../database/data-source-options';
import { migrate } from '../database/migrate';
import { runCommand, withScratchDatabase } from './run';

/** `npm run migrate:check`: applies the migrations to an empty database and fails if the entities want another. */
runCommand(() =>
  withScratchDatabase(async (url) => {
    await migrate(url);
    const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    await dataSource.destroy();
    if (upQueries.length === 0) return;
    throw new Error(
      [
        'Entities and migrations differ; the entities would need:',
        ...upQueries.map(({ query }) => `  ${query}`),
      ].join('\n'),
    );
  }),
);
