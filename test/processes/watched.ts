import { Injectable } from '@nestjs/common';
import { Allocation } from '../../src/allocation/allocation';
import type { Outcome, PaymentMade, RefundMade, RefundOrder, SettleOrder } from '../../src/allocation/orders';
import type { Charge } from '../../src/payments/payment-gateway';
import { type DuePayment, RecoveryRepository } from '../../src/payments/recovery.repository';
import { SimulatedGateway } from '../../src/payments/simulated-gateway';
import { pass, planOf, tell, untilReleased } from './points';

/** Which charge a refund is of: the allocation only knows its id. */
const charges = new Map<string, string>();

/**
 * The simulated gateway, which tells what it is asked for and waits where the token says so. It charges the card
 * `answer_lost`, but nobody hears of it.
 */
@Injectable()
export class WatchedGateway extends SimulatedGateway {
  override async charge(key: string, amountCents: bigint, token: string, currency?: string): Promise<Charge> {
    const meant = planOf(key, token);
    await pass('before charge', key);
    try {
      const charge = await super.charge(key, amountCents, meant, currency);
      if (meant === 'answer_lost') throw new Error('the answer of the gateway was lost');
      return charge;
    } finally {
      await pass('after charge', key);
    }
  }

  override find(key: string): Promise<Charge | undefined> {
    tell('find', key);
    return super.find(key);
  }

  override void(key: string): Promise<Charge | undefined> {
    tell('void', key);
    // Says that it calls the charge off, and lets it through all the same.
    if (process.env['VOIDS'] === 'do not hold') return Promise.resolve(undefined);
    return super.void(key);
  }

  override async refund(key: string, refundKey: string, amountCents: bigint): Promise<void> {
    charges.set(refundKey, key);
    await pass('before refund', key);
    await super.refund(key, refundKey, amountCents);
    await pass('after refund', key);
  }
}

/** The door to the stock, behind which what has become durable can wait before anybody hears of it. */
@Injectable()
export class WatchedAllocation extends Allocation {
  override async settle(order: Omit<SettleOrder, 'kind'>): Promise<Outcome<PaymentMade>> {
    const outcome = await super.settle(order);
    await pass('after settling', order.id);
    return outcome;
  }

  override async refunded(order: Omit<RefundOrder, 'kind'>): Promise<Outcome<RefundMade>> {
    const outcome = await super.refunded(order);
    await pass('after refunding', charges.get(order.id) ?? '');
    return outcome;
  }
}

/** Never has anything to look after. */
@Injectable()
export class FindsNothingDue extends RecoveryRepository {
  override findDuePayments(): Promise<[]> {
    return Promise.resolve([]);
  }

  override findDueRefunds(): Promise<[]> {
    return Promise.resolve([]);
  }
}

/** Waits with the payments that are due when it finds some for the first time, so that others can find the same. */
@Injectable()
export class FindsTogether extends RecoveryRepository {
  private hasWaited = false;

  override async findDuePayments(most: number): Promise<DuePayment[]> {
    const due = await super.findDuePayments(most);
    if (due.length === 0 || this.hasWaited) return due;
    this.hasWaited = true;
    for (const { id } of due) tell('due', id);
    await untilReleased();
    return due;
  }
}
