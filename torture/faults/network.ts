import { setTimeout as sleep } from 'node:timers/promises';
import type { Cut } from '../world/proxy';
import { type Fault, someSeat } from './scene';

/** Somebody commits all the time, unless everything stands still. */
const CUT_WITHIN_MS = 3_000;

/** Cuts several connections in the middle of a COMMIT, of either instance. */
export function cutCommits(how: Cut): Fault {
  return async (scene) => {
    let cuts = 0;
    for (let round = 0; round < 4; round += 1) {
      if (await someSeat(scene).proxy.cutNext(how, CUT_WITHIN_MS)) cuts += 1;
      await sleep(scene.random.below(150));
    }
    return cuts > 0 ? Date.now() : undefined;
  };
}

export const cutAll: Fault = (scene) => {
  someSeat(scene).proxy.cutAll();
  return Promise.resolve(Date.now());
};

export const slowDown: Fault = async (scene) => {
  const { proxy } = someSeat(scene);
  proxy.set({ latencyMs: scene.random.below(20), jitterMs: 10 + scene.random.below(60) });
  await sleep(2_000);
  proxy.set();
  return Date.now();
};

/** Nothing comes through any more, and nobody says so: the pool fills with connections that do not answer. */
export const blackHole: Fault = async (scene) => {
  const { proxy } = someSeat(scene);
  proxy.set({ isBlackHole: true });
  await sleep(500 + scene.random.below(3_000));
  proxy.set();
  // Half of what was said is gone; no connection can be used again.
  proxy.cutAll();
  return Date.now();
};

/** Somebody else locks the rows of all events, and what is written to at all, so that every lane and every connection waits. */
export const holdLocks: Fault = async ({ database, random }) => {
  // The server may be down at the moment.
  const client = await database.session().catch(() => undefined);
  if (client === undefined) return undefined;
  try {
    await client.query('BEGIN');
    await client.query("SET LOCAL lock_timeout = '4s'");
    await client.query(
      random.below(2) === 0
        ? 'SELECT FROM ticket_options ORDER BY id FOR UPDATE'
        : 'LOCK TABLE purchases, reservations IN ACCESS EXCLUSIVE MODE',
    );
    await sleep(1_000 + random.below(3_000));
    await client.query('ROLLBACK');
    return Date.now();
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
};
