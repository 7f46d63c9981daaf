import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PaymentSettings } from './attempt';
import { within } from './insist';

/**
 * How long clients wait for the gateway. What they wait for goes on when they are answered, and when the service stops it is
 * looked after by the recovery; so they do not keep it from stopping.
 */
@Injectable()
export class Waiting implements OnModuleDestroy {
  private readonly stop = new AbortController();

  constructor(private readonly settings: PaymentSettings) {}

  /**
   * @param mostMs if it is less than clients wait anyway
   * @throws NotYetError when the time is over
   */
  for<T>(work: Promise<T>, mostMs = Infinity): Promise<T> {
    return within(Math.min(this.settings.patienceMs, mostMs), work, this.stop.signal);
  }

  onModuleDestroy(): void {
    setTimeout(() => {
      this.stop.abort();
    }, this.settings.graceMs).unref();
  }
}
