import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { EmbeddedServer, EmbeddedServerError } from '../src/database/embedded';
import { sharedBuffersMib } from '../src/database/embedded/postmaster';
import { makeTestFolder, removeTestFolder } from './support/server';

const ROOT = join(__dirname, '..');
const IS_ROOT = process.getuid?.() === 0;

/** A folder with data as the first start leaves it; copying it takes a tenth of a first start. */
let seed: string;
let dataDir: string;
let opened: EmbeddedServer[] = [];
let children: number[] = [];
let said: string[] = [];

beforeAll(async () => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build-if-stale.mjs'), 'tools'], { stdio: 'inherit' });
  seed = makeTestFolder();
  const server = EmbeddedServer.open({ dataDir: seed });
  await server.start();
  await server.stop();
}, 120_000);

afterAll(() => {
  removeTestFolder(seed);
});

beforeEach(() => {
  dataDir = makeTestFolder();
  said = [];
});

afterEach(async () => {
  for (const pid of children) kill(pid, 'SIGKILL');
  for (const server of opened) await server.stop();
  // What a killed owner left and no test took over.
  for (const pid of serverProcesses()) kill(pid, 'SIGQUIT');
  await until(() => serverProcesses().length === 0);
  opened = [];
  children = [];
  removeTestFolder(dataDir);
});

test('the first start creates a durable UTF-8 database that answers under the URL', async () => {
  const server = await firstStart();
  const rows = await ask(
    server.url,
    `SELECT current_database() AS database, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS commit, current_setting('server_encoding') AS encoding,
            current_setting('listen_addresses') AS tcp, current_setting('password_encryption') AS password`,
  );
  expect(rows).toEqual([
    { database: 'holdfast', fsync: 'on', commit: 'on', encoding: 'UTF8', tcp: '', password: 'scram-sha-256' },
  ]);
});

test('the server has the memory for data that the machine allows', async () => {
  const server = await startServer();
  const rows = await ask(
    server.url,
    "SELECT pg_size_bytes(current_setting('shared_buffers'))::float8 / 1048576 AS mib",
  );
  expect(rows).toEqual([{ mib: sharedBuffersMib(totalmem(), process.constrainedMemory()) }]);
});

test('nobody gets in without the password, which only the service can read', async () => {
  const server = await startServer();
  const wrong = server.url.replace(server.connection.password, 'guessed');
  await expect(ask(wrong, 'SELECT 1')).rejects.toThrow('password authentication failed');
  expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
  expect(statSync(server.connection.host).mode & 0o777).toBe(0o700);
});

test('the second start finds the data of the first under the same URL', async () => {
  const first = await firstStart();
  await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  const second = await startServer();
  expect(second.url).toBe(first.url);
  expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('stop leaves no process behind and may be called again', async () => {
  const server = await startServer();
  expect(serverProcesses()).not.toEqual([]);
  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
  expect(serverProcesses()).toEqual([]);
});

test('stop during the start gives the start up and leaves no process behind', async () => {
  const server = openServer();
  const start = server.start().then(
    () => 'started',
    () => 'given up',
  );
  await server.stop();
  expect(['started', 'given up']).toContain(await start);
  expect(serverProcesses()).toEqual([]);
});

test('the server runs in a process group of its own, which Ctrl-C does not reach', async () => {
  await startServer();
  const [, , group] = statOf(postmaster()).split(' ');
  expect(group).toBe(String(postmaster()));
});

test('a server that a killed service left behind is adopted, and stopped by the adopter', async () => {
  const owner = await startOwner();
  const left = postmaster();
  kill(owner, 'SIGKILL');
  const server = await startServer();
  expect(postmaster()).toBe(left);
  expect(said).toEqual(['A database server that an earlier run left behind was still there; using it.']);
  await server.stop();
  expect(serverProcesses()).toEqual([]);
});

test('a second owner is refused, with the number of the first', async () => {
  const owner = await startOwner();
  expect(await failure()).toBe(
    `Another Holdfast (process ${owner}) is using the data in ${dataDir}; stop it first, or set DATA_DIR or DATABASE_URL.`,
  );
});

test('of two first starts at the same time one gets the server and the other is refused', async () => {
  const starts = await Promise.allSettled([firstStart(), firstStart()]);
  const refused = starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []));
  expect(refused).toEqual([expect.stringContaining('Another Holdfast')]);
}, 60_000);

