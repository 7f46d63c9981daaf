import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Allocation } from '../allocation/allocation';
import { LANE_LIMITS } from '../allocation/lane';
import { DatabaseService } from '../database/database.service';

type Check = 'ok' | 'unavailable' | 'pending' | 'stuck';

export interface Readiness {
  readonly status: 'ok' | 'unavailable' | 'stopping';
  readonly checks: {
    readonly database: Check;
    readonly migrations: Check;
    readonly lanes: Check;
  };
}

/** Longer than a load balancer's patience would be useless. */
const PING_WITHIN_MS = 1_000;

/** Tells whether requests should be sent here. That the process is alive is another question. */
@Injectable()
export class HealthService implements BeforeApplicationShutdown {
  private stopping = false;

  constructor(
    private readonly database: DatabaseService,
    private readonly allocation: Allocation,
  ) {}

  async readiness(): Promise<Readiness> {
    const answers = await Promise.race([this.database.ping(), after(PING_WITHIN_MS, false)]);
    const checks = {
      database: answers ? 'ok' : 'unavailable',
      migrations: this.database.state === 'ready' ? 'ok' : 'pending',
      lanes: this.allocation.state.oldestMs < LANE_LIMITS.maxWaitMs / 2 ? 'ok' : 'stuck',
    } as const;
    const ok = Object.values(checks).every((check) => check === 'ok');
    return { status: this.stopping ? 'stopping' : ok ? 'ok' : 'unavailable', checks };
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, value).unref();
  });
}
