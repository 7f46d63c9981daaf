import { Controller } from '@nestjs/common';
import { byBuyer, byBuyerOrManager, inAddress, RESERVATION_IN_BODY } from '../auth/access';
import type { Caller } from '../allocation/lanes';
import type { KeyOfRequest } from '../idempotency/request-key';
import {
  type Compound,
  Connection,
  CreateResource,
  Decoded,
  FetchResource,
  Include,
  Key,
  ResourceId,
} from '../json-api';
import { type NewPayment, Payment } from './payment.resource';
import { PaymentsService } from './payments.service';

/** `/payments`: paying reservations, and what became of it. */
@Controller('payments')
export class PaymentsController {
  constructor(private readonly payments: PaymentsService) {}

  @CreateResource(Payment, {
    summary: 'Pay a reservation',
    access: byBuyer(RESERVATION_IN_BODY),
    description:
      'Charges the total of an active reservation, which becomes purchases by that: they come along. A total of 0 is paid without a charge. When the payment gateway refuses, the error names the failed attempt as `meta.payment_id`, and the reservation can be paid until it expires.',
    refusals: [
      'not_found',
      'event_cancelled',
      'reservation_expired',
      'reservation_cancelled',
      'reservation_paid',
      'reservation_in_payment',
      'card_error',
      'payment_error',
      'currency_error',
    ],
    includes: ['purchases'],
  })
  create(
    @Decoded() payment: NewPayment,
    @Connection() caller: Caller,
    @Key() key?: KeyOfRequest,
  ): Promise<Compound<Payment>> {
    return this.payments.pay(payment, caller, key);
  }

  @FetchResource(Payment, {
    summary: 'Read a payment',
    access: byBuyerOrManager(inAddress('payments')),
    include: ['reservation', 'purchases'],
  })
  find(
    @ResourceId() id: string,
    @Include() include: ReadonlySet<string>,
  ): Promise<Payment | Compound<Payment>> {
    return include.size > 0 ? this.payments.getWith(id, include) : this.payments.get(id);
  }
}
