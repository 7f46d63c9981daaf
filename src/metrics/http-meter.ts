import { type FastifyInstance } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { REFUSAL_CODES, type RefusalCode } from '../refusals';
import { Tally } from './tally';
import { TallyHistogram } from './tally-histogram';

/** Milliseconds. A sale takes 1 to 30, and what takes more than 2,000 has been refused. */
const DURATION_BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/** The label of whatever has no route: addresses that nobody knows must not become labels, since anybody can invent them. */
const UNKNOWN = 'unknown';

interface Served {
  readonly route: string;
  readonly method: string;
  readonly statuses: Map<number, number>;
  readonly duration: Tally;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Why it was refused: the first problem of the answer; null when it was not. */
    refusedFor: RefusalCode | null;
  }
}

/**
 * Counts requests by the pattern of their route, and why they were refused. Each route has numbers of its own, bound to
 * its hook when it is declared, so that a request looks nothing up.
 */
export class HttpMeter {
  private readonly served: Served[] = [];
  /** All from the start: how a counter grows can only be told when it was there before. */
  private readonly refused = new Map<RefusalCode, number>(REFUSAL_CODES.map((code) => [code, 0]));
  private readonly unknown = this.open(UNKNOWN, UNKNOWN);

  /** Counts on every route that is declared from now on. */
  install(server: FastifyInstance): void {
    server.decorateRequest('refusedFor', null);
    server.addHook('onRoute', (route) => {
      const served = this.open(route.url, String(route.method));
      const before = route.onResponse === undefined ? [] : [route.onResponse].flat();
      route.onResponse = [
        ...before,
        (request, reply, done) => {
          this.count(served, reply.statusCode, reply.elapsedTime, request.refusedFor);
          done();
        },
      ];
    });
    server.addHook('onResponse', (request, reply, done) => {
      if (request.is404) this.count(this.unknown, reply.statusCode, reply.elapsedTime, request.refusedFor);
      done();
    });
  }

  /** Counts what was refused without ever coming to a route. */
  countUnrouted(status: number, code: RefusalCode | null): void {
    this.count(this.unknown, status, 0, code);
  }

  /** Tells what was counted, to whoever asks the registry. */
  register(registry: Registry): void {
    const { served, refused } = this;
    new Counter({
      name: 'holdfast_http_requests_total',
      help: 'Requests answered, by the pattern of the route, method and status.',
      labelNames: ['route', 'method', 'status'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { route, method, statuses } of served)
          for (const [status, count] of statuses) this.inc({ route, method, status }, count);
      },
    });
    new TallyHistogram({
      name: 'holdfast_http_request_duration_seconds',
      help: 'From the head of a request to the end of its answer.',
      labelNames: ['route', 'method'],
      registry,
      scale: 1 / 1_000,
      tallies: () =>
        served
          .filter(({ statuses }) => statuses.size > 0)
          .map(({ route, method, duration }) => ({ labels: { route, method }, tally: duration })),
    });
    new Counter({
      name: 'holdfast_refusals_total',
      help: 'Requests refused, by the code of the first problem.',
      labelNames: ['code'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [code, count] of refused) this.inc({ code }, count);
      },
    });
  }

  private count(served: Served, status: number, ms: number, code: RefusalCode | null): void {
    served.statuses.set(status, (served.statuses.get(status) ?? 0) + 1);
    served.duration.add(ms);
    if (code !== null) this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }

  private open(route: string, method: string): Served {
    const served = {
      route,
      method,
      statuses: new Map<number, number>(),
      duration: new Tally(DURATION_BOUNDS_MS),
    };
    this.served.push(served);
    return served;
  }
}
