import { Controller } from '@nestjs/common';
import { byBuyer, byBuyerOrManager, inAddress, USER_IN_BODY, USER_IN_FILTER } from '../auth/access';
import type { Caller } from '../allocation/lanes';
import type { KeyOfRequest } from '../idempotency/request-key';
import {
  Connection,
  CreateResource,
  Decoded,
  FetchResource,
  Key,
  Listing,
  ListResources,
  type Page,
  RemoveResource,
  ResourceId,
  uuid,
} from '../json-api';
import { RefundsService } from '../payments/refunds.service';
import { type NewPurchase, Purchase } from './purchase.resource';
import { type PurchasesRequest, PurchasesService } from './purchases.service';

/** `/purchases`: buying tickets, what was bought, and giving it back. */
@Controller('purchases')
export class PurchasesController {
  constructor(
    private readonly purchases: PurchasesService,
    private readonly refunds: RefundsService,
  ) {}

  @CreateResource(Purchase, {
    summary: 'Buy tickets of a ticket option without a price',
    access: byBuyer(USER_IN_BODY),
    refusals: [
      'not_found',
      'event_cancelled',
      'sales_not_started',
      'sales_ended',
      'payment_required',
      'order_limit_exceeded',
      'user_limit_exceeded',
      'invalid_purchase_quantity',
    ],
  })
  create(
    @Decoded() purchase: NewPurchase,
    @Connection() caller: Caller,
    @Key() key?: KeyOfRequest,
  ): Promise<Purchase> {
    return this.purchases.buy(purchase, caller, key);
  }

  @ListResources(Purchase, {
    summary: 'List purchases',
    access: byBuyerOrManager(USER_IN_FILTER),
    description: 'In the order in which they were made.',
    filters: {
      user: { kind: uuid(), description: 'Only what this user has bought.' },
      ticketOption: { kind: uuid(), description: 'Only tickets of this option.' },
      event: { kind: uuid(), description: 'Only tickets of this event.' },
    },
  })
  list(@Listing() request: PurchasesRequest): Promise<Page<Purchase>> {
    return this.purchases.list(request);
  }

  @FetchResource(Purchase, { summary: 'Read a purchase', access: byBuyerOrManager(inAddress('purchases')) })
  find(@ResourceId() id: string): Promise<Purchase> {
    return this.purchases.get(id);
  }

  @RemoveResource(Purchase, {
    summary: 'Refund a purchase',
    access: byBuyerOrManager(inAddress('purchases')),
    description:
      'Its tickets are for sale again, and what they cost is given back. The purchase stays to be read, as `refunded`.',
    refusals: ['purchase_refunded'],
  })
  refund(@ResourceId() id: string, @Connection() caller: Caller): Promise<void> {
    return this.refunds.refundPurchase(id, caller);
  }
}
