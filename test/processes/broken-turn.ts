import { Inject, Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { Decision } from '../../src/allocation/ledger';
import { eventOf, look, optionsOf, stockOf } from '../../src/allocation/look';
import type { Order, Outcome } from '../../src/allocation/orders';
import type { HoldRules, Situation } from '../../src/allocation/situation';
import { lockStock, STOCK_COLUMNS, type StockRow } from '../../src/allocation/statements';
import type { StockHint } from '../../src/allocation/stock-hint';
import { HOLD_RULES, Turn } from '../../src/allocation/turn';
import { Connections } from '../../src/database/connections';
import { arrayOf, query, statement } from '../../src/database/sql';

/** What a turn that does not lock sees of an option. */
export type Seen = StockRow & { reserved: number; sold: number };

const readWithoutLock = statement<Seen>(
  'read_without_lock',
  `SELECT ${STOCK_COLUMNS}, reserved, sold FROM ticket_options WHERE event_id = $1 AND id = ANY ($2::uuid[])`,
);

/** A turn that is one transaction, in which something is wrong. */
@Injectable()
export abstract class BrokenTurn extends Turn {
  constructor(
    private readonly pool: Connections,
    @Inject(HOLD_RULES) protected readonly holds: HoldRules,
  ) {
    super(pool, holds);
  }

  override serve(orders: readonly Order[], _hint: StockHint): Promise<Outcome[]> {
    return this.pool.transaction(async (client) => [...(await this.work(client, orders)).outcomes]);
  }

  /** Every event by itself, so that nothing gets around what is broken. */
  override serveTogether(groups: readonly unknown[]): Promise<(Outcome[] | null)[]> {
    return Promise.resolve(groups.map(() => null));
  }

  /** Serves orders as the product does, for a turn that is right in part. */
  protected async serveWell([first, ...rest]: readonly Order[], hint: StockHint): Promise<Outcome[]> {
    return first === undefined ? [] : super.serve([first, ...rest], hint);
  }

  /** Decides and writes. */
  protected abstract work(client: PoolClient, orders: readonly Order[]): Promise<Decision>;
}

/** Looks before any lock is taken, and then waits as a busy server lets one wait now and then, so that every race is lost. */
export async function lookAhead(
  client: PoolClient,
  orders: readonly Order[],
): Promise<{ rows: readonly Seen[]; situation: Situation }> {
  const rows = await query(client, readWithoutLock, [eventOf(orders), arrayOf([...optionsOf(orders)])]);
  const situation = await look(client, orders, new Map(rows.map((row) => [row.id, stockOf(row)])));
  await client.query('SELECT pg_sleep(0.25)');
  return { rows, situation };
}

/** Looks as it should be done. */
export async function lockAndLook(client: PoolClient, orders: readonly Order[]): Promise<Situation> {
  const rows = await query(client, lockStock, [eventOf(orders), arrayOf([...optionsOf(orders)])]);
  return look(client, orders, new Map(rows.map((row) => [row.id, stockOf(row)])));
}
