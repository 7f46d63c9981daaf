import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Allocation } from '../allocation/allocation';
import { Connections } from '../database/connections';
import { FiguresRepository } from './figures.repository';
import { registerFigures } from './figures-metrics';
import { HttpMeter } from './http-meter';
import { Meters } from './meters';

/** How many connections there may be; a class, so that it can be injected. */
export class MetricsSettings {
  constructor(readonly poolSize: number) {}
}

/** Tells the metrics, and looks at what nobody counts as it goes. */
@Injectable()
export class MetricsService {
  private readonly readFigures: () => Promise<void>;

  constructor(
    private readonly meters: Meters,
    http: HttpMeter,
    private readonly allocation: Allocation,
    private readonly connections: Connections,
    figures: FiguresRepository,
    private readonly settings: MetricsSettings,
  ) {
    http.register(meters.registry);
    this.registerLanes();
    this.registerPool();
    this.readFigures = registerFigures(meters.registry, figures);
  }

  /** The media type of {@link tell}: the text format of Prometheus, version 0.0.4. */
  get contentType(): string {
    return this.meters.registry.contentType;
  }

  /** @returns every metric as text. Whatever the database cannot tell within two seconds is left out. */
  async tell(): Promise<string> {
    await this.readFigures();
    return this.meters.registry.metrics();
  }

  private registerLanes(): void {
    this.look(
      'holdfast_lane_waiting_orders',
      'Orders that wait for their turn.',
      () => this.allocation.state.waiting,
    );
    this.look(
      'holdfast_lane_oldest_wait_seconds',
      'How long the order that has waited longest has waited by now; 0 when none waits.',
      () => this.allocation.state.oldestMs / 1_000,
    );
  }

  private registerPool(): void {
    const { connections, settings } = this;
    const of = 'of the pool';
    this.look('holdfast_pool_size', `Connections ${of} at most.`, () => settings.poolSize);
    this.look('holdfast_pool_connections', `Connections ${of} that are open.`, () => connections.pool.open);
    this.look(
      'holdfast_pool_idle_connections',
      `Open connections ${of} that nobody has.`,
      () => connections.pool.idle,
    );
    this.look(
      'holdfast_pool_waiting',
      `How many wait for a connection ${of}.`,
      () => connections.pool.waiting,
    );
    this.look(
      'holdfast_pool_gate_waiting',
      'Reads and other work beside the lanes that wait to be let to the pool.',
      () => connections.pool.atGate,
    );
  }

  /** Registers a gauge that is looked at when somebody asks. */
  private look(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.meters.registry],
      collect() {
        this.set(value());
      },
    });
  }
}
