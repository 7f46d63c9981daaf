import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Allocation } from '../allocation/allocation';
import { LANE_LIMITS } from '../allocation/lanes';
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
    private readonly http: HttpAdapterHost,
  ) {}

  async readiness(): Promise<Readiness> {
    const answers = await Promise.race([this.database.ping(), sleep(PING_WITHIN_MS, false, { ref: false })]);
    const checks = {
      database: answers ? 'ok' : 'unavailable',
      migrations: this.database.state === 'ready' ? 'ok' : 'pending',
      lanes: this.allocation.state.oldestMs < LANE_LIMITS.maxWaitMs / 2 ? 'ok' : 'stuck',
    } as const;
    const ok = Object.values(checks).every((check) => check === 'ok');
    return { status: this.stopping ? 'stopping' : ok ? 'ok' : 'unavailable', checks };
  }

  /**
   * Says that the service is about to stop, and goes on serving for a while: a proxy that keeps connections open
   * would otherwise send a request on one in the very moment in which it is closed. Readiness is 503 from now on,
   * and each answer ends its connection.
   */
  async announceStop(ms: number): Promise<void> {
    this.stopping = true;
    const server = this.http.httpAdapter.getHttpServer() as Server;
    server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    await sleep(ms);
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }
}
