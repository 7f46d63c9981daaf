import { connect, type Socket } from 'node:net';
import { DISTINCT_ID, DistinctIds, placesOf } from '../../bench/load/distinct-ids';
import { ResponseReader } from '../../bench/load/response-reader';
import { Samples } from '../../bench/load/samples';

/**
 * Arrivals that do not wait for answers, as those of a crowd: so many a second, whatever the service makes of them. A
 * process of its own, so that its clock does not stand still while somebody else works.
 */
export interface OpenLoopPlan {
  readonly port: number;
  /** One after the other; the phases are told apart by when a request arrived. */
  readonly phases: readonly { readonly perSecond: number; readonly seconds: number }[];
  /** All open from the beginning; an arrival without a free one waits, and its clock runs. */
  readonly connections: number;
  /** The whole request; each `DISTINCT_ID` in it becomes another id in every request. */
  readonly request: string;
}

/** What became of the arrivals of one phase. Times are from the arrival to the end of the answer, in milliseconds. */
export interface OpenLoopPhase {
  readonly arrived: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Successes that were answered while it lasted, whenever they had arrived. */
  readonly servedPerSecond: number;
  readonly served: Times;
  readonly refused: Times;
  /** Arrivals without an answer. */
  readonly lost: number;
}

interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const TICK_MS = 2;
/** The answers of the last arrivals are waited for so long. */
const DRAIN_MS = 8_000;

class Phase {
  arrived = 0;
  answered = 0;
  /** Successes that were answered while it lasted. */
  servedMeanwhile = 0;
  readonly statuses: Record<string, number> = {};
  readonly served = new Samples();
  readonly refused = new Samples();

  constructor(private readonly seconds: number) {}

  answer(status: number, ms: number): void {
    this.answered += 1;
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    (status < 300 ? this.served : this.refused).add(ms);
  }

  result(): OpenLoopPhase {
    return {
      arrived: this.arrived,
      statuses: this.statuses,
      servedPerSecond: this.servedMeanwhile / this.seconds,
      served: timesOf(this.served),
      refused: timesOf(this.refused),
      lost: this.arrived - this.answered,
    };
  }
}

function timesOf(samples: Samples): Times {
  const [p50Ms = 0, p99Ms = 0, maxMs = 0] = samples.percentiles([0.5, 0.99, 1]);
  return { p50Ms, p99Ms, maxMs };
}

/** An arrival that has no answer yet. */
interface Arrival {
  readonly phase: Phase;
  readonly at: number;
}

class OpenLoop {
  readonly ids = new DistinctIds();
  readonly request: Buffer;
  readonly places: readonly number[];
  private readonly idle: Connection[] = [];
  private waiting: Arrival[] = [];
  private next = 0;
  private current: Phase | undefined;

  constructor(private readonly plan: OpenLoopPlan) {
    this.request = Buffer.from(plan.request);
    this.places = plan.request.includes(DISTINCT_ID) ? placesOf(this.request) : [];
  }

  /** Makes every connection, a few at a time; a crowd that connects is another matter. */
  async connect(): Promise<void> {
    for (let open = 0; open < this.plan.connections; open += 100)
      await Promise.all(Array.from({ length: 100 }, () => new Connection(this.plan.port, this).connected));
  }

  async run(): Promise<OpenLoopPhase[]> {
    const phases: Phase[] = [];
    for (const { perSecond, seconds } of this.plan.phases) {
      const phase = new Phase(seconds);
      phases.push(phase);
      this.current = phase;
      await this.arrivals(phase, perSecond, seconds);
    }
    this.current = undefined;
    const giveUp = performance.now() + DRAIN_MS;
    while (phases.some(({ arrived, answered }) => answered < arrived) && performance.now() < giveUp)
      await new Promise((resolve) => setTimeout(resolve, 20));
    return phases.map((phase) => phase.result());
  }

  /** Resolves when the time of the phase is over. */
  private arrivals(phase: Phase, perSecond: number, seconds: number): Promise<void> {
    const from = performance.now();
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const now = performance.now();
        const due = Math.floor((Math.min(now - from, 1_000 * seconds) * perSecond) / 1_000);
        for (; phase.arrived < due; phase.arrived += 1) this.arrive({ phase, at: now });
        if (now - from < 1_000 * seconds) return;
        clearInterval(timer);
        resolve();
      }, TICK_MS);
    });
  }

  private arrive(arrival: Arrival): void {
    const free = this.idle.pop();
    if (free === undefined) this.waiting.push(arrival);
    else free.send(arrival);
  }

  answered({ phase, at }: Arrival, status: number): void {
    phase.answer(status, performance.now() - at);
    if (status < 300 && this.current !== undefined) this.current.servedMeanwhile += 1;
  }

  free(connection: Connection): void {
    const arrival = this.waiting[this.next];
    if (arrival === undefined) {
      this.waiting = [];
      this.next = 0;
      this.idle.push(connection);
    } else {
      this.next += 1;
      connection.send(arrival);
    }
  }

  gone(connection: Connection): void {
    const at = this.idle.indexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
  }
}

class Connection {
  readonly connected: Promise<void>;
  private readonly reader = new ResponseReader();
  private readonly socket: Socket;
  private readonly request: Buffer;
  private arrival: Arrival | undefined;

  constructor(
    port: number,
    private readonly loop: OpenLoop,
  ) {
    this.request = Buffer.from(loop.request);
    loop.ids.prepare(this.request, loop.places);
    const callback = (length: number, chunk: Uint8Array): boolean => {
      this.receive(chunk as Buffer, length);
      return true;
    };
    // One buffer for the life of the connection, as in bench/load/buyer.ts.
    const onread = { buffer: Buffer.allocUnsafe(4_096), callback };
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
    this.connected = new Promise((resolve) => {
      this.socket.once('connect', () => {
        loop.free(this);
        resolve();
      });
      this.socket.once('close', () => {
        loop.gone(this);
        resolve();
      });
    });
    this.socket.on('error', () => undefined); // its arrival is one without an answer
  }

  send(arrival: Arrival): void {
    this.arrival = arrival;
    this.loop.ids.next(this.request, this.loop.places);
    this.socket.write(this.request);
  }

  private receive(chunk: Buffer, length: number): void {
    const status = this.reader.read(chunk, length);
    if (status === 0) return;
    const { arrival } = this;
    this.arrival = undefined;
    if (arrival !== undefined) this.loop.answered(arrival, status);
    this.loop.free(this);
  }
}

process.once('disconnect', () => process.exit(1));
process.once('message', (plan: OpenLoopPlan) => {
  const loop = new OpenLoop(plan);
  void loop
    .connect()
    .then(() => loop.run())
    .then((phases) =>
      process.send?.(phases, () => {
        process.exit(0);
      }),
    );
});
