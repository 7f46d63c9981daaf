import type { ListedRange } from './distinct-ids';
import type { Timeline } from './timeline';

export interface LoadPlan {
  /** Instances of one service; connections are shared out evenly among them. */
  readonly ports: readonly number[];
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly request: LoadRequest;
  /** Draw the user of each request from so many; without it, no two requests have the same. */
  readonly knownUsers?: number;
  /** Use each of these ids once; with the last of them the load ends. */
  readonly listed?: ListedRange;
  /** Put one of these ids, drawn for each request, where the request says `CHOSEN_ID`. */
  readonly choices?: readonly string[];
  /** Send so many a second whatever is answered (an open loop); without it each connection waits for its answer. */
  readonly perSecond?: number;
  /** How long it waits afterwards for what is in flight; 15 if absent. */
  readonly drainSeconds?: number;
  /** Tell speed and p99 of every so many seconds of the measured time. */
  readonly windowSeconds?: number;
}

/** Every `DISTINCT_ID` in path, key and body becomes the id of a user, or one of those that are listed. */
interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  /** The Idempotency-Key, if it has one. */
  readonly key?: string;
  /** The bearer token, if it has one. */
  readonly token?: string;
}

/** Of the measured time. */
export type Moment = 'begins' | 'ends';

/** A part of the measured time. */
export interface Window {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
}

export interface LoadResult {
  /** Answers inside the measured time; of an open loop, to requests that were due in it. */
  readonly measured: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Shares of all answers, and the milliseconds that so many of them do not exceed: those of `CURVE`. */
  readonly percentiles: readonly (readonly [share: number, ms: number])[];
  readonly windows: readonly Window[];
  /** Every answer by status: warm-up, measured time and those in flight when the time ran out. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Sent or due, and never answered. */
  readonly unanswered: number;
  /** Whether it ended before its time, since every listed id had been used. */
  readonly spent: boolean;
  /** Connections that failed, and why. */
  readonly failures: Readonly<Record<string, number>>;
  /** Processor time of the generator itself for each request sent. */
  readonly generatorMicroseconds: number;
  /** Every answer by its time. */
  readonly timeline: Timeline;
}

/** The shares at which latency is told in full. */
export const CURVE = [0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 1] as const;

const JSON_API = 'application/vnd.api+json';

const DRAIN_SECONDS = 15;

/** @returns how long a load lasts at most, in seconds */
export function longestSeconds({ warmUpSeconds, seconds, drainSeconds = DRAIN_SECONDS }: LoadPlan): number {
  return warmUpSeconds + seconds + drainSeconds;
}

/** The request as it goes on the wire. */
export function bytesOf({ method, path, body, key, token }: LoadRequest): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Accept: ${JSON_API}`];
  if (key !== undefined) head.push(`Idempotency-Key: ${key}`);
  if (token !== undefined) head.push(`Authorization: Bearer ${token}`);
  if (body !== undefined) {
    head.push(`Content-Type: ${JSON_API}`, `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
}
