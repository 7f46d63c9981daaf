import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { auditInSlices } from '../allocation/audit-slices';
import { Connections } from '../database/connections';
import { AuditMeter } from './audit-meter';
import { AuditSession, AuditSettings } from './audit-session';

/** How long to rest after a statement, as a multiple of what it took: so the audit takes a quarter of one processor at most. */
const REST = 3;

/** The first audit comes no later than this after the start, or a service that is replaced often would never be counted. */
const FIRST_WITHIN_MS = 600_000;

/** Differences that are told one by one; what is behind them is one and the same trouble. */
const MOST_LOGGED = 1_000;

/** Counts the books again and again, on one of all instances, and tells what is wrong in the log and in the metrics. */
@Injectable()
export class AuditService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Audit');
  private readonly stopping = new AbortController();
  private isCounting = false;

  constructor(
    private readonly session: AuditSession,
    private readonly meter: AuditMeter,
    private readonly connections: Connections,
    private readonly scheduler: SchedulerRegistry,
    private readonly settings: AuditSettings,
  ) {}

  onApplicationBootstrap(): void {
    const { intervalMs } = this.settings;
    if (intervalMs === 0) return;
    // The registry ends both when the application closes.
    const audit = (): void => void this.audit();
    this.scheduler.addInterval('audit', setInterval(audit, intervalMs));
    if (intervalMs > FIRST_WITHIN_MS)
      this.scheduler.addTimeout('first audit', setTimeout(audit, FIRST_WITHIN_MS));
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.session.close();
  }

  /** Counts everything once, unless another instance does so or the last time has not come to its end. */
  private async audit(): Promise<void> {
    if (this.isCounting || !this.connections.isOpen) return;
    this.isCounting = true;
    try {
      const client = await this.session.open();
      if (client === undefined) this.meter.missed('skipped');
      else await this.count(client);
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.meter.missed('failed');
      this.logger.warn({ err: error }, 'The books could not be counted to the end');
      await this.session.close();
    } finally {
      this.isCounting = false;
    }
  }

  private async count(client: Client): Promise<void> {
    const beganMs = performance.now();
    let differences = 0;
    for await (const { id, sentence } of auditInSlices(client, (tookMs) => this.rest(tookMs))) {
      differences += 1;
      if (differences <= MOST_LOGGED) this.logger.error({ id }, `The books are wrong: ${sentence}`);
    }
    if (differences > MOST_LOGGED)
      this.logger.error(`The books are wrong in ${differences} places; the first ${MOST_LOGGED} were told`);
    this.meter.completed(differences, performance.now() - beganMs);
  }

  private async rest(tookMs: number): Promise<void> {
    await sleep(REST * tookMs, undefined, { ref: false, signal: this.stopping.signal });
  }
}
