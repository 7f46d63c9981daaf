import { Injectable } from '@nestjs/common';
import type { Decision } from '../../src/allocation/ledger';
import type { Order, Outcome } from '../../src/allocation/orders';
import type { StockHint } from '../../src/allocation/stock-hint';
import { BrokenTurn } from './broken-turn';

/** Serves every order well, but does not write down which request it was: each retry is a new order. */
@Injectable()
export class ForgetsKeys extends BrokenTurn {
  override serve(orders: readonly Order[], hint: StockHint): Promise<Outcome[]> {
    return this.serveWell(
      orders.map((order) => ({ ...order, key: undefined })),
      hint,
    );
  }

  protected work(): Promise<Decision> {
    throw new Error('not used');
  }
}
