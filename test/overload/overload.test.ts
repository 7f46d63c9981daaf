import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase } from '../support/database';
import { Instance } from '../support/instance';
import { Shop } from '../support/shop';
import { crowd, reservationOf } from './crowd';

const PROCESSES = join(__dirname, '..', '..', 'dist-tools', 'test', 'processes');
/** Both work part-time: crowd, database and other tests share the processors, and must not be what is overloaded. */
const GUARDED = join(PROCESSES, 'part-time-instance.js');
const UNGUARDED = join(PROCESSES, 'unguarded-instance.js');

/** What a closed loop with so many connections gets is the top speed: no more are worked on at once. */
const AT_TOP = 512;
/** Until the engine has compiled what is hot, which takes longer part-time. */
const WARM_SECONDS = 6;
/** Seconds' worth of what can be served: whoever comes finds a connection, and who is let in behind all of them waits for too long. */
const CONNECTED_SECONDS = 3;
const OVERLOAD_SECONDS = 6;
/** As many as a reservation can have. The more there is to do for a request, the less counts what it costs to refuse one. */
const KINDS = 20;

/**
 * Asks for the top speed, then sends some, then twice the top speed, then some again.
 *
 * @returns the share of the top speed that was kept, and what else the promise speaks of
 */
async function overload(script: string) {
  const database = await createTestDatabase();
  const instance = await Instance.start({ DATABASE_URL: database.url, LOG_LEVEL: 'info' }, script);
  const shop = new Shop(instance.url);
  const port = Number(new URL(instance.url).port);
  const request = await reservationOf(KINDS, shop);
  const closed = { port, request, connections: AT_TOP, phases: [{ perSecond: 100_000, seconds: 3 }] };
  await crowd({ ...closed, phases: [{ perSecond: 100_000, seconds: WARM_SECONDS }] });
  const [top] = await crowd(closed);
  const speed = top?.servedPerSecond ?? NaN;

  const watch = { isOver: false };
  const health = { slowestMs: 0, failed: 0 };
  const watching = (async () => {
    while (!watch.isOver) {
      const { status, sentMs, answeredMs } = await shop.get('/health/live');
      health.slowestMs = Math.max(health.slowestMs, answeredMs - sentMs);
      if (status !== 200) health.failed += 1;
      await sleep(100);
    }
  })();
  const phases = [
    { perSecond: 0.3 * speed, seconds: 3 },
    { perSecond: 2 * speed, seconds: OVERLOAD_SECONDS },
    { perSecond: 0.3 * speed, seconds: 5 },
    { perSecond: 0.3 * speed, seconds: 3 },
  ];
  const connections = Math.round(CONNECTED_SECONDS * speed);
  const [before, during, , after] = await crowd({ port, request, connections, phases });
  watch.isOver = true;
  await watching;
  shop.close();
  await instance.end();
  await database.drop();
  if (before === undefined || during === undefined || after === undefined) throw new Error('no figures');
  return { kept: during.servedPerSecond / speed, before, during, after, health };
}

/** It was 0.65 to 0.80 on a quiet machine; without the waiting room 0.57 and 0.60, and refusals came after 4.9 s. */
const KEPT = 0.4;
const REFUSED_WITHIN_MS = 2_000;
/** Who is let in has waited as long as who is refused, and is served then, behind all those inside. */
const SERVED_WITHIN_MS = 3_000;

type Figures = Awaited<ReturnType<typeof overload>>;

/** @returns what of the promise was broken */
function broken({ kept, before, during, after, health }: Figures): string[] {
  return [
    ...(kept < KEPT ? [`only ${kept.toFixed(2)} of the top speed`] : []),
    ...(during.refused.p99Ms > REFUSED_WITHIN_MS ? [`refusals after ${during.refused.p99Ms} ms`] : []),
    ...(during.served.p99Ms > SERVED_WITHIN_MS ? [`successes after ${during.served.p99Ms} ms`] : []),
    ...(during.lost + after.lost > 0 ? [`${during.lost + after.lost} without an answer`] : []),
    ...(Object.keys(during.statuses).some((status) => !['201', '503'].includes(status))
      ? ['other answers']
      : []),
    ...(after.served.p99Ms > 3 * before.served.p99Ms + 100
      ? [`p99 ${after.served.p99Ms} ms afterwards`]
      : []),
    ...(after.refused.maxMs > 0 ? ['refusals afterwards'] : []),
    ...(health.failed > 0 || health.slowestMs > REFUSED_WITHIN_MS
      ? [`health after ${health.slowestMs} ms`]
      : []),
  ];
}

/** A scene in which the machine stands still breaks the promise too; a service that breaks it does so in each. */
const SCENES = 3;

test('with twice the load that it can serve it goes on at its speed, refuses the rest in time, and recovers', async () => {
  for (let scene = 1; ; scene += 1) {
    try {
      const figures = await overload(GUARDED);
      expect({ broken: broken(figures), figures }).toEqual({ broken: [], figures });
      expect(figures.during.statuses['503']).toBeGreaterThan(0);
      return;
    } catch (error) {
      if (scene === SCENES) throw error;
    }
  }
}, 240_000);

test('without its waiting room the same load breaks the promise', async () => {
  const figures = await overload(UNGUARDED);
  expect({ broken: broken(figures), figures }).not.toEqual({ broken: [], figures });
}, 90_000);
