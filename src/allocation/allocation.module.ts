import { type DynamicModule, Module } from '@nestjs/common';
import { Allocation, AllocationSettings } from './allocation';
import { Attempts } from './attempts';
import type { HoldRules } from './situation';
import { Tasks } from './tasks';
import { HOLD_RULES, Turn } from './turn';

/** The lanes. What moves stock goes through {@link Allocation}, the only provider that others can have. */
@Module({})
export class AllocationModule {
  static forRoot(lanes: number, holds: HoldRules): DynamicModule {
    return {
      module: AllocationModule,
      global: true,
      providers: [
        Allocation,
        Attempts,
        Turn,
        Tasks,
        { provide: HOLD_RULES, useValue: holds },
        { provide: AllocationSettings, useValue: new AllocationSettings(lanes) },
      ],
      exports: [Allocation],
    };
  }
}
