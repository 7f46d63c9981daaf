import { IdempotencyModule } from '../idempotency/idempotency.module';
import { type DynamicModule, Module } from '@nestjs/common';
import { ReservationsRepository } from '../reservations/reservations.repository';
import { PaymentSettings } from './attempt';
import { Charging } from './charging';
import { PaymentGateway } from './payment-gateway';
import { PaymentsController } from './payments.controller';
import { PaymentsRepository } from './payments.repository';
import { PaymentsService } from './payments.service';
import { RecoveryRepository } from './recovery.repository';
import { RecoveryService } from './recovery.service';
import { RefundsService } from './refunds.service';
import { SimulatedGateway } from './simulated-gateway';
import { SimulatedGatewayRepository } from './simulated-gateway.repository';
import { Waiting } from './waiting';

/** Payments and refunds, and the gateway that moves the money. Global, since who takes purchases back is elsewhere. */
@Module({})
export class PaymentsModule {
  static forRoot(settings: PaymentSettings): DynamicModule {
    return {
      module: PaymentsModule,
      global: true,
      controllers: [PaymentsController],
      imports: [IdempotencyModule],
      providers: [
        PaymentsService,
        PaymentsRepository,
        Charging,
        Waiting,
        RefundsService,
        RecoveryService,
        RecoveryRepository,
        ReservationsRepository,
        SimulatedGatewayRepository,
        { provide: PaymentGateway, useClass: SimulatedGateway },
        { provide: PaymentSettings, useValue: settings },
      ],
      exports: [RefundsService],
    };
  }
}
