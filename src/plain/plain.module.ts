import { Module } from '@nestjs/common';
import { PurchasesModule } from '../purchases/purchases.module';
import { TicketOptionsModule } from '../ticket-options/ticket-options.module';
import { SimpleContractController } from './simple.controller';
import { TicketsContractController } from './tickets.controller';

/** The two contracts in plain JSON, over the same services as JSON:API. */
@Module({
  imports: [TicketOptionsModule, PurchasesModule],
  controllers: [TicketsContractController, SimpleContractController],
})
export class PlainModule {}
