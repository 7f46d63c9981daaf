import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../world/database';
import { comesTrue } from '../world/wait';
import { type Fault, type Scene, someSeat } from './scene';

/** Longer than the database waits for an instance that holds a row (5 s), and than a lease (1 s), now and then. */
const STOPPED_MS = [500, 1_500, 3_000, 6_000];
const BACK_WITHIN_MS = 30_000;

export const killInstance: Fault = async (scene) => {
  const killedMs = Date.now();
  await someSeat(scene).service.crash();
  return killedMs;
};

export const killBoth: Fault = async ({ seats }) => {
  const killedMs = Date.now();
  await Promise.all(seats.map(({ service }) => service.crash()));
  return killedMs;
};

export const killDatabase: Fault = async ({ database }) => {
  const killedMs = Date.now();
  // It may have gone by itself, since its disk was full.
  const wasThere = database.kill();
  await comesBack(database);
  return wasThere ? killedMs : undefined;
};

export const stopInstance: Fault = async (scene) => {
  const { service } = someSeat(scene);
  service.signal('SIGSTOP');
  await sleep(stoppedMs(scene));
  service.signal('SIGCONT');
  return Date.now();
};

export const stopBackend: Fault = async (scene) => {
  const pid = await scene.database.backend().catch(() => undefined);
  if (pid === undefined || !signal(pid, 'SIGSTOP')) return undefined;
  await sleep(stoppedMs(scene));
  signal(pid, 'SIGCONT');
  return Date.now();
};

/** What a statement that takes too long comes to (SQLSTATE 57014), at whatever moment. */
export const cancelStatements: Fault = async ({ database, random }) => {
  let isAny = false;
  for (let round = 0; round < 20; round += 1) {
    const pid = await database.backend().catch(() => undefined);
    if (pid !== undefined) isAny = signal(pid, 'SIGINT') || isAny;
    await sleep(random.below(60));
  }
  return isAny ? Date.now() : undefined;
};

export const fillDisk: Fault = async ({ database, random }) => {
  if (database.disk === undefined) return undefined;
  database.disk.fill();
  await sleep(500 + random.below(1_500));
  database.disk.free();
  const freedMs = Date.now();
  await comesBack(database);
  return freedMs;
};

/** The time of day of an instance's host is wrong by up to an hour, ahead or behind, and then right again. */
export const stepClock: Fault = async (scene) => {
  const { service } = someSeat(scene);
  for (const aheadMs of [scene.random.below(3_600_000), -scene.random.below(3_600_000), 0]) {
    service.step(aheadMs);
    await sleep(700);
  }
  return Date.now();
};

/** @throws when the server does not come back, which it should by itself */
async function comesBack(database: Database): Promise<void> {
  if (await comesTrue(() => database.isUp(), BACK_WITHIN_MS)) return;
  throw new Error(`the database was not back within ${BACK_WITHIN_MS} ms`);
}

function stoppedMs({ random }: Scene): number {
  return random.pick(STOPPED_MS) ?? 0;
}

/** @returns whether there was such a process still */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
