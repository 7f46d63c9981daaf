import { type DynamicModule, Global, Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseError } from 'pg';
import { Connections, ConnectionSettings } from './connections';
import { serviceDataSourceOptions } from './data-source-options';
import { DATABASE_SETTINGS, DatabaseService, type DatabaseSettings } from './database.service';

/** The connection to the one database. It is opened by {@link DatabaseService}, not by the start of the module. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(settings: DatabaseSettings & { poolSize: number; lanes: number }): DynamicModule {
    const logger = new Logger('Database');
    const options = serviceDataSourceOptions(settings.url, settings.poolSize, (error) => {
      // A server that is shut down says so on every connection; whoever needs one will tell when it stays away.
      const level = error instanceof DatabaseError && error.code === '57P01' ? 'debug' : 'warn';
      logger[level](`An idle connection ended: ${error instanceof Error ? error.message : String(error)}`);
    });
    return {
      module: DatabaseModule,
      imports: [TypeOrmModule.forRoot({ ...options, manualInitialization: true, retryAttempts: 0 })],
      providers: [
        Connections,
        DatabaseService,
        { provide: DATABASE_SETTINGS, useValue: settings },
        { provide: ConnectionSettings, useValue: new ConnectionSettings(settings.poolSize - settings.lanes) },
      ],
      exports: [Connections, DatabaseService],
    };
  }
}
