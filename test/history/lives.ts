import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { audit } from '../../src/allocation/audit';
import type { Broken } from '../support/instance';
import { codeOf } from '../support/shop';
import { type TwoInstances, withTwoInstances } from '../support/two-instances';
import { type Offer, work, type Work } from './clients';
import { explain } from './explain';
import { keepJournal, readJournal } from './journal';
import { announce, PROGRAMME } from './offers';
import { type Done, isOpen, paymentOf } from './operations';
import type { Rules } from './rules';
import { differencesFrom } from './tables';
import { SLOW_MS } from './wallet';

const RULES: Rules = { holdMs: 1_000, holdMaxMs: 3_000 };
const ENV = { HOLD_SECONDS: '1', HOLD_MAX_SECONDS: '3', PAYMENT_LEASE_SECONDS: '1' };
const INSTANCE = join(__dirname, '..', '..', 'dist-tools', 'test', 'processes', 'history-instance.js');

/** The product with a gateway that can be in trouble; or with a turn that is wrong about money as well. */
export function instanceWith(broken?: string): Broken {
  return { script: INSTANCE, env: broken === undefined ? {} : { BROKEN: broken } };
}

/** What a history is about. */
interface Life extends Omit<Work, 'announce' | 'isEnough'> {
  /** What must have been said, each at least once. */
  readonly said?: readonly string[];
  readonly instance?: Broken;
  /** How often what is over is swept up, in seconds; 0 for never. */
  readonly sweep?: number;
  /** How long it may take until whatever was begun has ended. */
  readonly quietWithinMs?: number;
}

/**
 * Lets clients work on two instances.
 *
 * @param afterwards looks at what has become of it all, when nobody does anything any more
 * @returns what they were told, and what of it cannot be explained
 */
export function live<T>(
  { instance = instanceWith(), sweep = 1, quietWithinMs = 20_000, said = [], ...howMuch }: Life,
  afterwards: (both: TwoInstances) => Promise<T>,
): Promise<{ told: Set<string>; wrongs: string[]; found: T }> {
  const env = { ...ENV, SWEEP_INTERVAL_SECONDS: String(sweep) };
  return withTwoInstances(
    async (both) => {
      const [shop] = both.shops;
      const offers = await Promise.all(PROGRAMME.map((_, kind) => announce(shop, kind)));
      await keepJournal(both.client);
      const isEnough = (done: readonly Done[]): boolean => {
        const told = toldIn(done);
        return said.every((each) => told.has(each));
      };
      const done = await work(both, offers, {
        ...howMuch,
        isEnough,
        announce: (kind) => announce(shop, kind),
      });
      const wrongs = await waitUntilQuiet(both, done, quietWithinMs);
      wrongs.push(...(await wrongsIn(done, offers, both)));
      return { told: toldIn(done), wrongs, found: await afterwards(both) };
    },
    { broken: instance, env },
  );
}

/**
 * Whatever was begun ends, without anybody who asks for it; and what a slow gateway still says is heard, although it
 * changes nothing any more.
 *
 * @returns what did not end
 */
async function waitUntilQuiet(
  { client, now }: TwoInstances,
  done: readonly Done[],
  withinMs: number,
): Promise<string[]> {
  const slow = done.filter(({ operation, answer }) => operation.kind === 'pay' && isOpen(answer));
  await sleep(Math.max(0, ...slow.map(({ answer }) => answer.sentMs + SLOW_MS + 500 - now())));
  const endMs = performance.now() + withinMs;
  for (;;) {
    const { rows } = await client.query<{ line: string }>(
      `SELECT format('payment %s is still %s', id, status) AS line FROM payments WHERE status IN ('pending', 'refunding')
        UNION ALL
       SELECT format('refund %s is not done', id) FROM refunds WHERE done_at IS NULL`,
    );
    if (rows.length === 0) return [];
    if (performance.now() > endMs) return rows.map(({ line }) => line);
    await sleep(50);
  }
}

async function wrongsIn(
  all: readonly Done[],
  offers: readonly Offer[],
  { client }: TwoInstances,
): Promise<string[]> {
  const journal = await readJournal(client);
  const wrongs = (await audit(client)).map(({ sentence }) => sentence);
  for (const { effects } of journal.get('nowhere') ?? [])
    wrongs.push(`the gateway did ${JSON.stringify(effects)} for nobody`);
  for (const { event, options } of offers) {
    const done = all.filter((each) => each.event === event);
    const explained = explain({ done, transactions: journal.get(event) ?? [], options }, RULES);
    wrongs.push(...explained.wrongs, ...(await differencesFrom(explained.model, client, event)));
  }
  return wrongs;
}

function toldIn(all: readonly Done[]): Set<string> {
  return new Set(all.map(nameOf));
}

function nameOf({ operation: { kind }, answer }: Done): string {
  const code = codeOf(answer);
  const isLate = code === 'event_cancelled' && paymentOf(answer) !== undefined;
  return `${kind}: ${code}${isLate ? ' after the charge' : ''}`;
}
