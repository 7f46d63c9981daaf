import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import type { Point } from '../processes/points';
import { createTestDatabase } from './database';
import { Instance } from './instance';
import { underWay } from './money';
import { type Answer, newUser, Shop } from './shop';
import { Till } from './till';

const PAYING_INSTANCE = join(
  ...[__dirname, '..', '..', 'dist-tools', 'test', 'processes', 'paying-instance.js'],
);

/**
 * An instance that pays and recovers nothing. Its leases end when a test says so, however long the steps before that take on
 * a busy machine.
 */
export const PAYS_ONLY = { PAYMENT_LEASE_SECONDS: '60', RECOVERY: 'off' };

/** How long anything may take that has to happen by itself. */
const PATIENCE_MS = 20_000;

/** Waits until something is so; an error says that it is not so yet. @throws when it is not so in time */
export async function until(
  condition: () => boolean | Promise<boolean>,
  sentence: string,
  withinMs = PATIENCE_MS,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await Promise.resolve(condition()).catch(() => false))) {
    if (performance.now() > end) throw new Error(`not so within ${withinMs} ms: ${sentence}`);
    await sleep(10);
  }
}

/** A service whose payments wait where their token says so (`test/processes/paying-instance.ts`). */
export class PayingInstance {
  readonly shop: Shop;
  readonly till: Till;
  private isGone = false;

  constructor(
    private readonly instance: Instance,
    now?: () => number,
  ) {
    this.shop = new Shop(instance.url, now);
    this.till = new Till(instance.url, now);
  }

  /** @returns the payments that have come to a point, or that the gateway was asked about, each as often as that happened */
  at(point: Point | 'find' | 'void' | 'due'): string[] {
    const lines = this.instance.log.filter(({ msg, at }) => msg === 'money' && at === point);
    return lines.map(({ payment }) => String(payment));
  }

  /** Waits until payments have come to a point: as many as `count`, or these very ones. */
  async reach(point: Point | 'due', payments: number | readonly string[]): Promise<void> {
    await until(() => {
      const there = new Set(this.at(point));
      return typeof payments === 'number'
        ? there.size >= payments
        : payments.every((payment) => there.has(payment));
    }, `payments are ${point}`);
  }

  /** Lets everything go on that waits. */
  release(): void {
    this.signal('SIGUSR2');
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.instance.pid, signal);
  }

  /** Lets it stand still, with all its connections open. */
  async halt(): Promise<void> {
    this.signal('SIGSTOP');
    await until(() => this.instance.isStopped, 'the process stands still');
  }

  async kill(): Promise<void> {
    this.isGone = true;
    await this.instance.end('SIGKILL');
  }

  async end(): Promise<void> {
    this.shop.close();
    if (!this.isGone) this.signal('SIGCONT');
    await this.instance.end();
  }
}

/** One database, services on it that come and go, and a look at the tables. */
export class Scene {
  private readonly instances: PayingInstance[] = [];

  private constructor(
    readonly url: string,
    readonly pool: Pool,
    private readonly drop: () => Promise<void>,
  ) {
    // Connections are lost when the server is killed; the next one is another.
    pool.on('error', () => undefined);
  }

  /** @param url of a database that stays; otherwise a fresh one */
  static async open(url?: string): Promise<Scene> {
    const database = url === undefined ? await createTestDatabase() : undefined;
    const address = url ?? database?.url ?? '';
    return new Scene(address, new Pool({ connectionString: address, max: 4 }), async () => database?.drop());
  }

  /** Opens a scene for as long as some work takes. */
  static async during<T>(work: (scene: Scene) => Promise<T>): Promise<T> {
    const scene = await Scene.open();
    try {
      return await work(scene);
    } finally {
      await scene.close();
    }
  }

  /** Starts an instance, by default with a lease of one second and without a sweep. */
  async start(env: Record<string, string> = {}, now?: () => number): Promise<PayingInstance> {
    const variables = { PAYMENT_LEASE_SECONDS: '1', SWEEP_INTERVAL_SECONDS: '0', ...env };
    const started = await Instance.start({ DATABASE_URL: this.url, ...variables }, PAYING_INSTANCE);
    const instance = new PayingInstance(started, now);
    this.instances.push(instance);
    return instance;
  }

  /** Lets the leases of an event run out at this moment, whatever has been looked after or not. */
  async endLeases(event: string): Promise<void> {
    for (const table of ['payments', 'refunds'])
      await this.pool.query(
        `UPDATE ${table} SET check_at = now() WHERE event_id = $1 AND check_at IS NOT NULL`,
        [event],
      );
  }

  /** Waits until nothing of an event is under way any more, or of any. */
  async settled(event?: string): Promise<void> {
    await until(async () => (await underWay(this.pool, event)) === 0, 'nothing is under way');
  }

  /** Counts payments by what became of them: `failed voided` and the like. */
  async statuses(event: string): Promise<Record<string, number>> {
    const { rows } = await this.pool.query<{ status: string; count: number }>(
      `SELECT concat_ws(' ', status, failure_code) AS status, count(*)::integer AS count
         FROM payments WHERE event_id = $1 GROUP BY 1 ORDER BY 1`,
      [event],
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.end()));
    await this.pool.end();
    await this.drop();
  }
}

/** @returns the id of what was created. @throws when nothing was */
export function idOf({ status, body }: Answer): string {
  if (body.data === undefined) throw new Error(`not created: ${status} ${JSON.stringify(body)}`);
  return body.data.id;
}

/** @returns a card; every fourth is refused. */
export function cardOf(number: number): string {
  return number % 4 === 3 ? 'card_error' : 'tok_visa';
}

/** Two kinds of tickets of one event, at most five for a user. */
export interface Sale {
  readonly event: string;
  readonly options: readonly [string, string];
  readonly reservations: readonly string[];
}

/** Makes an event whose tickets cost 10 and 25 EUR, and reservations of one or both kinds. */
export async function reserveMany(shop: Shop, count: number): Promise<Sale> {
  const event = await shop.announce({ max_tickets_per_user: 5 });
  const options = [
    await shop.offer({ allocation: 1_000, price_cents: 1_000, max_per_user: 4 }, event),
    await shop.offer({ allocation: 1_000, price_cents: 2_500 }, event),
  ] as const;
  const [cheap, dear] = options;
  const wishes = [
    [{ option: cheap, quantity: 1 }],
    [{ option: dear, quantity: 2 }],
    [
      { option: dear, quantity: 1 },
      { option: cheap, quantity: 3 },
    ],
  ] as const;
  const reserved = Array.from({ length: count }, (_, number) =>
    shop.reserveAll(wishes[number % 3] ?? wishes[0], newUser()),
  );
  return { event, options, reservations: (await Promise.all(reserved)).map(idOf) };
}
