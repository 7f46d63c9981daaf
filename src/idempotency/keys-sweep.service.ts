import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Connections } from '../database/connections';
import { Refusal } from '../refusals';
import { KeysRepository } from './keys.repository';

const INTERVAL_MS = 10_000;
/** Keys that one statement deletes: more would keep the disk busy for too long at a time. */
const BATCH = 5_000;

/** Forgets the keys of requests after a day. Every instance does so; they leave each other's rows alone. */
@Injectable()
export class KeysSweepService implements OnApplicationBootstrap {
  private readonly logger = new Logger('Idempotency');
  private isSweeping = false;

  constructor(
    private readonly repository: KeysRepository,
    private readonly connections: Connections,
    private readonly scheduler: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    // The registry ends the interval when the application closes.
    this.scheduler.addInterval(
      'idempotency keys',
      setInterval(() => void this.sweep(), INTERVAL_MS),
    );
  }

  /** Deletes all that is old enough, batch after batch. @returns how many keys were forgotten */
  async sweep(): Promise<number> {
    if (this.isSweeping || !this.connections.isOpen) return 0;
    this.isSweeping = true;
    let total = 0;
    try {
      for (let deleted = BATCH; deleted === BATCH; total += deleted)
        deleted = await this.repository.deleteOld(BATCH);
    } catch (error) {
      if (!(error instanceof Refusal)) this.logger.error(error);
    } finally {
      this.isSweeping = false;
    }
    return total;
  }
}
