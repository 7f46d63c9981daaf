import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connections } from '../database/connections';
import { Refusal } from '../refusals';
import { FoldRepository } from './fold.repository';

const LENGTHS = [1, 60, 1440] as const;

const FIRST_AFTER_MS = 1_000;
const INTERVAL_MS = 30_000;

/** How often to come when refunds are under way, and how long to stay away, before it is left for the next time. */
const ATTEMPTS = 10;
const AWAY_MS = 100;

/**
 * Adds up over all events what was sold in intervals that are over, so that reading it costs the same however many
 * events there are. Reading is exact without it, only slower. Every instance does so, one at a time.
 */
@Injectable()
export class FoldService implements OnApplicationBootstrap {
  private readonly logger = new Logger('Fold');
  private isFolding = false;
  /** The trouble that was told last: the same is not told again every time. */
  private told = '';

  constructor(
    private readonly repository: FoldRepository,
    private readonly connections: Connections,
    private readonly scheduler: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    // The registry ends both when the application closes.
    const fold = (): void => void this.fold();
    this.scheduler.addTimeout('first fold', setTimeout(fold, FIRST_AFTER_MS));
    this.scheduler.addInterval('fold', setInterval(fold, INTERVAL_MS));
  }

  /** Folds all that is over, unless it is at it already or the database is not there. */
  async fold(): Promise<void> {
    if (this.isFolding || !this.connections.isOpen) return;
    this.isFolding = true;
    try {
      for (const minutes of LENGTHS) await this.catchUp(minutes);
      this.told = '';
    } catch (error) {
      if (!(error instanceof Refusal)) this.tell(error);
    } finally {
      this.isFolding = false;
    }
  }

  private async catchUp(minutes: number): Promise<void> {
    for (let attempts = ATTEMPTS; attempts > 0;) {
      const folded = await this.repository.fold(minutes);
      if (folded === 'done') return;
      if (folded === 'busy') {
        attempts -= 1;
        await sleep(Math.random() * AWAY_MS, undefined, { ref: false });
      }
    }
  }

  private tell(error: unknown): void {
    const reason = String(error);
    if (reason !== this.told) this.logger.error(error);
    this.told = reason;
  }
}
