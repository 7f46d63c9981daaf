import { randomUUID } from 'node:crypto';
import { Injectable, type Type } from '@nestjs/common';
import { Allocation } from '../src/allocation/allocation';
import type { Outcome, PurchaseMade } from '../src/allocation/orders';
import { createApp } from '../src/app';
import { loadConfig } from '../src/config';
import { DatabaseService } from '../src/database/database.service';
import { withClient } from '../bench/databases';
import { soldOutDifferences } from '../bench/differences';
import { ticketOption } from '../bench/documents';
import { STRATEGY_KEYS, type StrategyKey, SUBJECT_TITLES } from '../bench/plan';
import { STRATEGIES } from '../bench/strategies';
import { STRATEGY_CLASSES } from '../bench/strategies/classes';
import { fold } from '../bench/strategies/stock';
import { type Sold, Strategy, type Wanted } from '../bench/strategies/strategy';
import { verify } from '../bench/verify';
import { createTestDatabase, type TestDatabase } from './support/database';
import { overriding } from './support/overriding';

const TICKETS = 25;
const JSON_API = 'application/vnd.api+json';

/** Recounts without the lock: what the advisory lock of (e) is for. */
@Injectable()
class RecountWithoutLock extends Strategy {
  protected override sell(wanted: Wanted): Promise<Outcome<PurchaseMade>> {
    const { id, eventId, ticketOptionId, userId, quantity } = wanted;
    return this.connections.use(async (client) => {
      const { rows: counts } = await client.query<{ fits: boolean }>(
        `SELECT allocation - $2 >= (SELECT coalesce(sum(quantity), 0) FROM purchases WHERE ticket_option_id = $1) AS fits
           FROM ticket_options WHERE id = $1`,
        [ticketOptionId, quantity],
      );
      if (counts[0]?.fits !== true) return this.refused(client, wanted);
      const { rows } = await client.query<Sold>(
        `INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
         VALUES ($1, $2, $3, $4, $5, 0, clock_timestamp()) RETURNING created_at, unit_price_cents`,
        [id, eventId, ticketOptionId, userId, quantity],
      );
      return this.made(rows[0], wanted, client);
    });
  }
}

describe('the ways to sell that Holdfast is compared with', () => {
  let database: TestDatabase;
  let stop: () => Promise<void>;
  afterEach(async () => {
    await stop();
    await database.drop();
  });

  /** The same application with another way to sell. @returns where it listens */
  async function start(key: StrategyKey, strategy: Type<Strategy> = STRATEGY_CLASSES[key]): Promise<string> {
    database = await createTestDatabase();
    const config = loadConfig({ LOG_LEVEL: 'silent', SWEEP_INTERVAL_SECONDS: '0' });
    const { nest } = await createApp(config, database.url, overriding(Allocation, strategy));
    stop = () => nest.close();
    await withClient(database.url, async (client) => {
      for (const text of STRATEGIES[key].stock?.setUp ?? []) await client.query(text);
    });
    await nest.listen(0, '127.0.0.1');
    await nest.get(DatabaseService).start();
    return nest.getUrl();
  }

  async function post(url: string, path: string, document: object): Promise<{ status: number; id: string }> {
    const body = JSON.stringify(document);
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': JSON_API },
      body,
    });
    const { data } = (await answer.json()) as { data?: { id: string } };
    return { status: answer.status, id: data?.id ?? '' };
  }

  /** Many buyers at once. @returns how many were answered 201 and 400, and what the bench has to say of it */
  async function sellOut(key: StrategyKey, url: string, buyers: number, quantity: number) {
    const { id } = await post(url, '/ticket_options', ticketOption({ allocation: TICKETS }));
    const { stock, isForgetful } = STRATEGIES[key];
    const fill = stock?.fill;
    if (fill !== undefined) await withClient(database.url, (client) => client.query(fill, [id]));
    const answers = await Promise.all(
      Array.from({ length: buyers }, () => post(url, '/purchases', wish(id, quantity))),
    );
    const statuses: Record<string, number> = {};
    for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
    const problems: string[] = [];
    if (stock !== undefined) {
      problems.push(...(await withClient(database.url, (client) => fold(client, stock, id))));
    }
    const sale = { allocation: TICKETS, quantity, result: { statuses, unanswered: 0 } };
    const verified = await verify(database.url, [id], sale);
    if (isForgetful !== true) problems.push(...verified.problems);
    return { statuses, problems, purchased: verified.counted[0]?.purchased };
  }

  function wish(option: string, quantity: number): object {
    return {
      data: {
        type: 'purchases',
        attributes: { quantity },
        relationships: {
          ticket_option: { data: { type: 'ticket_options', id: option } },
          user: { data: { type: 'users', id: randomUUID() } },
        },
      },
    };
  }

  it.each(STRATEGY_KEYS.map((key) => [key, SUBJECT_TITLES[key]] as const))(
    '(%s) %s sells the last tickets exactly once each',
    async (key) => {
      const { statuses, problems, purchased } = await sellOut(key, await start(key), 120, 1);
      expect(statuses).toEqual({ 201: TICKETS, 400: 120 - TICKETS });
      expect(problems).toEqual([]);
      expect(purchased).toBe(STRATEGIES[key].isForgetful === true ? 0 : TICKETS);
    },
  );

  // (f) may refuse what somebody else lets go a moment later; the others are exact.
  it.each(STRATEGY_KEYS.filter((key) => key !== 'f').map((key) => [key, SUBJECT_TITLES[key]] as const))(
    '(%s) %s sells pairs as long as there are two, and never one of them',
    async (key) => {
      const { statuses, problems } = await sellOut(key, await start(key), 40, 2);
      expect(statuses).toEqual({ 201: 12, 400: 28 });
      expect(problems).toEqual([]);
    },
  );

  it('(f) a row per ticket never sells half of a pair, nor a ticket twice', async () => {
    const { statuses, problems } = await sellOut('f', await start('f'), 40, 2);
    expect(statuses[201]).toBeGreaterThan(0);
    expect(statuses[201]).toBeLessThanOrEqual(12);
    expect(problems).toEqual([]);
  });

  it('finds a way to sell that looks before it locks', async () => {
    const { statuses, problems, purchased } = await sellOut(
      'e',
      await start('e', RecountWithoutLock),
      120,
      1,
    );
    const confirmed = statuses[201] ?? 0;
    expect(confirmed).toBeGreaterThan(TICKETS);
    expect(soldOutDifferences(TICKETS, confirmed, purchased ?? NaN)).not.toEqual([]);
    expect(problems).not.toEqual([]);
  });
});
