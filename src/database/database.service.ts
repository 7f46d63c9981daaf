import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Connections } from './connections';
import { UnfitDatabaseError } from './errors';
import { checkNotNewer, migrate, schemaState } from './migrate';

/** How often a database that cannot be used yet is tried again. */
const RETRY_MS = 500;

export type DatabaseState = 'connecting' | 'migrations_pending' | 'ready';

/** What the lifecycle needs to know of the configuration. */
export interface DatabaseSettings {
  readonly url: string;
  readonly migrateOnStart: boolean;
}
export const DATABASE_SETTINGS = Symbol('DatabaseSettings');

/**
 * Brings the database into use: the service starts before its database and waits for it, and once it is there,
 * migrates it and looks whether code and schema fit.
 */
@Injectable()
export class DatabaseService implements OnApplicationShutdown {
  private readonly logger = new Logger('Database');
  private stopping = false;
  private current: DatabaseState = 'connecting';

  constructor(
    private readonly dataSource: DataSource,
    @Inject(DATABASE_SETTINGS) private readonly settings: DatabaseSettings,
    private readonly connections: Connections,
  ) {}

  get state(): DatabaseState {
    return this.current;
  }

  /**
   * Resolves when the database is ready, however long that takes; an unreachable one is tried again.
   *
   * @throws UnfitDatabaseError when it will never do: too old, not durable, or newer than this code.
   */
  async start(): Promise<void> {
    let told = '';
    while (!this.stopping && this.current !== 'ready') {
      try {
        await this.tryToStart();
      } catch (error) {
        if (error instanceof UnfitDatabaseError) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== told) this.logger.warn(`Waiting for the database: ${reason}`);
        told = reason;
      }
      if (this.state !== 'ready') await sleep(RETRY_MS);
    }
  }

  /** @returns whether a statement gets an answer now. */
  async ping(): Promise<boolean> {
    if (!this.dataSource.isInitialized) return false;
    return this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  onApplicationShutdown(): void {
    this.stopping = true;
  }

  private async tryToStart(): Promise<void> {
    if (this.settings.migrateOnStart && this.current === 'connecting') {
      const applied = await migrate(this.settings.url, () => {
        this.logger.log('Another instance is migrating the database; waiting for it.');
      });
      if (applied.length > 0) this.logger.log(`Applied migrations: ${applied.join(', ')}`);
    }
    if (!this.dataSource.isInitialized) await this.dataSource.initialize();
    const state = await schemaState(this.dataSource);
    checkNotNewer(state);
    const { pending } = state;
    if (pending.length > 0) {
      this.current = 'migrations_pending';
      throw new Error(`migrations are pending (${pending.join(', ')}); apply them with: npm run migrate`);
    }
    this.current = 'ready';
    this.connections.isOpen = true;
  }
}
