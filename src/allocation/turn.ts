import { Inject, Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { allOf, Connections, decisive } from '../database/connections';
import { GuardError } from '../database/errors';
import { arrayOf, query } from '../database/sql';
import { decide } from './decide';
import type { Decision } from './ledger';
import { look, lookAtStock, lookAtUsers, lookWithoutLock, optionsOf, stockOf } from './look';
import { purchasesById, reservationsById } from './look-at-taken';
import { isPayment, isTake, type Order, type Outcome, type Recorded, type TakeOrder } from './orders';
import { release, type ReleaseNeeds } from './release';
import { countKey, type HoldRules, type Situation, type Stock } from './situation';
import { isKept, readRecorded, writeKeys, writeRefused } from './request-keys';
import { lockStock, lockWidely } from './statements';
import type { StockHint } from './stock-hint';
import { taking } from './take-all';
import { takingTogether } from './take-together';
import { writeDecision } from './write-decision';

/** What the configuration says of holds; a token, so that it can be injected. */
export const HOLD_RULES = Symbol('HoldRules');

type Group = readonly [Order, ...Order[]];
type Takes = readonly [TakeOrder, ...TakeOrder[]];

/** How long a turn for several events waits for a row that somebody else holds locked (milliseconds): they have that event in common, and not the others. */
const LOCK_TOGETHER_MS = 100;

const NOT_ENOUGH_LOCKS = { result: null, statements: [] };

/** Serves one group of orders of one event, in one transaction. */
@Injectable()
export class Turn {
  constructor(
    private readonly connections: Connections,
    @Inject(HOLD_RULES) private readonly rules: HoldRules,
  ) {}

  /**
   * @param orders of one event, in the order in which they arrived
   * @param hint what is known about the options; it chooses the way, never the outcome
   * @returns one outcome for each order, durable
   * @throws NotConnectedError, LostOutcomeError, GuardError or the database's error; then nobody was answered
   */
  async serve(orders: Group, hint: StockHint): Promise<Outcome[]> {
    const [first, ...rest] = orders.filter(isTake);
    if (first === undefined || rest.length + 1 < orders.length) return this.lockAndServe(orders, hint);
    const takes = [first, ...rest] as const;
    let outcomes: Outcome[] | null = null;
    if (!hint.isShort(takes) && hint.mayTakeAll(takes)) outcomes = await this.takeAll(takes, hint);
    if (outcomes === null && hint.isShort(takes)) outcomes = await this.refuseUnlessSomebodyFits(takes, hint);
    return outcomes ?? (await this.lockAndServe(orders, hint));
  }

  /**
   * Serves the groups of several events in one transaction, as far as each gets all that it wants.
   *
   * @param groups each of another event, which {@link StockHint.mayJoin}
   * @returns the outcomes of each group, durable; null for one that is to be served by itself, of which nothing was changed
   * @throws as {@link serve}; for a row that is locked for long the database's error 55P03
   */
  async serveTogether(groups: readonly Takes[], hint: StockHint): Promise<(Outcome[] | null)[]> {
    const taking = takingTogether(groups, hint.stock, this.rules.holdMs);
    const send = (client: PoolClient) => [taking.lock(client), taking.send(client)] as const;
    const taken = await this.connections.flight(send, LOCK_TOGETHER_MS);
    for (const { optionId, outcomes, stock } of taken) {
      hint.rememberTry([optionId], outcomes !== null);
      if (stock !== null) hint.remember(new Map([[optionId, stock]]));
    }
    return taken.map(({ outcomes }) => outcomes);
  }

  /**
   * The same for orders that were sent before and whose outcome is not known. Those that got through recognise
   * themselves under the locks; the others are decided like new ones.
   */
  async serveAgain(orders: Group, hint: StockHint): Promise<Outcome[]> {
    return this.lockAndServe(orders, hint, true);
  }

  /**
   * The fast way, for as long as everybody gets what they want: one flight, and nothing is decided here.
   *
   * @returns null when somebody may not have it; then nothing was changed
   */
  private async takeAll(orders: Takes, hint: StockHint): Promise<Outcome[] | null> {
    const { optionIds, send } = taking(orders, hint.stock, this.rules.holdMs);
    const lock = (client: PoolClient) => query(client, lockStock, [orders[0].eventId, arrayOf(optionIds)]);
    try {
      const outcomes =
        optionIds.length === 1
          ? // One statement, which is its own transaction.
            await this.connections.use((client) => decisive(client, () => send(client)))
          : await this.connections.flight((client) => [lock(client), send(client)]);
      hint.rememberTry(optionIds, true);
      return outcomes;
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      hint.rememberTry(optionIds, false);
      return null;
    }
  }

  /**
   * Sold out is answered without a lock, which would write and flush: a plain read that leaves nothing for anybody
   * is enough to refuse. What is over counts as left.
   *
   * @returns null when somebody may get tickets
   */
  private async refuseUnlessSomebodyFits(orders: Takes, hint: StockHint): Promise<Outcome[] | null> {
    const situation =
      (await this.connections.use((client) => lookAtStock(client, orders))) ??
      (await this.connections.snapshot((client) => lookWithoutLock(client, orders)));
    hint.remember(situation.stock);
    const { outcomes } = decide(orders, situation, this.rules);
    if (!outcomes.every(({ refused }) => refused !== undefined)) return null;
    return this.keepRefused(orders, outcomes);
  }

  /** Writes down what is to be kept of refusals. Without a lock: whoever was first with a key is found by it. */
  private async keepRefused(orders: Group, outcomes: readonly Outcome[]): Promise<Outcome[]> {
    const keyed = orders.flatMap((order, index) => {
      const outcome = outcomes[index];
      return order.key === undefined || outcome === undefined ? [] : [[order, outcome] as const];
    });
    if (keyed.length === 0) return [...outcomes];
    const others = await this.connections.use((client) =>
      decisive(client, () => writeRefused(client, orders[0].eventId, keyed)),
    );
    return orders.map((order, index) => {
      const known = others.get(order.key?.id ?? '');
      return known === undefined ? (outcomes[index] ?? never(order)) : { known };
    });
  }

  /** The general way: lock, then look, then decide, then write. */
  private async lockAndServe(orders: Group, hint: StockHint, mayBeMade = false): Promise<Outcome[]> {
    const eventId = orders[0].eventId;
    for (let widely = hint.needsWideLocks(eventId); ; widely = true) {
      const outcomes = await this.connections.pipeline((client, begun) =>
        this.attempt(client, begun, orders, hint, { widely, mayBeMade }),
      );
      if (outcomes !== null) return outcomes;
    }
  }

  /** @returns no outcomes when the locks were too narrow for what turned out to be necessary. */
  private async attempt(
    client: PoolClient,
    begun: Promise<unknown>,
    orders: Group,
    hint: StockHint,
    { widely, mayBeMade }: { widely: boolean; mayBeMade: boolean },
  ): Promise<{ result: Outcome[] | null; statements: Promise<unknown>[] }> {
    const [{ eventId }] = orders;
    const options = arrayOf([...optionsOf(orders)]);
    const [, rows, users] = await allOf([
      begun,
      query(client, widely ? lockWidely : lockStock, [eventId, options]),
      // Starts when the locks are held. Whose limits matter is a guess until they are.
      lookAtUsers(client, orders, hint.stock),
    ]);
    const stock: ReadonlyMap<string, Stock> = new Map(rows.map((row) => [row.id, stockOf(row)]));
    hint.remember(stock);
    const countsEvent = rows.some((row) => row.event_counts_users);
    if (countsEvent && !widely && !orders.every(isPayment)) return NOT_ENOUGH_LOCKS;
    const recorded = await readRecorded(client, orders, mayBeMade);
    const made = mayBeMade ? await recogniseMade(client, eventId, orders) : new Map<Order, Outcome>();
    for (const order of orders) recogniseKey(order, recorded, made);
    const open = made.size === 0 ? orders : orders.filter((order) => !made.has(order));
    const situation = await look(client, open, stock, users, mayBeMade);
    const decision = decide(open, situation, this.rules);

    const needs = needsOf(decision, situation);
    const mustRelease = needs.tickets.size > 0 || needs.users.length > 0;
    const recounts = countsEvent && decision.changes.counts.size + decision.takes.counts.size > 0;
    if ((mustRelease || recounts) && !widely) return NOT_ENOUGH_LOCKS;
    hint.rememberLocks(eventId, mustRelease || recounts);
    if (mustRelease) await release(client, eventId, situation.now, needs);

    const decided = new Map(
      open.map((order, index) => [order, decision.outcomes[index] ?? never(order)] as const),
    );
    const written = writeDecision(client, eventId, situation.now, decision);
    // Where nothing is changed, nobody will have to recognise what he did.
    const toKeep = [...decided].filter(([{ key }]) => written.length > 0 || key?.isOwn !== true);
    return {
      result: orders.map((order) => made.get(order) ?? decided.get(order) ?? never(order)),
      statements: [...written, ...keepKeys(client, eventId, toKeep, recorded)],
    };
  }
}

/**
 * @returns what became of the orders that have had their effect already; by order, since several can be about the same reservation.
 *   Only right under the locks.
 */
async function recogniseMade(
  client: PoolClient,
  eventId: string,
  orders: readonly Order[],
): Promise<Map<Order, Outcome>> {
  const made = new Map<Order, Outcome>();
  const takes = new Map(orders.filter(isTake).map((order) => [order.id, order]));
  const ids = [...takes.keys()];
  if (ids.length === 0) return made;
  for (const [id, { createdAt, unitPriceCents }] of await purchasesById(client, eventId, ids)) {
    const order = takes.get(id);
    if (order !== undefined) made.set(order, { made: { createdAt, unitPriceCents } });
  }
  for (const [id, reservation] of await reservationsById(client, eventId, ids)) {
    const order = takes.get(id);
    if (order !== undefined) made.set(order, { made: reservation });
  }
  return made;
}

/** A request that was decided before is not decided again, unless its own payment has yet to be charged. */
function recogniseKey(
  order: Order,
  recorded: ReadonlyMap<string, Recorded>,
  made: Map<Order, Outcome>,
): void {
  const known = recorded.get(order.key?.id ?? '');
  if (known === undefined || (order.kind === 'pay' && known.resourceId === order.id)) return;
  if (!made.has(order)) made.set(order, { known });
}

/** Sends the keys of the orders that were decided now. */
function keepKeys(
  client: PoolClient,
  eventId: string,
  decided: readonly (readonly [Order, Outcome])[],
  recorded: ReadonlyMap<string, Recorded>,
): Promise<unknown>[] {
  const kept = decided.filter(([{ key }, outcome]) => isKept(key, outcome) && !recorded.has(key?.id ?? ''));
  return kept.length === 0 ? [] : [writeKeys(client, eventId, kept)];
}

/** @returns what must be given back before the decision can be written: it counted on what is over. */
function needsOf({ takes, changes }: Decision, situation: Situation): ReleaseNeeds {
  const tickets = new Map<string, number>();
  for (const [id, { sold, held }] of takes.moves) {
    const { freed = 0, unsold = 0 } = changes.moves.get(id) ?? {};
    const missing = sold + held - freed - unsold - (situation.stock.get(id)?.remaining ?? 0);
    if (missing > 0) tickets.set(id, missing);
  }
  const users = new Set<string>();
  for (const [key, { userId, scope, tickets: more }] of takes.counts) {
    const has = (situation.userCounts.get(countKey(userId, scope.id)) ?? 0) + more;
    if (scope.limit !== null && has - (changes.counts.get(key)?.tickets ?? 0) > scope.limit)
      users.add(userId);
  }
  return { tickets, users: [...users] };
}

function never(order: Order): never {
  throw new Error(`order ${order.id} was not decided`);
}
