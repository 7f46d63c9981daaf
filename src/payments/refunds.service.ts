import { Injectable, Logger } from '@nestjs/common';
import { Allocation } from '../allocation/allocation';
import type { Caller } from '../allocation/lanes';
import { newId } from '../ids';
import { madeOf } from '../outcomes';
import { refusal } from '../refusals';
import { type BegunRefund, PaymentSettings, stillToMake } from './attempt';
import { insist, reasonOf } from './insist';
import { PaymentGateway } from './payment-gateway';
import { PaymentsRepository } from './payments.repository';
import { Waiting } from './waiting';

const NO_SUCH_PURCHASE = { detail: 'There is no such purchase.' };

/** Gives money back: for a purchase, or for a payment of which nothing came. */
@Injectable()
export class RefundsService {
  private readonly logger = new Logger('Payments');

  constructor(
    private readonly gateway: PaymentGateway,
    private readonly allocation: Allocation,
    private readonly repository: PaymentsRepository,
    private readonly waiting: Waiting,
    private readonly settings: PaymentSettings,
  ) {}

  /**
   * Takes a purchase back. Its tickets are for sale again once the money, if there was any, has been given back.
   *
   * @throws Refusal not_found, purchase_refunded, outcome_unknown
   */
  async refundPurchase(purchaseId: string, caller?: Caller): Promise<void> {
    const place = await this.repository.findRefundable(purchaseId);
    if (place === undefined) throw refusal('not_found', NO_SUCH_PURCHASE);
    const of = { eventId: place.eventId, ticketOptionIds: [place.ticketOptionId] };
    const order = { ...of, id: newId(), purchaseId, leaseMs: this.settings.leaseMs };
    const { refund } = madeOf(await this.allocation.refund(order, caller), ({ code }) =>
      code === 'not_found' ? NO_SUCH_PURCHASE : {},
    );
    const begun = stillToMake(refund, of);
    if (begun === undefined) return;
    try {
      await this.waiting.for(this.make(begun));
    } catch (error) {
      this.logger.warn({ purchase: purchaseId, reason: reasonOf(error) }, 'A refund is left to the recovery');
      throw refusal('outcome_unknown', {
        detail:
          'The payment gateway has not confirmed the refund yet. It goes on by itself: read the purchase that meta names later.',
        meta: { purchase_id: purchaseId },
      });
    }
  }

  /**
   * Gives back the money of a refund that was begun, and ends the refund. Done twice it has the same effect.
   *
   * @throws NotYetError; whatever the gateway throws that did not confirm it
   */
  async make({
    id,
    eventId,
    paymentId,
    purchaseId,
    ticketOptionIds,
    amountCents,
  }: BegunRefund): Promise<void> {
    await this.gateway.refund(paymentId, id, amountCents);
    const { leaseMs } = this.settings;
    const order = { id, eventId, purchaseId, ticketOptionIds, leaseMs };
    await insist(() => this.allocation.refunded(order));
  }
}
