import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Meters } from '../metrics/meters';
import { AuditSettings } from './audit-session';

/** Tells what came of the audits of this instance. */
@Injectable()
export class AuditMeter {
  private readonly differences: Gauge;
  private readonly lastComplete: Gauge;
  private readonly duration: Gauge;
  private readonly audits: Counter<'outcome'>;

  constructor({ registry }: Meters, { intervalMs }: AuditSettings) {
    const registers = [registry];
    this.differences = new Gauge({
      name: 'holdfast_audit_differences',
      help: 'Differences between rows and counters that the last complete audit of this instance found; no value before there was one.',
      registers,
    });
    this.differences.remove();
    this.lastComplete = new Gauge({
      name: 'holdfast_audit_last_complete_timestamp_seconds',
      help: 'When this instance last came to the end of an audit; 0 when it never has.',
      registers,
    });
    this.duration = new Gauge({
      name: 'holdfast_audit_duration_seconds',
      help: 'How long the last complete audit took, its rests included.',
      registers,
    });
    this.audits = new Counter({
      name: 'holdfast_audits_total',
      help: 'Audits that came to their end, were left to the instance that audits, or failed.',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of ['complete', 'skipped', 'failed']) this.audits.inc({ outcome }, 0);
    new Gauge({
      name: 'holdfast_audit_interval_seconds',
      help: 'How often the books are to be counted; 0 for never.',
      registers,
    }).set(intervalMs / 1_000);
  }

  /** An audit has come to its end. */
  completed(differences: number, tookMs: number): void {
    this.differences.set(differences);
    this.duration.set(tookMs / 1_000);
    this.lastComplete.setToCurrentTime();
    this.audits.inc({ outcome: 'complete' });
  }

  /** An audit was not done, or not to its end. */
  missed(outcome: 'skipped' | 'failed'): void {
    this.audits.inc({ outcome });
  }
}
