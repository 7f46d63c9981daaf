import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { setTimeout as sleep } from 'node:timers/promises';
import { Allocation } from '../allocation/allocation';
import { Connections } from '../database/connections';
import { Meters } from '../metrics/meters';
import { Refusal } from '../refusals';
import { type Over, SweepRepository } from './sweep.repository';

/** How often to look, in milliseconds; 0 for never. A class, so that it can be injected. */
export class SweepSettings {
  constructor(readonly intervalMs: number) {}
}

/** Holds that one look takes in, and holds of one option that one turn of a lane gives back. */
const LOOK = 5_000;
const BATCH = 2_000;
/**
 * Holds given back a second at most. A hundred thousand that run out together are back within five seconds,
 * while what is for sale elsewhere keeps about 0.8 of its speed.
 */
const PACE_PER_SECOND = 27_000;

/**
 * Gives back what is over and nobody has asked for yet: tidiness only, since an order that needs such tickets takes
 * them back by itself. It goes through the lane of the event like everybody else, in batches, so that orders get
 * their turns in between; of several instances one at a time sweeps an event.
 */
@Injectable()
export class SweepService implements OnApplicationBootstrap {
  private readonly logger = new Logger('Sweep');
  /** Events that are being swept by this instance. */
  private readonly busy = new Set<string>();
  private isLooking = false;
  /** When the next batch may begin, so that the pace is kept. */
  private nextAtMs = 0;

  constructor(
    private readonly repository: SweepRepository,
    private readonly allocation: Allocation,
    private readonly connections: Connections,
    private readonly scheduler: SchedulerRegistry,
    private readonly settings: SweepSettings,
    private readonly meters: Meters,
  ) {}

  onApplicationBootstrap(): void {
    const { intervalMs } = this.settings;
    if (intervalMs === 0) return;
    // The registry ends the interval when the application closes.
    const interval = setInterval(() => void this.look(), intervalMs);
    this.scheduler.addInterval('sweep', interval);
  }

  /** Starts to sweep every event that has something over, and does not wait until it is done. */
  private async look(): Promise<void> {
    if (this.isLooking || !this.connections.isOpen) return;
    this.isLooking = true;
    try {
      for (const over of await this.repository.findOver(this.busy, LOOK)) void this.sweep(over);
    } catch (error) {
      this.meters.sweepFailures.inc();
      if (!(error instanceof Refusal)) this.logger.error(error);
    } finally {
      this.isLooking = false;
    }
  }

  /** Gives back what is over of one event, batch after batch, until there is no more or somebody else is at it. */
  private async sweep({ event_id: eventId, ticket_option_ids: options }: Over): Promise<void> {
    this.busy.add(eventId);
    try {
      let released = BATCH;
      while (released >= BATCH) {
        await this.myTurn();
        released = await this.allocation.releaseOver(eventId, options, BATCH);
        this.meters.swept.inc(released);
        this.nextAtMs += (released / PACE_PER_SECOND) * 1_000;
      }
    } finally {
      this.busy.delete(eventId);
    }
  }

  /** Waits until the pace allows for another batch. */
  private async myTurn(): Promise<void> {
    const now = performance.now();
    const waitMs = this.nextAtMs - now;
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
    else this.nextAtMs = now;
  }
}
