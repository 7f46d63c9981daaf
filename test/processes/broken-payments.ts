import { Injectable, type Type } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { decide } from '../../src/allocation/decide';
import { Figures } from '../../src/allocation/figures';
import type { Decision } from '../../src/allocation/ledger';
import { eventOf } from '../../src/allocation/look';
import type { Order, Outcome, PaymentState, ReservationState } from '../../src/allocation/orders';
import type { Situation } from '../../src/allocation/situation';
import type { StockHint } from '../../src/allocation/stock-hint';
import type { Turn } from '../../src/allocation/turn';
import { writeDecision } from '../../src/allocation/write-decision';
import { allOf } from '../../src/database/connections';
import { BrokenTurn, lockAndLook } from './broken-turn';

/** Serves some orders in a turn that is wrong, each by itself, and all others well. */
abstract class BrokenForSome extends BrokenTurn {
  protected abstract readonly kinds: readonly Order['kind'][];

  override async serve(orders: readonly Order[], hint: StockHint): Promise<Outcome[]> {
    const isWrong = ({ kind }: Order): boolean => this.kinds.includes(kind);
    const outcomes = await this.serveWell(
      orders.filter((order) => !isWrong(order)),
      hint,
    );
    const all: Outcome[] = [];
    for (const order of orders) {
      all.push(...(isWrong(order) ? await super.serve([order], hint) : outcomes.splice(0, 1)));
    }
    return all;
  }

  protected override async work(client: PoolClient, orders: readonly Order[]): Promise<Decision> {
    const seen = await lockAndLook(client, orders);
    const decision = this.decide(orders, seen);
    await allOf(writeDecision(client, eventOf(orders), seen.now, decision));
    return decision;
  }

  protected abstract decide(orders: readonly Order[], seen: Situation): Decision;
}

/** Settles a payment whatever has become of it since, and writes over that. */
@Injectable()
export class SettlesRegardless extends BrokenForSome {
  protected readonly kinds = ['settle'] as const;

  protected override decide(orders: readonly Order[], seen: Situation): Decision {
    const payments = new Map([...seen.payments].map(([id, payment]) => [id, asIfPending(payment)]));
    const reservations = new Map(
      [...seen.reservations].map(([id, reservation]) => [id, asIfPaying(reservation, orders)]),
    );
    const decision = decide(orders, { ...seen, payments, reservations }, this.holds);
    const { changes } = decision;
    for (const [id, change] of changes.payments) {
      changes.payments.set(id, { ...change, before: seen.payments.get(id) });
    }
    for (const [id, change] of changes.reservations) {
      changes.reservations.set(id, { ...change, before: seen.reservations.get(id) ?? change.before });
    }
    return decision;
  }
}

function asIfPending(payment: PaymentState): PaymentState {
  return { ...payment, status: 'pending' };
}

function asIfPaying(reservation: ReservationState, orders: readonly Order[]): ReservationState {
  const [{ id: paymentId } = { id: null }] = orders;
  return { ...reservation, status: 'paying', paymentId };
}

/** Puts tickets that come back on sale, and leaves them counted as what their user has. */
@Injectable()
export class KeepsCountingUsers extends BrokenForSome {
  protected readonly kinds = ['refund', 'refunded'] as const;

  protected override decide(orders: readonly Order[], seen: Situation): Decision {
    const decision = decide(orders, seen, this.holds);
    decision.changes.counts.clear();
    return decision;
  }
}

/** Takes nothing off the statistics when tickets come back. */
@Injectable()
export class KeepsFigures extends BrokenForSome {
  protected readonly kinds = ['refund', 'refunded'] as const;

  protected override decide(orders: readonly Order[], seen: Situation): Decision {
    return { ...decide(orders, seen, this.holds), figures: new Figures() };
  }
}

/** Puts tickets that come back on sale, and then does so again. */
@Injectable()
export class ReturnsTwice extends BrokenForSome {
  protected readonly kinds = ['refund', 'refunded'] as const;

  protected override decide(orders: readonly Order[], seen: Situation): Decision {
    const decision = decide(orders, seen, this.holds);
    for (const move of decision.changes.moves.values()) move.unsold *= 2;
    return decision;
  }
}

export const BROKEN_PAYMENTS: Readonly<Record<string, Type<Turn>>> = {
  'settles-regardless': SettlesRegardless,
  'keeps-counting-users': KeepsCountingUsers,
  'keeps-figures': KeepsFigures,
  'returns-twice': ReturnsTwice,
};
