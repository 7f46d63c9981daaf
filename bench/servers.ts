import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cleanup } from './cleanup';
import type { LoadPlan, LoadResult } from './load';
import type { Message } from './load-process';
import { NODE_FLAGS } from './node-flags';
import type { Processors } from './processors';

const READY_SECONDS = 30;
const STOP_SECONDS = 20;

interface ServerOptions {
  /** For messages and for the name of its log file. */
  readonly name: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether the script ends by itself when the bench is gone; the service knows nothing of a parent. */
  readonly linked: boolean;
  readonly logFolder: string;
}

/** An HTTP server in a process of its own, on 127.0.0.1. */
export class ServerProcess {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly options: ServerOptions,
    private readonly log: string,
  ) {}

  /** From the start of the process until it said that it was ready. */
  readySeconds = NaN;

  /** Resolves when it is ready for requests. */
  static async start(options: ServerOptions, cleanup: Cleanup): Promise<ServerProcess> {
    const port = await freePort();
    const log = join(options.logFolder, `${options.name}.log`);
    const output = openSync(log, 'a');
    const startedAt = performance.now();
    const env = { ...process.env, ...options.env, HOST: '127.0.0.1', PORT: String(port) };
    const child = options.linked
      ? fork(options.script, { env, execArgv: NODE_FLAGS, stdio: ['ignore', output, output, 'ipc'] })
      : spawn(process.execPath, [...NODE_FLAGS, options.script], { env, stdio: ['ignore', output, output] });
    closeSync(output);
    const server = new ServerProcess(port, child, options, log);
    cleanup.add(() => server.stop());
    await server.ready();
    server.readySeconds = (performance.now() - startedAt) / 1000;
    return server;
  }

  async stop(): Promise<void> {
    if (this.exited) return;
    const exit = once(this.child, 'exit');
    // As by Ctrl-C: a supervisor's signal would be announced to a proxy first, which takes two seconds.
    this.child.kill('SIGINT');
    const kill = setTimeout(() => this.child.kill('SIGKILL'), 1000 * STOP_SECONDS);
    await exit;
    clearTimeout(kill);
  }

  /** The most resident memory that the process has had, and what it has now; null where the system does not say. */
  memoryMib(): { readonly peak: number | null; readonly now: number | null } {
    let status = '';
    try {
      status = readFileSync(`/proc/${String(this.child.pid)}/status`, 'utf8');
    } catch {
      // Not Linux.
    }
    const read = (field: string): number | null => {
      const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
      return kib === undefined ? null : Math.round(Number(kib) / 102.4) / 10;
    };
    return { peak: read('VmHWM'), now: read('VmRSS') };
  }

  private async ready(): Promise<void> {
    const until = Date.now() + 1000 * READY_SECONDS;
    while (Date.now() < until && !this.exited) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/health/ready`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.ok === true) return;
      await wait(10);
    }
    const output = readFileSync(this.log, 'utf8').slice(-4000);
    throw new Error(`${this.options.name} did not become ready. Its output ends:\n${output}`);
  }

  private get exited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/**
 * Runs the load generator in a process of its own.
 *
 * @param watch is told when the measured time begins and ends
 */
export async function load(plan: LoadPlan, watch?: Pick<Processors, 'begin' | 'end'>): Promise<LoadResult> {
  const child = fork(join(__dirname, 'load-process.js'));
  try {
    const result = new Promise<LoadResult>((resolve, reject) => {
      child.on('message', (message: Message) => {
        if ('result' in message) resolve(message.result);
        else if (message.moment === 'begins') watch?.begin();
        else watch?.end();
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        reject(new Error(`The load generator ended with exit code ${String(code)}.`));
      });
    });
    child.send(plan);
    return await result;
  } finally {
    child.kill();
  }
}

/** @throws Error with a sentence where so many connections cannot be had by one process. */
export function checkOpenFiles(connections: number): void {
  // Elsewhere the connections that fail will tell.
  if (process.platform !== 'linux') return;
  const limits = readFileSync('/proc/self/limits', 'utf8');
  // Node raises the soft limit to the hard one when it starts.
  const most = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  if (most < connections + 200) {
    throw new Error(`${connections} connections need more open files than ${most}; raise \`ulimit -n\`.`);
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
