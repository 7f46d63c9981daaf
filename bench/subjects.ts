import { join } from 'node:path';
import type { Cleanup } from './cleanup';
import type { Databases } from './databases';
import { withClient } from './databases';
import { get, reservation, send } from './documents';
import type { NoopAnswer } from './noop-server';
import type { StrategyKey, SubjectKey } from './plan';
import { ROOT } from './root';
import { ServerProcess } from './servers';
import { STRATEGIES } from './strategies';
import { tokenSettings } from './tokens';
import { makeOptions, WORKLOAD_NAMES, WORKLOADS } from './workloads';

/** One of the servers that are compared. */
export interface Subject {
  readonly key: SubjectKey;
  readonly server: ServerProcess;
  /** Absent for the no-op server, which has none. */
  readonly databaseUrl?: string;
  /** Another instance on the same database, which wants tokens. */
  readonly secured?: Subject;
}

/** A server that has tables. */
export type Shop = Subject & { readonly databaseUrl: string };

/** What is needed to start servers. */
export interface Surroundings {
  readonly databases: Databases;
  readonly logFolder: string;
  readonly cleanup: Cleanup;
}

/** Without the audit, whose cost has a figure of its own: it would strike whatever is measured ten minutes after the start. */
const PRODUCTION = { NODE_ENV: 'production', AUTH: 'off', AUDIT_INTERVAL_SECONDS: '0' };

/** The service, the no-op server that answers as it does, and such others as are asked for. Only one at a time is given work. */
export async function startSubjects<Key extends StrategyKey>(
  surroundings: Surroundings,
  keys: readonly Key[],
): Promise<Record<'a' | 'b' | Key, Subject>> {
  const plain = await startService(surroundings, 'b');
  const secured = await startSecured(surroundings, plain);
  const others = await Promise.all(
    keys.map(async (key): Promise<[Key, Subject]> => [key, await startStrategy(surroundings, key)]),
  );
  const noop = await startNoop(surroundings, plain);
  return { ...(Object.fromEntries(others) as Record<Key, Subject>), a: noop, b: { ...plain, secured } };
}

/** Ends them. @returns the most memory that an instance of the service had, in MiB */
export async function stopAll(subjects: readonly Subject[]): Promise<number> {
  const ours = subjects
    .filter(({ key }) => key === 'b')
    .flatMap((one) => [one, ...(one.secured ? [one.secured] : [])]);
  const peak = Math.max(0, ...ours.map(({ server }) => server.memoryMib().peak ?? 0));
  await Promise.all([...subjects, ...ours].map(({ server }) => server.stop()));
  return peak;
}

/** Starts Holdfast as `npm run start:prod` does, on an empty database. */
export async function startService(surroundings: Surroundings, database: string): Promise<Shop> {
  return startInstance(surroundings, `service-${database}`, await surroundings.databases.create(database));
}

function startSecured(surroundings: Surroundings, { databaseUrl }: Shop): Promise<Shop> {
  return startInstance(surroundings, 'service-secured', databaseUrl, tokenSettings());
}

/** Starts Holdfast on a database that is there. */
export async function startInstance(
  { logFolder, cleanup }: Surroundings,
  name: string,
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Shop> {
  const env = { ...PRODUCTION, ...more, DATABASE_URL: databaseUrl };
  const script = join(ROOT, 'dist', 'src', 'main.js');
  const server = await ServerProcess.start({ name, script, env, linked: false, logFolder }, cleanup);
  return { key: 'b', databaseUrl, server };
}

/** Starts the same application with another way to sell, on an empty database with what that needs. */
async function startStrategy(surroundings: Surroundings, key: StrategyKey): Promise<Shop> {
  const { databases, logFolder, cleanup } = surroundings;
  const { name, poolSize, stock } = STRATEGIES[key];
  const databaseUrl = await databases.create(key);
  await withClient(databaseUrl, async (client) => {
    for (const text of stock?.setUp ?? []) await client.query(text);
  });
  const env = {
    ...{ ...PRODUCTION, DATABASE_URL: databaseUrl, BENCH_STRATEGY: key },
    ...(poolSize !== undefined && { DATABASE_POOL_SIZE: String(poolSize) }),
  };
  const script = join(__dirname, 'strategy-process.js');
  return {
    ...{ key, databaseUrl },
    server: await ServerProcess.start({ name, script, env, linked: true, logFolder }, cleanup),
  };
}

/** The no-op server answers with what the service answered, so that both put the same bytes on the wire. */
async function startNoop({ logFolder, cleanup }: Surroundings, service: Subject): Promise<Subject> {
  const { port } = service.server;
  const answers: NoopAnswer[] = [];
  for (const name of WORKLOAD_NAMES) {
    const { method = 'POST', path, noopPath, document, paysReservations, ...terms } = WORKLOADS[name];
    const options = await makeOptions(port, { ...terms, options: Math.min(terms.options, 3) });
    const id = paysReservations === true ? await reserveOne(port, options[0]) : undefined;
    const text = document
      ? (await send(port, path, document(options, id))).text
      : JSON.stringify(await get(port, path.replace(':id', options[0] ?? '')));
    answers.push({ method, path: noopPath, text });
  }
  const env = { ...PRODUCTION, NOOP_ANSWERS: JSON.stringify(answers) };
  const script = join(__dirname, 'noop-server.js');
  const options = { name: 'noop', script, env, linked: true, logFolder };
  return { key: 'a', server: await ServerProcess.start(options, cleanup) };
}

async function reserveOne(port: number, ticketOptionId = ''): Promise<string> {
  return (await send(port, '/reservations', reservation(ticketOptionId))).id;
}
