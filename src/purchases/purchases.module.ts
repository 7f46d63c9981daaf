import { IdempotencyModule } from '../idempotency/idempotency.module';
import { Module } from '@nestjs/common';
import { TicketOptionsModule } from '../ticket-options/ticket-options.module';
import { PurchaseReadsModule } from './purchase-reads.module';
import { PurchasesController } from './purchases.controller';
import { PurchasesService } from './purchases.service';

/** Purchases; others read single ones by its service. */
@Module({
  imports: [IdempotencyModule, TicketOptionsModule, PurchaseReadsModule],
  controllers: [PurchasesController],
  providers: [PurchasesService],
  exports: [PurchasesService],
})
export class PurchasesModule {}
