import { type DynamicModule, Module } from '@nestjs/common';
import { TURN_OBSERVER } from '../allocation/turn-observer';
import { FiguresRepository } from './figures.repository';
import { HttpMeter } from './http-meter';
import { Meters } from './meters';
import { MetricsController } from './metrics.controller';
import { MetricsListener } from './metrics-listener';
import { MetricsService, MetricsSettings } from './metrics.service';

/** What the people who run the service see of it. The others count in {@link Meters}. */
@Module({})
export class MetricsModule {
  /**
   * @param http what counts the requests
   * @param poolSize how many connections there may be
   */
  static forRoot(http: HttpMeter, poolSize: number): DynamicModule {
    return {
      module: MetricsModule,
      global: true,
      controllers: [MetricsController],
      providers: [
        Meters,
        MetricsService,
        MetricsListener,
        FiguresRepository,
        { provide: HttpMeter, useValue: http },
        { provide: MetricsSettings, useValue: new MetricsSettings(poolSize) },
        { provide: TURN_OBSERVER, useFactory: ({ turns }: Meters) => turns, inject: [Meters] },
      ],
      exports: [Meters, TURN_OBSERVER],
    };
  }
}
