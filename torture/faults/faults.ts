import { setTimeout as sleep } from 'node:timers/promises';
import { blackHole, cutAll, cutCommits, holdLocks, slowDown } from './network';
import {
  cancelStatements,
  fillDisk,
  killBoth,
  killDatabase,
  killInstance,
  stepClock,
  stopBackend,
  stopInstance,
} from './processes';
import type { Fault, Scene } from './scene';

/** Everything that is thrown, by the name that it has in the summary. */
const FAULTS = {
  'kill -9 of an instance': killInstance,
  'kill -9 of both instances': killBoth,
  'kill -9 of PostgreSQL': killDatabase,
  'instance stopped': stopInstance,
  'server process stopped': stopBackend,
  'statements cancelled': cancelStatements,
  'disk full': fillDisk,
  'clock stepped': stepClock,
  'cut before COMMIT': cutCommits('before'),
  'cut after COMMIT': cutCommits('after'),
  'COMMIT comes late': cutCommits('late'),
  'connections cut': cutAll,
  'latency and jitter': slowDown,
  'black hole': blackHole,
  'locks held': holdLocks,
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** These are thrown while others are. */
export const OF_NETWORK: ReadonlySet<FaultName> = new Set([
  ...(['cut before COMMIT', 'cut after COMMIT', 'COMMIT comes late', 'connections cut'] as const),
  ...(['latency and jitter', 'black hole', 'locks held'] as const),
]);

/** Milliseconds between two faults of one hand at most. */
const PAUSE_MS = 600;

/** A fault that was thrown, and from when on nothing was in the way of recovering any more. */
export interface Thrown {
  readonly name: FaultName;
  readonly overMs: number;
}

/**
 * Throws faults one after the other, each kind once before any comes twice, in an order that the seed gives.
 *
 * @returns those that were really thrown
 */
export async function throwFaults(
  scene: Scene,
  names: readonly FaultName[],
  goesOn: () => boolean,
): Promise<Thrown[]> {
  const thrown: Thrown[] = [];
  let left: FaultName[] = [];
  while (goesOn()) {
    if (left.length === 0) left = scene.random.shuffle(names);
    const name = left.pop();
    if (name === undefined) return thrown;
    const overMs = await FAULTS[name](scene);
    if (overMs !== undefined) thrown.push({ name, overMs });
    await sleep(scene.random.below(PAUSE_MS));
  }
  return thrown;
}
