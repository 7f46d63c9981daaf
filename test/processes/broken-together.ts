import { Injectable } from '@nestjs/common';
import type { Outcome, ReservationState, TakeOrder } from '../../src/allocation/orders';
import type { StockHint } from '../../src/allocation/stock-hint';
import { Turn } from '../../src/allocation/turn';

/** Serves several events together, and confirms to all of them what only some got. */
@Injectable()
export class ConfirmsAll extends Turn {
  override async serveTogether(
    groups: readonly (readonly [TakeOrder, ...TakeOrder[]])[],
    hint: StockHint,
  ): Promise<Outcome[][]> {
    const outcomes = await super.serveTogether(groups, hint);
    return groups.map((orders, index) => outcomes[index] ?? orders.map((order) => ({ made: madeOf(order) })));
  }
}

function madeOf({ kind, id, userId, items }: TakeOrder) {
  const createdAt = new Date();
  if (kind === 'buy') return { createdAt, unitPriceCents: 0 };
  const reservation: ReservationState = {
    ...{ id, userId, status: 'active', createdAt, expiresAt: new Date(createdAt.getTime() + 900_000) },
    items: items.map((item) => ({ ...item, unitPriceCents: 0 })),
    paymentId: null,
    purchaseIds: null,
  };
  return reservation;
}
