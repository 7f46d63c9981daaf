import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_FLAGS } from '../../bench/node-flags';
import { ROOT } from '../root';

/** What runs: the product as `npm run start:prod` starts it, or one with its guard taken out. */
export interface Program {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

export const PRODUCT: Program = { script: join('dist', 'src', 'main.js'), env: {} };

const LOG_LINES = 500;
/** What it ends with that cannot start as things are, as when its port is taken; and for how long that may last. */
const CANNOT_START = 78;
const TAKEN_MS = 20_000;
/** Warnings come by the thousand while it is hurt. */
const ERROR = 50;

/** One instance of the service, which keeps its address when it is killed and started again. */
export class Service {
  private child: ChildProcess | undefined;
  private isWanted = true;
  /** What it has told on stderr, which is nothing unless it could not start. */
  private told = '';
  /** The errors that it has logged lately, for whoever has to find out why something is wrong. */
  readonly log: string[] = [];
  /** What it has logged as an error that nobody foresaw. */
  readonly bugs: string[] = [];

  private constructor(
    private readonly program: Program,
    private readonly env: Readonly<Record<string, string>>,
    private readonly clockFile: string,
    private readonly port: number,
  ) {}

  /** Starts it on a free port, and waits until it is ready. @throws when it ends instead */
  static async start(
    program: Program,
    env: Readonly<Record<string, string>>,
    clockFile: string,
  ): Promise<Service> {
    const service = new Service(program, env, clockFile, await freePort());
    await service.launch();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Kills it and starts it again; it may take its time until it is ready. */
  async crash(): Promise<void> {
    await this.end('SIGKILL');
    this.isWanted = true;
    await this.launch();
  }

  /** From now on the time of day is this much ahead for it. */
  step(aheadMs: number): void {
    writeFileSync(this.clockFile, String(aheadMs));
    this.signal('SIGUSR2');
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.isWanted = false;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  /** @returns what it said at its end, if nobody wanted it to end */
  get unwantedEnd(): string | undefined {
    const { exitCode = null, signalCode = null } = this.child ?? {};
    if (!this.isWanted || (exitCode === null && signalCode === null)) return undefined;
    return `an instance ended with ${String(exitCode ?? signalCode)}: ${this.told}`;
  }

  /** Nobody keeps its port free: for a while it may be that of somebody's connection. */
  private async launch(): Promise<void> {
    for (const end = performance.now() + TAKEN_MS; ;) {
      try {
        await this.launchOnce();
        return;
      } catch (error) {
        if (this.child?.exitCode !== CANNOT_START || performance.now() > end) throw error;
        await sleep(100);
        if (!this.isWanted) return;
        this.told = '';
      }
    }
  }

  private async launchOnce(): Promise<void> {
    const { script, env } = this.program;
    const steps = join(ROOT, 'torture', 'world', 'clock-steps.mjs');
    const child = spawn(process.execPath, [...NODE_FLAGS, '--import', steps, script], {
      cwd: ROOT,
      env: {
        ...{ PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(this.port) },
        ...{ CLOCK_STEP_FILE: this.clockFile, ...this.env, ...env },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    // It does not outlive us.
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    child.stderr.on('data', (bytes: Buffer) => (this.told = (this.told + bytes.toString()).slice(-2_000)));
    await new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const { msg, err, level } = JSON.parse(line) as { msg?: string; err?: unknown; level: number };
        if (level >= ERROR) this.log.push(line);
        if (this.log.length > LOG_LINES) this.log.shift();
        if (msg === 'ready') resolve();
        if (msg?.includes('nobody foresaw') === true) this.bugs.push(`${msg}: ${JSON.stringify(err)}`);
      });
      child.once('exit', () => {
        if (this.isWanted) reject(new Error(this.unwantedEnd));
        else resolve();
      });
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
