import { join } from 'node:path';
import type { Cleanup } from './cleanup';
import type { Databases } from './databases';
import { reservation, send } from './documents';
import type { SubjectKey } from './plan';
import { ServerProcess } from './servers';
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

const ROOT = join(__dirname, '..', '..');
const PRODUCTION = { NODE_ENV: 'production', AUTH: 'off' };

/** Starts all of them; only one at a time is given work. */
export async function startSubjects(surroundings: Surroundings): Promise<Record<SubjectKey, Subject>> {
  const [plain, c, d] = await Promise.all([
    startService(surroundings, 'b'),
    startStrategy(surroundings, 'c', 'conditional-update'),
    startStrategy(surroundings, 'd', 'select-for-update'),
  ]);
  const secured = await startSecured(surroundings, plain);
  return { a: await startNoop(surroundings, plain), b: { ...plain, secured }, c, d };
}

/** Starts Holdfast as `npm run start:prod` does, on an empty database. */
export async function startService(surroundings: Surroundings, database: string): Promise<Shop> {
  const databaseUrl = await surroundings.databases.create(database);
  return startInstance(surroundings, `service-${database}`, databaseUrl, PRODUCTION);
}

function startSecured(surroundings: Surroundings, { databaseUrl }: Shop): Promise<Shop> {
  return startInstance(surroundings, 'service-secured', databaseUrl, {
    NODE_ENV: 'production',
    ...tokenSettings(),
  });
}

async function startInstance(
  { logFolder, cleanup }: Surroundings,
  name: string,
  databaseUrl: string,
  more: Readonly<Record<string, string>>,
): Promise<Shop> {
  const env = { ...more, DATABASE_URL: databaseUrl };
  const script = join(ROOT, 'dist', 'src', 'main.js');
  const server = await ServerProcess.start({ name, script, env, linked: false, logFolder }, cleanup);
  return { key: 'b', databaseUrl, server };
}

async function startStrategy(
  { databases, logFolder, cleanup }: Surroundings,
  key: 'c' | 'd',
  strategy: string,
): Promise<Shop> {
  const databaseUrl = await databases.create(key);
  const env = { ...PRODUCTION, DATABASE_URL: databaseUrl, BENCH_STRATEGY: strategy };
  const script = join(__dirname, 'strategy-process.js');
  const options = { name: strategy, script, env, linked: true, logFolder };
  return { key, databaseUrl, server: await ServerProcess.start(options, cleanup) };
}

/** The no-op server answers with what the service answered, so that both put the same bytes on the wire. */
async function startNoop({ logFolder, cleanup }: Surroundings, service: Subject): Promise<Subject> {
  const { port } = service.server;
  const answers: Record<string, string> = {};
  for (const name of WORKLOAD_NAMES) {
    const { path, noopPath, document, paysReservations, ...terms } = WORKLOADS[name];
    const options = await makeOptions(port, terms);
    const id = paysReservations === true ? await reserveOne(port, options[0]) : undefined;
    answers[noopPath] = (await send(port, path, document(options, id))).text;
  }
  const env = { ...PRODUCTION, NOOP_ANSWERS: JSON.stringify(answers) };
  const script = join(__dirname, 'noop-server.js');
  const options = { name: 'noop', script, env, linked: true, logFolder };
  return { key: 'a', server: await ServerProcess.start(options, cleanup) };
}

async function reserveOne(port: number, ticketOptionId = ''): Promise<string> {
  return (await send(port, '/reservations', reservation(ticketOptionId))).id;
}
