import { Global, Module } from '@nestjs/common';
import { PurchasesRepository } from './purchases.repository';

/**
 * The repository of purchases, for everybody who shows them. It has a module of its own because purchases need
 * payments to be refunded, and payments and reservations need what was bought: modules that import each other are
 * hard to read.
 */
@Global()
@Module({
  providers: [PurchasesRepository],
  exports: [PurchasesRepository],
})
export class PurchaseReadsModule {}
