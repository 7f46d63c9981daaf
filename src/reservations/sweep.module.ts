import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { SweepRepository } from './sweep.repository';
import { SweepService, SweepSettings } from './sweep.service';

/** The scheduled job that gives back what is over. */
@Module({})
export class SweepModule {
  static forRoot(settings: SweepSettings): DynamicModule {
    return {
      module: SweepModule,
      imports: [ScheduleModule.forRoot()],
      providers: [SweepService, SweepRepository, { provide: SweepSettings, useValue: settings }],
    };
  }
}
