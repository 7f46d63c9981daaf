import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from './failure';
import { type Place } from './place';
import { isPostmasterOf, type Launched, runningPostmaster } from './postmaster';

const LOOK_EVERY_MS = 20;
const FAST_MS = 30_000;
const IMMEDIATE_MS = 5_000;

/**
 * Ends the server that runs on the data, whoever started it, and waits until it is gone: with SIGINT, which
 * disconnects everybody and writes a checkpoint, and only when that takes too long with SIGQUIT, after which
 * the next start recovers from the log.
 */
export async function shutDown(place: Place, log: (sentence: string) => void): Promise<void> {
  const pid = runningPostmaster(place);
  if (pid === undefined) return;
  // Its process, not its pid file, which goes first.
  const isGone = (): boolean => !isPostmasterOf(pid, place);
  if (await endedBy('SIGINT', FAST_MS, pid, isGone)) return;
  log('The database server takes too long to stop; ending it at once, the next start recovers the data.');
  if (await endedBy('SIGQUIT', IMMEDIATE_MS, pid, isGone)) return;
  log(`The database server on ${place.clusterDir} could not be ended; the next start adopts it.`);
}

/** Ends a server process that this process has launched and that does not answer yet. */
export async function giveUp(launched: Launched): Promise<void> {
  if (launched.pid === undefined) return;
  const isGone = (): boolean => launched.ended !== undefined;
  if (await endedBy('SIGINT', FAST_MS, launched.pid, isGone)) return;
  await endedBy('SIGQUIT', IMMEDIATE_MS, launched.pid, isGone);
}

async function endedBy(
  signal: NodeJS.Signals,
  patienceMs: number,
  pid: number,
  isGone: () => boolean,
): Promise<boolean> {
  if (isGone()) return true;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
  const deadline = Date.now() + patienceMs;
  while (!isGone()) {
    if (Date.now() > deadline) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
}
