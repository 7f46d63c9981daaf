import { IdempotencyModule } from '../idempotency/idempotency.module';
import { Module } from '@nestjs/common';
import { EventsRepository } from '../events/events.repository';
import { TicketOptionListsService } from './ticket-option-lists.service';
import { TicketOptionsController } from './ticket-options.controller';
import { TicketOptionsRepository } from './ticket-options.repository';
import { TicketOptionsService } from './ticket-options.service';

/**
 * Ticket options; others look up the event of an option in its service. The repository of events is provided here
 * as well: options and events come along with each other, and modules that import each other are hard to read.
 */
@Module({
  controllers: [TicketOptionsController],
  imports: [IdempotencyModule],
  providers: [TicketOptionsService, TicketOptionListsService, TicketOptionsRepository, EventsRepository],
  exports: [TicketOptionsService, TicketOptionListsService, TicketOptionsRepository, EventsRepository],
})
export class TicketOptionsModule {}
