import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from 'pg';
import { kindOf, postmasterOf, Processors } from '../bench/processors';
import { createTestDatabase } from './support/database';

const BURNT_US = 400_000;

/** Uses a processor for so long when it is told to, and says so. */
const BURNER = `
  process.on('message', (what) => {
    if (what === 'end') process.exit();
    const from = process.cpuUsage();
    for (;;) {
      const { user, system } = process.cpuUsage(from);
      if (user + system >= ${BURNT_US}) break;
    }
    process.send('burnt');
  });
  process.send('ready');`;

/** Stands where PostgreSQL's first process does, with a session that burns. */
const PARENT = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', ${JSON.stringify(BURNER)}], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.on('message', (what) => process.send(what));
  child.on('exit', () => process.send('ended'));
  process.on('message', (what) => child.send(what));`;

async function start(script: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(child, 'message');
  return child;
}

async function tell(child: ChildProcess, what: 'burn' | 'end'): Promise<void> {
  const done = once(child, 'message');
  child.send(what);
  await done;
}

/** @returns what was used while it went on, of a server of ours and of a database with this first process */
async function watch(work: () => Promise<unknown>, postmaster?: number) {
  const processors = new Processors(postmaster);
  processors.begin();
  await work();
  processors.end();
  return processors;
}

describe('processor time', () => {
  it('of a server is that of its process in the measured time, shared out among the answers', async () => {
    const server = await start(BURNER);
    await tell(server, 'burn');
    const processors = await watch(() => tell(server, 'burn'));
    server.kill();
    const { server_us: used = NaN } = processors.perAnswer(1) ?? {};
    expect(used).toBeGreaterThan(0.9 * BURNT_US);
    expect(used).toBeLessThan(1.5 * BURNT_US);
    expect(processors.perAnswer(4)?.server_us).toBeCloseTo(used / 4, 0);
  });

  it('of a session is that of its process, and no server’s', async () => {
    const postmaster = await start(PARENT);
    const processors = await watch(() => tell(postmaster, 'burn'), postmaster.pid);
    postmaster.kill();
    const { sessions_us: used = NaN, server_us: ours } = processors.perAnswer(1) ?? {};
    expect(used).toBeGreaterThan(0.9 * BURNT_US);
    expect(used).toBeLessThan(1.5 * BURNT_US);
    expect(ours).toBe(0);
  });

  it('of a session that ends is what it used in the measured time', async () => {
    const postmaster = await start(PARENT);
    await tell(postmaster, 'burn');
    const idle = await watch(() => tell(postmaster, 'end'), postmaster.pid);
    postmaster.kill();
    expect(idle.perAnswer(1)?.sessions_us).toBe(0);
    expect(idle.perAnswer(1)?.upkeep_us).toBeLessThan(0.5 * BURNT_US);

    const again = await start(PARENT);
    const busy = await watch(async () => {
      await tell(again, 'burn');
      await tell(again, 'end');
    }, again.pid);
    again.kill();
    expect(busy.perAnswer(1)?.upkeep_us).toBeGreaterThan(0.9 * BURNT_US);
  });

  it('knows PostgreSQL’s sessions from its other processes', async () => {
    const database = await createTestDatabase();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ pid: number; kind: string; own: number }>(
      'SELECT pid, backend_type AS kind, pg_backend_pid() AS own FROM pg_stat_activity',
    );
    const told = rows.flatMap(({ pid, kind }) => {
      const ours = kindOf(pid);
      return ours === undefined ? [] : [`${kind}: ${ours}`]; // gone meanwhile
    });
    const postmaster = postmasterOf(rows[0]?.own ?? 0);
    await client.end();
    await database.drop();
    expect(told).toContain('client backend: session');
    expect(told).toContain('checkpointer: upkeep');
    // A session's query may be worked on by others too.
    const isSession = /^(client backend|parallel worker): /;
    expect(told.filter((each) => isSession.test(each) !== each.endsWith('session'))).toEqual([]);
    expect(postmaster).toBeGreaterThan(0);
    expect(postmasterOf(process.pid)).toBeUndefined();
  });

  it('is not told where nothing was measured or answered', async () => {
    expect(new Processors(undefined).perAnswer(1)).toBeUndefined();
    const processors = await watch(() => Promise.resolve());
    expect(processors.perAnswer(0)).toBeUndefined();
    expect(processors.perAnswer(1)?.idle).toBeGreaterThanOrEqual(0);
  });
});
