import { setTimeout as pause } from 'node:timers/promises';
import { type Client } from 'pg';
import { type Binaries, findBinaries, runnableBinaries } from './binaries';
import { clusterExists, createCluster } from './cluster';
import { EmbeddedServerError, messageOf } from './failure';
import { createDatabase, doNotHoldUpExit, type EmbeddedConnection } from './owner';
import { passwordIn } from './password';
import { openPlace, type Place } from './place';
import { shutDown } from './shut-down';
import { takeServer } from './take-server';

/** Names the socket file only: there is no TCP. */
const PORT = 5432;
const NAME = 'holdfast';
const READY_MS = 30_000;
const RESTART_AFTER_MS = 200;
const RESTART_AFTER_AT_MOST_MS = 5_000;

export interface EmbeddedServerOptions {
  /** Where the data is kept between runs; made when it is missing. */
  readonly dataDir: string;
  /** Told what a person should know, a sentence each. */
  readonly log?: (sentence: string) => void;
  /** How long the server may take until it answers. */
  readonly readyMs?: number;
}

/**
 * A real PostgreSQL server of the service's own, for those who have none: on a Unix socket only, with its data
 * in a folder. One process owns it at a time; the server outlives a `kill -9` of its owner and is then adopted
 * by the next.
 */
export class EmbeddedServer {
  readonly connection: EmbeddedConnection;
  /** For `DATABASE_URL`: node-postgres and psql take the socket's directory from the parameter `host`. */
  readonly url: string;
  readonly #place: Place;
  readonly #found: Binaries;
  readonly #log: (sentence: string) => void;
  readonly #readyMs: number;
  readonly #stopping = new AbortController();
  #owner: Client | undefined;
  /** The start, or the restart after a loss, that is under way. */
  #underWay: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  /**
   * Makes or inspects the folders and the password, without starting anything.
   *
   * @throws EmbeddedServerError when the server cannot run here on this folder
   */
  static open(options: EmbeddedServerOptions): EmbeddedServer {
    return new EmbeddedServer(options);
  }

  private constructor({ dataDir, log = () => undefined, readyMs = READY_MS }: EmbeddedServerOptions) {
    this.#log = log;
    this.#readyMs = readyMs;
    this.#found = findBinaries();
    this.#place = openPlace(dataDir, log);
    const { clusterDir, passwordFile, socketDir } = this.#place;
    const password = passwordIn(passwordFile, !clusterExists(clusterDir, this.#found.major));
    this.connection = { host: socketDir, port: PORT, user: NAME, password, database: NAME };
    this.url = `postgres://${NAME}:${password}@/${NAME}?host=${encodeURIComponent(socketDir)}&port=${PORT}`;
  }

  /**
   * Starts the server, creating its data on the first start, or adopts one that was left running.
   *
   * @returns when the database is there and answers
   * @throws EmbeddedServerError when that cannot be, or another process owns the server
   */
  async start(): Promise<void> {
    if (this.#owner) return;
    const acquired = this.#acquire();
    this.#underWay = acquired;
    if (await acquired)
      this.#log('A database server that an earlier run left behind was still there; using it.');
  }

  /**
   * Shuts the server down and waits for its end; a restart that is under way is given up. Does nothing when
   * the server is not ours, or was stopped before. A stopped server is not started again: open another.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** @returns whether the server ran already */
  async #acquire(): Promise<boolean> {
    const { account } = this.#place;
    const binaries = runnableBinaries(this.#found, account);
    if (!clusterExists(this.#place.clusterDir, binaries.major)) {
      await createCluster(this.#place, binaries, this.connection.user, this.connection.password);
    }
    const { client, adopted } = await takeServer({
      place: this.#place,
      binaries,
      connection: this.connection,
      readyMs: this.#readyMs,
      signal: this.#stopping.signal,
    });
    const ended = new Promise<void>((resolve) => {
      client.once('end', resolve);
    });
    try {
      await createDatabase(client, this.connection.database);
    } catch (error) {
      await shutDown(this.#place, this.#log);
      const reason = messageOf(error);
      throw new EmbeddedServerError(
        `The database could not be created (${reason}); see ${this.#place.logFile}.`,
      );
    }
    doNotHoldUpExit(client);
    this.#owner = client;
    void ended.then(() => {
      this.#lost();
    });
    return adopted;
  }

  /**
   * The owner's connection has ended: the server died, or one of its processes did and it ended all others.
   * An adopted server is not our child, so this is the one sign there is for both.
   */
  #lost(): void {
    this.#owner = undefined;
    if (this.#isStopping()) return;
    this.#log('The database server ended unexpectedly; starting it again.');
    this.#underWay = this.#restart();
  }

  /** Tries until it succeeds or the service stops; says why it does not, once for each reason. */
  async #restart(): Promise<void> {
    let told = '';
    for (let delay = RESTART_AFTER_MS; ; delay = Math.min(delay * 2, RESTART_AFTER_AT_MOST_MS)) {
      await pause(delay, undefined, { ref: false, signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#isStopping()) return;
      try {
        await this.#acquire();
        this.#log('The database server is back.');
        return;
      } catch (error) {
        const sentence = messageOf(error);
        if (sentence !== told && !this.#isStopping()) this.#log(sentence);
        told = sentence;
      }
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new EmbeddedServerError('The start of the database server was given up.'));
    await this.#underWay.catch(() => undefined);
    const owner = this.#owner;
    if (!owner) return;
    this.#owner = undefined;
    await shutDown(this.#place, this.#log);
    await owner.end().catch(() => undefined);
  }
}
