import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { NODE_FLAGS } from '../../bench/node-flags';

const ROOT = join(__dirname, '..', '..');

/** The product as it was built, and what breaks it on purpose. */
const PRODUCT = join(ROOT, 'dist', 'src', 'main.js');
const BROKEN_INSTANCE = join(ROOT, 'dist-tools', 'test', 'processes', 'broken-instance.js');

/** An instance with its guard taken out. */
export interface Broken {
  readonly script: string;
  readonly env: Record<string, string>;
}

/** @param name of the broken turn; see `test/processes/broken-instance.ts` */
export function brokenBy(name: string): Broken {
  return { script: BROKEN_INSTANCE, env: { BROKEN: name } };
}

/** One running service: a process of its own, as in production. */
export class Instance {
  private constructor(
    private readonly child: ChildProcess,
    /** http://127.0.0.1:port */
    readonly url: string,
    /** Every line that it has logged, parsed. */
    readonly log: readonly Record<string, unknown>[],
  ) {}

  /** Runs an instance that cannot start. @returns its exit code and what it told on stderr */
  static async fail(env: Record<string, string>): Promise<{ code: number | null; told: string }> {
    const child = launch(env, PRODUCT);
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
    child.stdout.resume();
    await once(child, 'close');
    return { code: child.exitCode, told: told.trim() };
  }

  /**
   * Starts it on a free port.
   *
   * @param until what it logs when it has come far enough; by default that it is ready to serve
   */
  static async start(env: Record<string, string>, script = PRODUCT, until = 'ready'): Promise<Instance> {
    const child = launch(env, script);
    const log: Record<string, unknown>[] = [];
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const address = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const entry = JSON.parse(line) as Record<string, unknown>;
        log.push(entry);
        if (String(entry['msg']).startsWith(until)) resolve(String(entry['address']));
      });
      child.once('exit', (code) => {
        reject(new Error(`the instance ended with ${String(code)} before it was ready: ${errors}`));
      });
    });
    return new Instance(child, address, log);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resident memory now, in MiB; Linux only. */
  memoryMib(): number {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(this.status())?.[1]) / 1_024;
  }

  /** Whether SIGSTOP has reached it, so that it does nothing more; Linux only. */
  get isStopped(): boolean {
    return /^State:\s+T/m.test(this.status());
  }

  private status(): string {
    return readFileSync(`/proc/${this.pid}/status`, 'utf8');
  }

  /** Sends a signal, by default that of Ctrl-C, after which nothing is waited for. @returns the exit code when the process has ended; null when the signal ended it */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill(signal);
      await exited;
    }
    return this.child.exitCode;
  }
}

/** Started processes do not outlive the test that failed before it could end them. */
function launch(env: Record<string, string>, script: string): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(process.execPath, [...NODE_FLAGS, script], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}
