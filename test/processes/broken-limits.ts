import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { decide } from '../../src/allocation/decide';
import type { Decision } from '../../src/allocation/ledger';
import { eventOf } from '../../src/allocation/look';
import { isTake, type Order, type Outcome } from '../../src/allocation/orders';
import type { Stock } from '../../src/allocation/situation';
import type { StockHint } from '../../src/allocation/stock-hint';
import { Turn } from '../../src/allocation/turn';
import { writeDecision } from '../../src/allocation/write-decision';
import { allOf } from '../../src/database/connections';
import { BrokenTurn, lockAndLook, lookAhead } from './broken-turn';

/**
 * Reads the stock, decides in the process and writes the absolute value: what most shops do. The counters always
 * add up, so the CHECKs have nothing to say; the updates of two instances overwrite each other.
 */
@Injectable()
export class StockBeforeLock extends BrokenTurn {
  protected override async work(client: PoolClient, orders: readonly Order[]): Promise<Decision> {
    const { rows, situation } = await lookAhead(client, orders);
    const decision = decide(orders, { ...situation, stock: withoutOver(situation.stock) }, this.holds);
    const { takes, changes } = decision;
    const eventId = eventOf(orders);
    const onlyRows = { ...takes, moves: new Map(), counts: new Map() };
    await allOf(writeDecision(client, eventId, situation.now, { ...decision, takes: onlyRows }));
    for (const { id, reserved, sold, remaining } of rows) {
      const took = takes.moves.get(id) ?? { held: 0, sold: 0 };
      const held = took.held - (changes.moves.get(id)?.freed ?? 0);
      await client.query('UPDATE ticket_options SET remaining = $2, reserved = $3, sold = $4 WHERE id = $1', [
        id,
        remaining - held - took.sold,
        reserved + held,
        sold + took.sold,
      ]);
    }
    return decision;
  }
}

/** Locks the stock as it should, but looks at all else before: what users have, limits, whether the event is cancelled. */
@Injectable()
export class RestBeforeLock extends BrokenTurn {
  protected override async work(client: PoolClient, orders: readonly Order[]): Promise<Decision> {
    const { situation: before } = await lookAhead(client, orders);
    const now = await lockAndLook(client, orders);
    const stock = new Map(
      [...before.stock].map(([id, each]) => [id, { ...each, remaining: now.stock.get(id)?.remaining ?? 0 }]),
    );
    const { userCounts, userOver } = before;
    const decision = decide(orders, { ...now, userCounts, userOver, stock: withoutOver(stock) }, this.holds);
    const { takes } = decision;
    const eventId = eventOf(orders);
    const uncounted = { ...takes, counts: new Map() };
    await allOf(writeDecision(client, eventId, now.now, { ...decision, takes: uncounted }));
    for (const { userId, scope, tickets } of takes.counts.values()) {
      await client.query(
        `INSERT INTO user_counts AS c (user_id, scope_id, event_id, tickets) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, scope_id, event_id) DO UPDATE SET tickets = c.tickets + excluded.tickets`,
        [userId, scope.id, eventId, tickets],
      );
    }
    return decision;
  }
}

/** Answers everybody at once and writes a little later: what a cache in front of the database does. */
@Injectable()
export class AnswerBeforeCommit extends Turn {
  override serve(orders: readonly [Order, ...Order[]], hint: StockHint): Promise<Outcome[]> {
    setTimeout(() => void super.serve(orders, hint), 50);
    const createdAt = new Date();
    const expiresAt = new Date(createdAt.getTime() + 900_000);
    const outcomes = orders.filter(isTake).map(({ id, kind, userId, items: wanted }): Outcome => {
      if (kind === 'buy') return { made: { createdAt, unitPriceCents: 0 } };
      const items = wanted.map((item) => ({ ...item, unitPriceCents: 0 }));
      return { made: { id, userId, status: 'active', createdAt, expiresAt, items } };
    });
    return Promise.resolve(outcomes);
  }

  override serveTogether(groups: readonly unknown[]): Promise<(Outcome[] | null)[]> {
    return Promise.resolve(groups.map(() => null));
  }
}

/** These have no way to give anything back, so they do not count on it. */
function withoutOver(stock: ReadonlyMap<string, Stock>): Map<string, Stock> {
  return new Map([...stock].map(([id, each]) => [id, { ...each, over: 0 }]));
}
