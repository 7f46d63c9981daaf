import type { Random } from '../random';
import type { Database } from '../world/database';
import type { Proxy } from '../world/proxy';
import type { Service } from '../world/service';

/** An instance of the service and what stands between it and its database. */
export interface Seat {
  readonly service: Service;
  readonly proxy: Proxy;
}

/** Everything that can be hurt. */
export interface Scene {
  readonly database: Database;
  readonly seats: readonly [Seat, Seat];
  readonly random: Random;
}

/**
 * Hurts something for a while.
 *
 * @returns from when on nothing was in the way of recovering any more, in milliseconds; nothing when it could not be done
 */
export type Fault = (scene: Scene) => Promise<number | undefined>;

export function someSeat({ seats, random }: Scene): Seat {
  return seats[random.below(2)] ?? seats[0];
}
