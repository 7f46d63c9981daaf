import { type DynamicModule, Module } from '@nestjs/common';
import { Allocation, AllocationSettings } from './allocation';
import { Attempts } from './attempts';
import { Sale } from './sale';

/** The lanes. What moves stock goes through {@link Allocation}, the only provider that others can have. */
@Module({})
export class AllocationModule {
  static forRoot(lanes: number): DynamicModule {
    return {
      module: AllocationModule,
      global: true,
      providers: [
        Allocation,
        Attempts,
        Sale,
        { provide: AllocationSettings, useValue: new AllocationSettings(lanes) },
      ],
      exports: [Allocation],
    };
  }
}
