import { IdempotencyModule } from '../idempotency/idempotency.module';
import { Module } from '@nestjs/common';
import { TicketOptionsModule } from '../ticket-options/ticket-options.module';
import { ReservationReadsService } from './reservation-reads.service';
import { ReservationsController } from './reservations.controller';
import { ReservationsRepository } from './reservations.repository';
import { ReservationsService } from './reservations.service';

/** Reservations. */
@Module({
  imports: [IdempotencyModule, TicketOptionsModule],
  controllers: [ReservationsController],
  providers: [ReservationsService, ReservationReadsService, ReservationsRepository],
})
export class ReservationsModule {}
