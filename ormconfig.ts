import { DataSource } from 'typeorm';
import { dataSourceOptions } from './src/database/data-source-options';

/** For the TypeORM command line: `DATABASE_URL=… npx typeorm -d dist/ormconfig.js migration:show`. */
export default new DataSource(dataSourceOptions(process.env['DATABASE_URL'] ?? ''));
