import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { VERSION } from '../version';
import { TurnMeter } from './turn-meter';

/**
 * The registry of one service, and what its parts count as they go. What is only looked at when somebody asks is
 * registered by {@link MetricsService}. Counters of prom-client stand only where a call is rare.
 */
@Injectable()
export class Meters {
  readonly registry = new Registry();
  readonly turns = new TurnMeter();

  readonly swept = new Counter({
    name: 'holdfast_sweep_released_holds_total',
    help: 'Holds that this instance gave back because they were over and nobody had asked for them yet.',
    registers: [this.registry],
  });

  readonly sweepFailures = new Counter({
    name: 'holdfast_sweep_failures_total',
    help: 'Looks for what is over that failed.',
    registers: [this.registry],
  });

  readonly recovered = new Counter({
    name: 'holdfast_recoveries_total',
    help: 'Payments and refunds whose lease had run out, looked after by this instance: settled or made, still not charged and put off, or failed and to be tried again.',
    labelNames: ['subject', 'outcome'] as const,
    registers: [this.registry],
  });

  constructor() {
    for (const outcome of ['recovered', 'failed']) this.recovered.inc({ subject: 'refund', outcome }, 0);
    for (const outcome of ['recovered', 'put_off', 'failed'])
      this.recovered.inc({ subject: 'payment', outcome }, 0);
    this.turns.register(this.registry);
    new Gauge({
      name: 'holdfast_build_info',
      help: 'Always 1; the labels say what is running.',
      labelNames: ['version', 'node'],
      registers: [this.registry],
    }).set({ version: VERSION, node: process.version }, 1);
    collectDefaultMetrics({ register: this.registry });
  }
}
