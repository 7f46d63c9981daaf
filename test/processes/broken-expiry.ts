import { Inject, Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { decide } from '../../src/allocation/decide';
import type { Decision } from '../../src/allocation/ledger';
import { eventOf, optionsOf, readClock } from '../../src/allocation/look';
import { isTake, type Order, type Outcome } from '../../src/allocation/orders';
import { release } from '../../src/allocation/release';
import type { HoldRules } from '../../src/allocation/situation';
import { lockWidely } from '../../src/allocation/statements';
import type { StockHint } from '../../src/allocation/stock-hint';
import { HOLD_RULES, Turn } from '../../src/allocation/turn';
import { writeDecision } from '../../src/allocation/write-decision';
import { allOf, Connections } from '../../src/database/connections';
import { arrayOf, query } from '../../src/database/sql';
import { BrokenTurn, lockAndLook } from './broken-turn';

/** How much a clock is ahead, and how much one is behind: whoever comes late on a busy machine comes in time by that one. */
const AHEAD_MS = 600;
const BEHIND_MS = 5_000;

/** Leaves it to the sweep to give back what is over, and knows nothing of it until then. */
@Injectable()
export class ForgetsExpiry extends BrokenTurn {
  protected override async work(client: PoolClient, orders: readonly Order[]): Promise<Decision> {
    const seen = await lockAndLook(client, orders);
    const stock = new Map([...seen.stock].map(([id, each]) => [id, { ...each, over: 0 }]));
    const decision = decide(orders, { ...seen, stock, userOver: new Map() }, this.holds);
    await allOf(writeDecision(client, eventOf(orders), seen.now, decision));
    return decision;
  }
}

/** Gives back by a clock that is ahead. */
@Injectable()
export class ReleasesTooEarly extends Turn {
  constructor(
    private readonly pool: Connections,
    @Inject(HOLD_RULES) holds: HoldRules,
  ) {
    super(pool, holds);
  }

  override async serve(orders: readonly [Order, ...Order[]], hint: StockHint): Promise<Outcome[]> {
    await this.pool.transaction(async (client) => {
      const options = [...optionsOf(orders)];
      await query(client, lockWidely, [eventOf(orders), arrayOf(options)]);
      const ahead = new Date((await readClock(client)).getTime() + AHEAD_MS);
      const tickets = new Map(options.map((id) => [id, 1_000]));
      await release(client, eventOf(orders), ahead, { tickets, users: [] });
    });
    return super.serve(orders, hint);
  }

  override serveTogether(groups: readonly unknown[]): Promise<(Outcome[] | null)[]> {
    return Promise.resolve(groups.map(() => null));
  }
}

/** Extends and cancels by a clock that is behind. */
@Injectable()
export class ChangesTooLate extends BrokenTurn {
  override async serve(orders: readonly Order[], hint: StockHint): Promise<Outcome[]> {
    const takes = orders.filter(isTake);
    const changes = orders.filter((order) => !isTake(order));
    const taken = await this.serveWell(takes, hint);
    const changed = changes.length === 0 ? [] : await super.serve(changes, hint);
    return orders.flatMap((order) => (isTake(order) ? taken : changed).splice(0, 1));
  }

  protected override async work(client: PoolClient, orders: readonly Order[]): Promise<Decision> {
    const seen = await lockAndLook(client, orders);
    const behind = new Date(seen.now.getTime() - BEHIND_MS);
    const decision = decide(orders, { ...seen, now: behind }, this.holds);
    await allOf(writeDecision(client, eventOf(orders), behind, decision));
    return decision;
  }
}
