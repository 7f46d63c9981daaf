import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { keepJournal, readJournal, type Transaction } from '../test/history/journal';
import type { Rules } from '../test/history/rules';
import { underWay } from '../test/support/money';
import { type Verified, verify } from './check/verify';
import { FAULT_NAMES, type FaultName, OF_NETWORK, type Thrown, throwFaults } from './faults/faults';
import type { Scene, Seat } from './faults/scene';
import { recoveriesMs, RECOVERED_WITHIN_MS } from './recovery';
import { Random } from './random';
import { type Crowd, EVERYBODY, work } from './work/clients';
import { Company, KINDS } from './work/company';
import type { Told } from './work/told';
import { closedOnce } from './world/cleanup';
import { Database } from './world/database';
import { Proxy } from './world/proxy';
import { type Program, PRODUCT, Service } from './world/service';
import { comesTrue } from './world/wait';

/** Holds that run out all the time. */
const RULES: Rules = { holdMs: 2_000, holdMaxMs: 6_000 };
const ENV = {
  ...{ HOLD_SECONDS: '2', HOLD_MAX_SECONDS: '6', PAYMENT_LEASE_SECONDS: '1', SWEEP_INTERVAL_SECONDS: '1' },
  // Limits are small enough to be met.
  ...{ DATABASE_POOL_SIZE: '8' },
};
const QUIET_WITHIN_MS = 30_000;

/** How a round goes. */
export interface Plan {
  readonly seed: number;
  /** For how long clients work and faults are thrown, in milliseconds. */
  readonly ms: number;
  readonly faults?: readonly FaultName[];
  readonly crowd?: Crowd;
  /** How long it may take afterwards until nothing is under way any more, in milliseconds. */
  readonly quietWithinMs?: number;
  /** What runs; the product, unless a test takes a guard out. */
  readonly program?: Program;
}

export interface RoundResult extends Verified {
  readonly seed: number;
  readonly ms: number;
  readonly told: readonly Told[];
  readonly thrown: readonly Thrown[];
  /** Faults that could not be thrown here. */
  readonly impossible: readonly FaultName[];
  /** What the database has written down of each event, if anything is wrong. */
  readonly journal: readonly (readonly [event: string, transactions: readonly Transaction[]])[];
  /** The errors that the instances have logged lately, if anything is wrong. */
  readonly logs: readonly (readonly string[])[];
  /** How long it took after a fault until both instances acknowledged something again, in milliseconds, at the longest. */
  readonly longestRecoveryMs: number;
}

/** Hurts two instances on a server of their own while clients work, and looks afterwards what has become of it all. */
export async function liveThrough(plan: Plan): Promise<RoundResult> {
  const database = await Database.start();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-torture-clocks-'));
  const removeFolder = closedOnce(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const seats: Seat[] = [];
  try {
    for (const name of ['a', 'b'])
      seats.push(await open(database, plan.program ?? PRODUCT, join(folder, name)));
    const [one, other] = seats;
    if (one === undefined || other === undefined) throw new Error('there are no instances');
    return await hurt({ database, seats: [one, other], random: new Random(plan.seed) }, plan);
  } finally {
    await Promise.all(seats.map(({ service }) => service.end('SIGKILL')));
    await Promise.all(seats.map(({ proxy }) => proxy.close()));
    await database.stop();
    await removeFolder();
  }
}

async function open(database: Database, program: Program, clockFile: string): Promise<Seat> {
  writeFileSync(clockFile, '0');
  const proxy = await Proxy.open(database.url);
  const service = await Service.start(program, { ...ENV, DATABASE_URL: proxy.url }, clockFile);
  return { proxy, service };
}

async function hurt(scene: Scene, plan: Plan): Promise<RoundResult> {
  const { database, seats, random } = scene;
  const { seed, ms, faults = FAULT_NAMES, crowd = EVERYBODY, quietWithinMs = QUIET_WITHIN_MS } = plan;
  await withClient(database.pool, keepJournal);
  const company = new Company(
    seats.map(({ service }) => service.url),
    `round-${seed}`,
  );
  try {
    for (let kind = 0; kind < KINDS; kind += 1) await company.announce(kind);
    const possible = faults.filter((name) => name !== 'disk full' || database.disk !== undefined);
    const endMs = performance.now() + ms;
    const goesOn = (): boolean => performance.now() < endMs;
    let isHurting = true;
    // Clients work for a little longer than faults are thrown: each has something to recover for.
    const working = work(company, random.fork(), () => isHurting || goesOn(), crowd);
    // Two hands: the network is bad while processes die.
    const hands = [
      possible.filter((name) => OF_NETWORK.has(name)),
      possible.filter((name) => !OF_NETWORK.has(name)),
    ];
    const thrown = (
      await Promise.all(hands.map((names) => throwFaults({ ...scene, random: random.fork() }, names, goesOn)))
    ).flat();
    const isBack = (): boolean => recoveriesMs(company.told, thrown).every((took) => took < Infinity);
    await comesTrue(isBack, RECOVERED_WITHIN_MS);
    isHurting = false;
    await working;
    const tookMs = recoveriesMs(company.told, thrown);
    const wrongs = tookMs.flatMap((each, number) =>
      each > RECOVERED_WITHIN_MS ? [`no recovery from: ${thrown[number]?.name ?? ''}`] : [],
    );
    const quiet = await comesTrue(async () => (await underWay(database.pool)) === 0, quietWithinMs);
    const ends = seats.flatMap(({ service }) => [service.unwantedEnd ?? [], service.bugs].flat());
    const verified = await verify(database.pool, company.told, company.all, RULES);
    const stuck = quiet ? [] : ['something was still under way when nobody did anything any more'];
    const anomalies = [...verified.anomalies, ...wrongs, ...stuck, ...ends];
    return {
      ...{ seed, ms, told: company.told, thrown, longestRecoveryMs: Math.max(0, ...tookMs) },
      ...{ ordered: verified.ordered, looked: verified.looked },
      impossible: faults.filter((name) => !possible.includes(name)),
      anomalies,
      logs: anomalies.length === 0 ? [] : seats.map(({ service }) => service.log),
      journal:
        anomalies.length === 0 ? [] : await withClient(database.pool, readJournal).then((all) => [...all]),
    };
  } finally {
    company.close();
  }
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}
