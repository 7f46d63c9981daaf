import type { Client } from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import { withClient } from './databases';
import { DISTINCT_ID } from './load/distinct-ids';
import { reserveForMany } from './expiring-holds';
import { unexpected } from './measure';
import { STORM } from './plan';
import { load } from './servers';
import type { Shop } from './subjects';
import { speedBetween, type Timeline } from './load/timeline';
import { auditOf, verify } from './verify';
import { makeOptions, WORKLOADS } from './workloads';

/** Reservations of one event that are over at the same instant. */
const HOLDS = 100_000;
/** How long they last: to write them and count them again, and to sell in peace for a while. */
const AHEAD_SECONDS = 25;
const WARM_UP_SECONDS = 3;
/** How long the sale is measured before they are over, and afterwards. */
const ALONE_SECONDS = 5;
/** How long giving them back may take before it counts as never. */
const PATIENCE_SECONDS = 10;

/** What one expiry took, and what it cost the sale of another event. */
export interface ExpiryRound {
  /** From the instant until the last of them was given back; null if that did not come. */
  readonly seconds: number | null;
  /** Sales a second before the instant, until everything was given back, and afterwards. */
  readonly before: number;
  readonly during: number;
  readonly after: number;
}

/**
 * A hundred thousand reservations of one event run out together, each with a user who is counted, while another
 * event sells as fast as it can.
 */
export async function measureExpiry({
  databaseUrl,
  server: { port },
}: Shop): Promise<ExpiryRound & { readonly problems: readonly string[] }> {
  const [reserved = ''] = await makeOptions(port, { ...WORKLOADS.reserve, allocation: HOLDS });
  const forSale = await makeOptions(port, WORKLOADS.hot_option);
  const holds = { users: HOLDS, aheadSeconds: AHEAD_SECONDS };
  const at = (await reserveForMany(databaseUrl, reserved, holds)).getTime();
  const problems = await auditOf(databaseUrl);

  await wait(at - 1000 * (ALONE_SECONDS + WARM_UP_SECONDS) - Date.now());
  const { path, document, allocation } = WORKLOADS.hot_option;
  const body = JSON.stringify(document?.(forSale, DISTINCT_ID));
  const [result, doneAt] = await Promise.all([
    load({
      ports: [port],
      connections: STORM,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds: 2 * ALONE_SECONDS + PATIENCE_SECONDS,
      request: { method: 'POST', path, body },
    }),
    withClient(databaseUrl, (client) => whenGivenBack(client, reserved, at + 1000 * PATIENCE_SECONDS)),
  ]);

  problems.push(...unexpected(result, [201]));
  problems.push(...(await verify(databaseUrl, forSale, { allocation, quantity: 1, result })).problems);
  problems.push(...(await leftovers(databaseUrl, reserved)));
  return {
    ...speeds(result.timeline, at, doneAt),
    problems: problems.map((problem) => `expiry: ${problem}`),
  };
}

/** The servers' clock and this process's are taken for the same, as on one machine they are. */
function speeds(timeline: Timeline, at: number, doneAt: number | null) {
  const endAt = doneAt ?? at + 1000 * PATIENCE_SECONDS;
  const between = (from: number, until: number) => Math.round(speedBetween(timeline, from, until));
  return {
    seconds: doneAt === null ? null : (doneAt - at) / 1000,
    before: between(at - 1000 * ALONE_SECONDS, at),
    during: between(at, endAt),
    after: between(endAt, endAt + 1000 * ALONE_SECONDS),
  };
}

/** Asks often, but for one row only: the counter moves in the transaction that gives the holds back. */
async function whenGivenBack(
  client: Client,
  ticketOptionId: string,
  untilMs: number,
): Promise<number | null> {
  for (;;) {
    const { rows } = await client.query<{ reserved: number; now: Date }>({
      name: 'reserved',
      text: 'SELECT reserved, clock_timestamp() AS now FROM ticket_options WHERE id = $1',
      values: [ticketOptionId],
    });
    const [row] = rows;
    if (row === undefined) throw new Error('the ticket option is gone');
    if (row.reserved === 0) return row.now.getTime();
    if (row.now.getTime() > untilMs) return null;
    await wait(25);
  }
}

/** Nothing of it may be left: no hold, and no user who is counted with one. */
async function leftovers(databaseUrl: string, ticketOptionId: string): Promise<string[]> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ holds: number; tickets: number }>(
      `SELECT (SELECT count(*)::int FROM holds WHERE ticket_option_id = $1) AS holds,
              (SELECT coalesce(sum(tickets), 0)::int FROM user_counts WHERE scope_id = $1) AS tickets`,
      [ticketOptionId],
    ),
  );
  const { holds = NaN, tickets = NaN } = rows[0] ?? {};
  return holds + tickets === 0 ? [] : [`${holds} holds are left, users are counted with ${tickets} tickets`];
}
