import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CreateResource, Decoded, FetchResource, ResourceId } from '../json-api';
import { type NewPurchase, Purchase } from './purchase.resource';
import { PurchasesService } from './purchases.service';

@Controller('purchases')
export class PurchasesController {
  constructor(private readonly purchases: PurchasesService) {}

  @CreateResource(Purchase, {
    summary: 'Buy tickets of a ticket option without a price',
    refusals: [
      'not_found',
      'sales_not_started',
      'sales_ended',
      'payment_required',
      'order_limit_exceeded',
      'user_limit_exceeded',
      'invalid_purchase_quantity',
    ],
  })
  create(@Decoded() purchase: NewPurchase, @Req() request: FastifyRequest): Promise<Purchase> {
    return this.purchases.buy(purchase, request.raw.socket);
  }

  @FetchResource(Purchase, { summary: 'Read a purchase' })
  find(@ResourceId() id: string): Promise<Purchase> {
    return this.purchases.get(id);
  }
}
