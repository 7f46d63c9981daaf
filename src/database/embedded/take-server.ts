import { setTimeout as pause } from 'node:timers/promises';
import { type Client } from 'pg';
import { type Binaries } from './binaries';
import { EmbeddedServerError, fullDisk, tellsOfFullDisk, WAY_OUT } from './failure';
import { type Answer, askForOwnership, type EmbeddedConnection } from './owner';
import { type Place } from './place';
import { giveUp } from './shut-down';
import { disarmPidFile, launch, type Launched, logLines, runningPostmaster } from './postmaster';

/** The lock of a killed owner goes when the server notices the closed socket: moments, but not none. */
const TAKEN_PATIENCE_MS = 5_000;
const ASK_EVERY_MS = 25;
const TRY_AGAIN_MS = 250;
/** The server found traces of another one that is still ending: try again. */
const STILL_ENDING = /lock file "postmaster\.pid" (already exists|is empty)|pre-existing shared memory block/;

interface Wanted {
  readonly place: Place;
  readonly binaries: Binaries;
  readonly connection: EmbeddedConnection;
  readonly readyMs: number;
  /** Aborted when the server is no longer wanted; its reason is thrown. */
  readonly signal: AbortSignal;
}

/** A server that answers and whose ownership the client holds. */
interface Taken {
  readonly client: Client;
  readonly adopted: boolean;
}

/**
 * Brings about a server that answers and is ours. Asking comes first: a server that runs is adopted, one that
 * is starting or ending is waited for, and only when there is none is one launched.
 *
 * @throws EmbeddedServerError when another process owns it, it cannot run, or it does not answer in time
 */
export async function takeServer(wanted: Wanted): Promise<Taken> {
  const { connection, place, readyMs, signal } = wanted;
  const deadline = Date.now() + readyMs;
  let launched: Launched | undefined;
  let takenSince: number | undefined;
  for (;;) {
    const answer = await ask(connection, place).catch(async (error: unknown) => {
      if (launched) await giveUp(launched);
      throw error;
    });
    if (answer.state === 'owned') return { client: answer.client, adopted: launched === undefined };
    if (signal.aborted) {
      if (launched) await giveUp(launched);
      throw signal.reason;
    }
    if (answer.state === 'taken') {
      takenSince ??= Date.now();
      if (Date.now() - takenSince > Math.min(TAKEN_PATIENCE_MS, readyMs))
        throw ownedByAnother(place, answer.by);
    } else {
      takenSince = undefined;
      if (Date.now() > deadline) throw notReady(place, answer, readyMs);
    }
    if (launched?.ended !== undefined) {
      checkEnd(place, launched);
      launched = undefined;
      await pause(TRY_AGAIN_MS);
    } else if (answer.state === 'silent') {
      launched ??= launchUnlessRunning(wanted);
    }
    await pause(ASK_EVERY_MS);
  }
}

async function ask(connection: EmbeddedConnection, { clusterDir, passwordFile }: Place): Promise<Answer> {
  try {
    return await askForOwnership(connection);
  } catch (error) {
    throw new EmbeddedServerError(
      `The database server does not take the password in ${passwordFile}; bring back the file that belongs to the data, or move ${clusterDir} away to begin with an empty database.`,
      { cause: error },
    );
  }
}

function launchUnlessRunning({ binaries, connection, place }: Wanted): Launched | undefined {
  if (runningPostmaster(place) !== undefined) return undefined;
  disarmPidFile(place);
  return launch(place, binaries, connection.port);
}

/**
 * Passes a server over that ended because one before it was still ending: that is worth another try.
 *
 * @throws EmbeddedServerError with the reason in the log for any other end
 */
function checkEnd(place: Place, { ended, logOffset }: Launched): void {
  const lines = logLines(place, logOffset);
  if (lines.some((line) => STILL_ENDING.test(line))) return;
  if (lines.some(tellsOfFullDisk)) throw fullDisk(place.dataDir, lines.join('\n'));
  const reason =
    lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? ended ?? 'no reason given';
  throw new EmbeddedServerError(
    `The database server did not start (${reason.trim()}); see ${place.logFile}, or ${WAY_OUT}.`,
  );
}

function ownedByAnother({ dataDir }: Place, by: string): EmbeddedServerError {
  return new EmbeddedServerError(
    `Another Holdfast (${by}) is using the data in ${dataDir}; stop it first, or set DATA_DIR or DATABASE_URL.`,
  );
}

/** The server is left as it is: it may be recovering from a crash, and ending it would only begin that anew. */
function notReady(place: Place, answer: Answer, readyMs: number): EmbeddedServerError {
  const lastLine =
    logLines(place).at(-1)?.trim() ?? (answer.state === 'busy' ? answer.reason : 'its log is empty');
  return new EmbeddedServerError(
    `The database server does not answer after ${readyMs / 1000} s (${lastLine}); see ${place.logFile} and start again, or ${WAY_OUT}.`,
  );
}
