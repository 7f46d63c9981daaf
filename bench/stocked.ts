import { withClient } from './databases';
import type { Recorder } from './results';
import { fillWithPurchases } from './sold-tickets';
import { type Shop, startInstance, startService, stopAll, type Surroundings } from './subjects';
import { auditOf } from './verify';

/** Up to so many purchases are counted again when they have been written; those of millions are written in the same way. */
const AUDITED = 100_000;

/** Services with many purchases in their tables; filled once, since ten millions take minutes. */
export class Stocked {
  private readonly shops = new Map<number, Shop>();

  constructor(
    private readonly surroundings: Surroundings,
    private readonly recorder: Recorder,
  ) {}

  /** @returns a service with so many purchases in its tables. */
  async get(purchases: number): Promise<Shop> {
    const known = this.shops.get(purchases);
    if (known !== undefined) return known;
    const shop = await startService(this.surroundings, `stocked_${purchases}`);
    const startedAt = performance.now();
    await fillWithPurchases(shop.databaseUrl, purchases);
    // Rights for it may be missing; then it happens some time later.
    await withClient(shop.databaseUrl, (client) => client.query('CHECKPOINT').catch(() => undefined));
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    this.recorder.fillSeconds[purchases] = seconds;
    const problems = purchases <= AUDITED ? await auditOf(shop.databaseUrl) : [];
    this.recorder.say(`${purchases} purchases were written in ${seconds} s`, problems);
    this.shops.set(purchases, shop);
    return shop;
  }

  /** Starts one of them anew. @returns how long it took until it was ready, in seconds */
  async restart(purchases: number): Promise<number> {
    const shop = await this.get(purchases);
    await shop.server.stop();
    const again = await startInstance(this.surroundings, `service-again-${purchases}`, shop.databaseUrl);
    this.shops.set(purchases, again);
    return again.server.readySeconds;
  }

  /** @returns the most memory that one of them had, in MiB */
  async stop(): Promise<number> {
    const shops = [...this.shops.values()];
    this.shops.clear();
    const peak = await stopAll(shops);
    for (const { databaseUrl } of shops) await this.surroundings.databases.drop(databaseUrl);
    return peak;
  }
}
