import { Injectable } from '@nestjs/common';
import { DatabaseError } from 'pg';
import type { Recorded, Refused } from '../allocation/orders';
import { Batches } from '../database/batches';
import { AlreadyDoneError, type Located, madeOf } from '../outcomes';
import { refusal } from '../refusals';
import { KeysRepository } from './keys.repository';
import { Lately } from './lately';
import type { KeyOfRequest } from './request-key';

/** How long a retry waits for the first request, while that is still running in this process. */
const PATIENCE_MS = 10_000;

/** How something is done that must not be done twice. */
interface Once<T> {
  /** Does it, and keeps the key in the same transaction. */
  readonly first: () => Promise<T>;
  /** Answers what it made before, as it stands now. */
  readonly again: (id: string) => Promise<T>;
  /** Where in the request a refusal belongs that it got before. */
  readonly locate: (refused: Refused) => Located;
  /** Whether `first` finds out by itself that the request was decided before, as whatever takes a turn in a lane does. */
  readonly recognises?: boolean;
}

interface Running {
  readonly fingerprint: string;
  /** Called when it has ended; there is hardly ever anybody who waits for that. */
  waiting?: (() => void)[];
}

/**
 * Lets a request with an Idempotency-Key have its effect once, however often and on whatever instance it arrives.
 *
 * What was decided is found by a read before. A new sale is not worth one: it finds a key that is known as it is written,
 * at the price of the slow way for the group that it is in; so only keys that this process has not seen pass without a
 * read. Two that pass side by side meet at the primary key of `idempotency_keys`: the second one's transaction has no
 * effect, and it is answered like the first.
 */
@Injectable()
export class IdempotencyService {
  private readonly found: Batches<Recorded>;
  /** What this process works on, by key. */
  private readonly running = new Map<string, Running>();
  /** What it has worked on lately: this may come again. */
  private readonly seen = new Lately();

  constructor(repository: KeysRepository) {
    this.found = new Batches((ids) => repository.find(ids));
  }

  /**
   * @returns what the first request with this key has made; without a key, what this one makes
   * @throws Refusal idempotency_key_reused, idempotency_key_in_flight, or what the first request was refused for
   */
  once<T>(key: KeyOfRequest | undefined, how: Once<T>): Promise<T> {
    return key === undefined ? how.first() : this.withKey(key, how);
  }

  private withKey<T>(key: KeyOfRequest, how: Once<T>): Promise<T> {
    if (key.isOwn === true) return this.run(key, how);
    const isNew = how.recognises === true && !this.seen.has(key.id) && !this.running.has(key.id);
    return isNew ? this.run(key, how) : this.lookAndRun(key, how);
  }

  private async lookAndRun<T>(key: KeyOfRequest, how: Once<T>): Promise<T> {
    const untilMs = performance.now() + PATIENCE_MS;
    for (;;) {
      if (how.recognises !== true || this.seen.has(key.id)) {
        const recorded = await this.found.ask(key.id);
        if (recorded !== undefined) return this.replay(key, recorded, how);
      }
      const running = this.running.get(key.id);
      if (running === undefined) return this.run(key, how);
      if (running.fingerprint !== key.fingerprint) throw refusal('idempotency_key_reused', AT_HEADER);
      await endOf(running, untilMs - performance.now());
    }
  }

  private async run<T>(key: KeyOfRequest, how: Once<T>): Promise<T> {
    const running: Running = { fingerprint: key.fingerprint };
    this.running.set(key.id, running);
    try {
      return await how.first();
    } catch (error) {
      if (error instanceof AlreadyDoneError) return await this.replay(key, error.recorded, how);
      if (!isKeyTaken(error)) throw error;
      const recorded = await this.found.ask(key.id);
      if (recorded === undefined) throw error;
      return await this.replay(key, recorded, how);
    } finally {
      this.running.delete(key.id);
      this.seen.add(key.id);
      for (const resolve of running.waiting ?? []) resolve();
    }
  }

  private async replay<T>(key: KeyOfRequest, recorded: Recorded, { again, locate }: Once<T>): Promise<T> {
    const { fingerprint, resourceId, refused } = recorded;
    if (fingerprint !== key.fingerprint) throw refusal('idempotency_key_reused', AT_HEADER);
    if (refused !== null) {
      key.markReplayed();
      return madeOf({ refused }, locate);
    }
    const found = await again(resourceId ?? '');
    key.markReplayed();
    return found;
  }
}

const AT_HEADER = { source: { header: 'Idempotency-Key' } };

/** Somebody else has written the key meanwhile. */
function isKeyTaken(error: unknown): boolean {
  return (
    error instanceof DatabaseError && error.code === '23505' && error.constraint === 'pk_idempotency_keys'
  );
}

/** @throws Refusal idempotency_key_in_flight when it has not ended by then */
function endOf(running: Running, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(refusal('idempotency_key_in_flight', AT_HEADER));
    }, withinMs);
    running.waiting ??= [];
    running.waiting.push(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
