import { Module } from '@nestjs/common';
import { TicketOptionsController } from './ticket-options.controller';
import { TicketOptionsRepository } from './ticket-options.repository';
import { TicketOptionsService } from './ticket-options.service';

/** Ticket options; others look up the event of an option in its service. */
@Module({
  controllers: [TicketOptionsController],
  providers: [TicketOptionsService, TicketOptionsRepository],
  exports: [TicketOptionsService],
})
export class TicketOptionsModule {}