test('a service that starts while the one before shuts its server down waits and takes over', async () => {
  const owner = await startOwner();
  kill(owner, 'SIGTERM');
  const server = await startServer();
  expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a server that is killed is started again, with what was committed', async () => {
  const server = await startServer();
  await ask(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  kill(postmaster(), 'SIGKILL');
  await until(() => said.includes('The database server is back.'));
  expect(await ask(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('an adopted server that is killed is started again', async () => {
  kill(await startOwner(), 'SIGKILL');
  const server = await startServer();
  kill(postmaster(), 'SIGKILL');
  await until(() => said.includes('The database server is back.'));
  expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('ownership comes back when only its connection was ended', async () => {
  const server = await startServer();
  const before = postmaster();
  await ask(
    server.url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'holdfast owner%'",
  );
  await until(() => said.includes('The database server is back.'));
  expect(postmaster()).toBe(before);
});

test('a pid file left by a power loss does not keep the server from starting, even if its number is in use', async () => {
  const first = await startServer();
  const pidFile = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8');
  await first.stop();
  // The number of a process that PostgreSQL could take for its own: same user, and alive.
  const bystander = spawn('sleep', ['60'], { ...ownerOf(join(dataDir, 'postgres')), stdio: 'ignore' });
  const other = bystander.pid ?? 0;
  children.push(other);
  writeFileSync(join(dataDir, 'postgres/postmaster.pid'), pidFile.replace(/^\d+/, String(other)));
  const second = await startServer();
  expect(await ask(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('an interrupted first start leaves nothing that a later one stumbles over', async () => {
  const gone = spawn('true').pid ?? 0;
  const abandoned = join(dataDir, `postgres.new-${gone}-0badcafe`);
  mkdirSync(join(abandoned, 'data'), { recursive: true });
  await until(() => !isAlive(gone));
  await firstStart();
  expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.log', 'postgres.password']);
});

test('a path too long for a socket moves the socket, not the data', async () => {
  const parent = dataDir;
  dataDir = join(parent, 'a-folder-with-a-long-name'.repeat(4), '.data');
  const server = await firstStart();
  expect(server.connection.host).toMatch(/^\/tmp\/holdfast-[0-9a-f]{24}$/);
  expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await server.stop();
  removeTestFolder(server.connection.host);
  removeTestFolder(dataDir);
  dataDir = parent;
});

test('a folder that the server cannot use as it is: root gets its data elsewhere, others get a sentence', async () => {
  const parent = dataDir;
  dataDir = join(parent, '.data');
  chmodSync(parent, IS_ROOT ? 0o700 : 0o500);
  if (IS_ROOT) {
    const first = await firstStart();
    expect(said).toEqual([
      expect.stringMatching(/the data is in \/var\/lib\/holdfast\/[0-9a-f]{12}, linked from/),
    ]);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await startServer();
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
  } else {
    expect(await failure()).toMatch(
      /^Cannot make the data folder .*: this user has no permission; set DATA_DIR/,
    );
  }
  chmodSync(parent, 0o755);
  removeTestFolder(dataDir);
  dataDir = parent;
});

test('a file in the way of the data folder is told in a sentence', async () => {
  const parent = dataDir;
  dataDir = join(parent, 'file');
  writeFileSync(dataDir, '');
  expect(await failure()).toMatch(/^Cannot make the data folder .*: a file is in the way; set DATA_DIR/);
  dataDir = join(parent, 'file', 'below');
  expect(await failure()).toMatch(/: a part of the path is a file, not a folder; set DATA_DIR/);
  dataDir = parent;
});

test('something else in the place of the data is told in a sentence and left alone', async () => {
  const other = join(dataDir, 'postgres');
  mkdirSync(other);
  writeFileSync(join(other, 'letter.txt'), 'dear');
  chmodSync(other, 0o777);
  expect(await failure()).toMatch(/postgres is in the way: it is not a PostgreSQL data folder/);
  expect(readdirSync(other)).toEqual(['letter.txt']);
});

test('data of another major version is told in a sentence', async () => {
  await (await startServer()).stop();
  writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '15\n');
  expect(await failure()).toMatch(/was written by PostgreSQL 15, and this is PostgreSQL 18; dump it/);
});

test('a missing or a wrong password is told in a sentence', async () => {
  await (await startServer()).stop();
  writeFileSync(join(dataDir, 'postgres.password'), 'another\n');
  expect(await failure()).toMatch(
    /^The database server does not take the password in .*postgres\.password; bring/,
  );
  expect(serverProcesses()).toEqual([]);
  removeTestFolder(join(dataDir, 'postgres.password'));
  expect(await failure()).toMatch(/^The password of the database server is missing; put/);
});

test('a server that ends at once is told with its reason and its log', async () => {
  await (await startServer()).stop();
  writeFileSync(join(dataDir, 'postgres/postgresql.conf'), 'no_such_setting = on\n');
  expect(await failure()).toMatch(
    /^The database server did not start \(.+\); see .*postgres\.log, or set DATA_DIR/,
  );
});

test('a server that does not answer in time is told with the log', async () => {
  const owner = await startOwner();
  const stuck = postmaster();
  kill(stuck, 'SIGSTOP');
  kill(owner, 'SIGKILL');
  try {
    expect(await failure(500)).toMatch(
      /^The database server does not answer after 0\.5 s \(.+\); see .*postgres\.log/,
    );
  } finally {
    kill(stuck, 'SIGCONT');
  }
});

function openServer(readyMs?: number): EmbeddedServer {
  const log = (sentence: string): void => void said.push(sentence);
  const server = EmbeddedServer.open({ dataDir, log, ...(readyMs === undefined ? {} : { readyMs }) });
  opened.push(server);
  return server;
}

/** Starts the server on an empty folder. */
async function firstStart(): Promise<EmbeddedServer> {
  const server = openServer();
  await server.start();
  return server;
}

/** Starts the server on data from before. */
async function startServer(): Promise<EmbeddedServer> {
  provideData();
  return firstStart();
}

function provideData(): void {
  if (!existsSync(join(dataDir, 'postgres'))) execFileSync('cp', ['-a', `${seed}/.`, dataDir]);
}

/** @returns the sentence with which a start on the folder fails. */
async function failure(readyMs?: number): Promise<string> {
  try {
    await openServer(readyMs).start();
  } catch (error) {
    if (error instanceof EmbeddedServerError) return error.message;
    throw error;
  }
  throw new Error('It started.');
}

/** @returns the number of another process that owns the server. */
async function startOwner(): Promise<number> {
  provideData();
  const program = join(ROOT, 'dist-tools/test/processes/embedded-owner.js');
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  children.push(pid);
  const line = await new Promise<string>((resolve) => {
    child.stdout.once('data', (chunk: Buffer) => {
      resolve(chunk.toString().trim());
    });
  });
  expect(line).toBe('ready');
  return pid;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function postmaster(): number {
  return Number.parseInt(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);
}

/** The first processes of all servers on the folder, by their command lines. */
function serverProcesses(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const found = lines.filter((line) => line.includes('postgres -D ') && line.includes(`${dataDir}/`));
  return found.map((line) => Number.parseInt(line, 10));
}

function statOf(pid: number): string {
  return execFileSync('ps', ['-o', 'pid=,ppid=,pgid=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .replaceAll(/ +/g, ' ');
}

function ownerOf(path: string): { uid: number; gid: number } {
  const { gid, uid } = statSync(path);
  return { uid, gid };
}

function isAlive(pid: number): boolean {
  return kill(pid, 0);
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`It did not come true: ${holds.toString()}`);
    await pause(20);
  }
}
