import { Module } from '@nestjs/common';
import { TicketOptionsModule } from '../ticket-options/ticket-options.module';
import { PurchasesController } from './purchases.controller';
import { PurchasesRepository } from './purchases.repository';
import { PurchasesService } from './purchases.service';

/** Purchases. */
@Module({
  imports: [TicketOptionsModule],
  controllers: [PurchasesController],
  providers: [PurchasesService, PurchasesRepository],
})
export class PurchasesModule {}
