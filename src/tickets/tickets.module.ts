import { Module } from '@nestjs/common';
import { PurchasesModule } from '../purchases/purchases.module';
import { TicketOptionsModule } from '../ticket-options/ticket-options.module';
import { TicketsController } from './tickets.controller';
import { TicketsService } from './tickets.service';

/** Tickets, which are worked out from their purchases. */
@Module({
  imports: [PurchasesModule, TicketOptionsModule],
  controllers: [TicketsController],
  providers: [TicketsService],
})
export class TicketsModule {}
