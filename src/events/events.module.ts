import { IdempotencyModule } from '../idempotency/idempotency.module';
import { Module } from '@nestjs/common';
import { TicketOptionsModule } from '../ticket-options/ticket-options.module';
import { EventsController } from './events.controller';
import { EventsService } from './events.service';

/** Events, and the ticket options of an event. */
@Module({
  imports: [IdempotencyModule, TicketOptionsModule],
  controllers: [EventsController],
  providers: [EventsService],
})
export class EventsModule {}
