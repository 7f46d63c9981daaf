import { Inject, Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { decide } from '../../src/allocation/decide';
import type { Decision } from '../../src/allocation/ledger';
import { eventOf } from '../../src/allocation/look';
import type {
  ChargeResult,
  Order,
  Outcome,
  PaymentMade,
  PaymentState,
  SettleOrder,
} from '../../src/allocation/orders';
import type { StockHint } from '../../src/allocation/stock-hint';
import { writeDecision } from '../../src/allocation/write-decision';
import { allOf } from '../../src/database/connections';
import { newId } from '../../src/ids';
import { Charging } from '../../src/payments/charging';
import { PaymentGateway } from '../../src/payments/payment-gateway';
import { BrokenTurn, lockAndLook } from './broken-turn';
import { FindsTogether, WatchedAllocation, WatchedGateway } from './watched';

/** Leaves a payment that was given up as it is, whatever is charged for it later. */
@Injectable()
export class ForgetsLateCharges extends BrokenTurn {
  override async serve(orders: readonly Order[], hint: StockHint): Promise<Outcome[]> {
    const settles = orders.filter(({ kind }) => kind === 'settle');
    const others = orders.filter(({ kind }) => kind !== 'settle');
    const settled = settles.length === 0 ? [] : await super.serve(settles, hint);
    const served = await this.serveWell(others, hint);
    return orders.flatMap(({ kind }) => (kind === 'settle' ? settled : served).splice(0, 1));
  }

  protected override async work(client: PoolClient, orders: readonly Order[]): Promise<Decision> {
    const seen = await lockAndLook(client, orders);
    const givenUp = new Map<Order, PaymentState>();
    for (const order of orders) {
      const payment = seen.payments.get(order.id);
      if (payment?.status === 'failed') givenUp.set(order, payment);
    }
    const decision = decide(
      orders.filter((order) => !givenUp.has(order)),
      seen,
      this.holds,
    );
    await allOf(writeDecision(client, eventOf(orders), seen.now, decision));
    const decided = [...decision.outcomes];
    const outcomes = orders.flatMap((order): Outcome[] => {
      const payment = givenUp.get(order);
      return payment ? [{ made: { payment, purchases: [], refund: null } }] : decided.splice(0, 1);
    });
    return { ...decision, outcomes };
  }
}

/** Asks the gateway whether there is a charge, and believes that there will be none if there is none now. */
@Injectable()
export class ReleasesWithoutVoid extends Charging {
  @Inject(PaymentGateway) private readonly asked: PaymentGateway;

  override async callOff(id: string): Promise<ChargeResult> {
    const isCharged = (await this.asked.find(id)) !== undefined;
    return isCharged ? { succeeded: true } : { succeeded: false, failureCode: 'voided' };
  }
}

/** Calls off what nobody has heard of, without asking whether it has been charged. */
@Injectable()
export class DoesNotAsk extends Charging {
  override callOff(): Promise<ChargeResult> {
    return Promise.resolve({ succeeded: false, failureCode: 'voided' });
  }
}

/** Looks after whatever is due, without seeing to it that nobody else does. */
@Injectable()
export class ClaimsNothing extends FindsTogether {
  override claimPayment(): Promise<boolean> {
    return Promise.resolve(true);
  }

  override claimRefund(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

/** Tells clients what they have bought, and writes it later, if it still lives. */
@Injectable()
export class AnswersBeforeSettling extends WatchedAllocation {
  override settle(order: Omit<SettleOrder, 'kind'>): Promise<Outcome<PaymentMade>> {
    if (!order.charge.succeeded) return super.settle(order);
    setTimeout(() => void super.settle(order), 10_000).unref();
    const { id, reservationId, ticketOptionIds } = order;
    const createdAt = new Date();
    const payment = { id, reservationId, status: 'succeeded', createdAt, failureCode: null } as const;
    const purchases = order.purchaseIds.map((purchaseId, index) => ({
      id: purchaseId,
      userId: reservationId,
      ticketOptionId: ticketOptionIds[index] ?? '',
      quantity: 1,
      unitPriceCents: 0,
      createdAt,
      reservationId,
      paymentId: id,
      refundedAt: null,
    }));
    const made = { payment: { ...payment, amountCents: 0n, refundedCents: 0n }, purchases, refund: null };
    return Promise.resolve({ made });
  }
}

/** Asks for a refund with another key each time. */
@Injectable()
export class RefundsWithNewKeys extends WatchedGateway {
  override refund(key: string, _refundKey: string, amountCents: bigint): Promise<void> {
    return super.refund(key, newId(), amountCents);
  }
}
