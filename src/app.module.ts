import { type DynamicModule, Module } from '@nestjs/common';
import { AllocationModule } from './allocation/allocation.module';
import { AuditModule } from './audit/audit.module';
import { AuditSettings } from './audit/audit-session';
import { AuthModule } from './auth/auth.module';
import type { Config } from './config';
import { DatabaseModule } from './database/database.module';
import { EventsModule } from './events/events.module';
import { HealthModule } from './health/health.module';
import { type HttpMeter } from './metrics/http-meter';
import { MetricsModule } from './metrics/metrics.module';
import { PaymentSettings } from './payments/attempt';
import { PaymentsModule } from './payments/payments.module';
import { PlainModule } from './plain/plain.module';
import { PurchasesModule } from './purchases/purchases.module';
import { ReservationsModule } from './reservations/reservations.module';
import { SweepModule } from './reservations/sweep.module';
import { SweepSettings } from './reservations/sweep.service';
import { StatisticsModule } from './statistics/statistics.module';
import { TicketOptionsModule } from './ticket-options/ticket-options.module';
import { TicketsModule } from './tickets/tickets.module';

/** Wiring only. */
@Module({})
export class AppModule {
  /**
   * @param url where the database is: that of the configuration, or of the embedded server
   * @param meter what counts the requests
   */
  static forRoot(config: Config, url: string, meter: HttpMeter): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot({
          url,
          poolSize: config.databasePoolSize,
          lanes: config.allocationLanes,
          migrateOnStart: config.migrateOnStart,
        }),
        AllocationModule.forRoot(config.allocationLanes, {
          holdMs: config.holdSeconds * 1_000,
          holdMaxMs: config.holdMaxSeconds * 1_000,
        }),
        EventsModule,
        TicketOptionsModule,
        PurchasesModule,
        TicketsModule,
        ReservationsModule,
        PaymentsModule.forRoot(
          new PaymentSettings(config.paymentLeaseSeconds * 1_000, config.shutdownSeconds * 1_000),
        ),
        SweepModule.forRoot(new SweepSettings(config.sweepIntervalSeconds * 1_000)),
        AuditModule.forRoot(new AuditSettings(config.auditIntervalSeconds * 1_000, url)),
        StatisticsModule,
        PlainModule,
        HealthModule,
        MetricsModule.forRoot(meter, config.databasePoolSize),
        AuthModule,
      ],
    };
  }
}
