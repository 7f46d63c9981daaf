import { join } from 'node:path';
import type { Cleanup } from './cleanup';
import { purchase, send, ticketOption } from './documents';
import type { Databases } from './databases';
import type { SubjectKey } from './plan';
import { ServerProcess } from './servers';

/** One of the servers that are compared. */
export interface Subject {
  readonly key: SubjectKey;
  readonly server: ServerProcess;
  /** Absent for the no-op server, which has none. */
  readonly databaseUrl?: string;
}

const ROOT = join(__dirname, '..', '..');
const PRODUCTION = { NODE_ENV: 'production', AUTH: 'off' };

/** Starts all of them; only one at a time is given work. */
export async function startSubjects(
  databases: Databases,
  logFolder: string,
  cleanup: Cleanup,
): Promise<Record<SubjectKey, Subject>> {
  const start = async (key: 'b' | 'c' | 'd', script: string, strategy?: string): Promise<Subject> => {
    const databaseUrl = await databases.create(key);
    const env = { ...PRODUCTION, DATABASE_URL: databaseUrl, ...(strategy && { BENCH_STRATEGY: strategy }) };
    const options = { name: strategy ?? 'service', script, env, linked: strategy !== undefined, logFolder };
    return { key, databaseUrl, server: await ServerProcess.start(options, cleanup) };
  };
  const strategyScript = join(__dirname, 'strategy-process.js');
  const [b, c, d] = await Promise.all([
    start('b', join(ROOT, 'dist', 'src', 'main.js')),
    start('c', strategyScript, 'conditional-update'),
    start('d', strategyScript, 'select-for-update'),
  ]);
  return { a: await startNoop(b, logFolder, cleanup), b, c, d };
}

/** The no-op server answers with what the service answered, so that both put the same bytes on the wire. */
async function startNoop(service: Subject, logFolder: string, cleanup: Cleanup): Promise<Subject> {
  const { port } = service.server;
  const option = await send(port, '/ticket_options', ticketOption(1));
  const bought = await send(port, '/purchases', purchase(option.id));
  const env = { ...PRODUCTION, NOOP_POST_ANSWER: bought.text, NOOP_GET_ANSWER: option.text };
  const script = join(__dirname, 'noop-server.js');
  const options = { name: 'noop', script, env, linked: true, logFolder };
  return { key: 'a', server: await ServerProcess.start(options, cleanup) };
}
