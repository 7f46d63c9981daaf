import { readdirSync, readFileSync } from 'node:fs';
import { round } from './figure';

/** Who has used the processors, in nanoseconds since each process began; what is over by now counts for its parent. */
interface Sample {
  readonly servers: ReadonlyMap<number, number>;
  readonly sessions: ReadonlyMap<number, number>;
  readonly upkeep: ReadonlyMap<number, number>;
  /** Of the postmaster and its children that have ended, in nanoseconds. */
  readonly postmaster: number;
  /** Ticks in which a processor had nothing to do, and all ticks. */
  readonly idle: number;
  readonly all: number;
}

/** What a load cost, in microseconds of processor time for each answer. */
export interface ProcessorTime {
  /** HTTP servers: all but the generator that the benchmark has started. */
  readonly server_us: number;
  /** PostgreSQL's processes for connections. */
  readonly sessions_us: number;
  /** PostgreSQL's others: autovacuum, checkpoints, its log. */
  readonly upkeep_us: number;
  /** Share of the machine's processors that nobody used, from 0 to 1. */
  readonly idle: number;
}

/** Linux, USER_HZ: the kernel tells everybody in hundredths, whatever it counts in. */
const TICK_NS = 1e7;

const GENERATOR = 'load-process.js';
/** PostgreSQL writes into their titles what its processes do; those of connections begin with a user's name. */
const UPKEEP =
  /^postgres: (\S+: )?(autovacuum |background |checkpointer|io worker|logical replication |startup|wal(writer|sender|receiver|summarizer)|archiver|slotsync)/;

/**
 * Watches what a load takes of the processors, by who takes it. Where everybody shares two of them that says why a
 * figure is what it is: answers a second are two seconds of processor time, less what was idle, over the time for
 * each.
 */
export class Processors {
  private from: Sample | undefined;
  private until: Sample | undefined;

  /** @param postmaster PostgreSQL's first process; unknown where it runs elsewhere */
  constructor(private readonly postmaster: number | undefined) {}

  /** The measured time begins. */
  begin(): void {
    this.from = sampleOf(this.postmaster);
  }

  /** The measured time ends. */
  end(): void {
    this.until = sampleOf(this.postmaster);
  }

  /** @returns undefined where the system does not tell, which is everywhere but on Linux */
  perAnswer(answers: number): ProcessorTime | undefined {
    const { from, until } = this;
    if (from === undefined || until === undefined || answers === 0) return undefined;
    const us = (ns: number): number => round(ns / 1000 / answers, 1);
    // What a session or worker had used before it ended has gone over to the postmaster.
    const ended = goneFrom(from.sessions, until.sessions) + goneFrom(from.upkeep, until.upkeep);
    const rest = Math.max(0, until.postmaster - from.postmaster - ended);
    return {
      server_us: us(usedBetween(from.servers, until.servers)),
      sessions_us: us(usedBetween(from.sessions, until.sessions)),
      upkeep_us: us(usedBetween(from.upkeep, until.upkeep) + rest),
      idle: round((until.idle - from.idle) / Math.max(1, until.all - from.all), 3),
    };
  }
}

/** @returns the first process of the PostgreSQL that a session belongs to, or undefined when it is not on this machine */
export function postmasterOf(session: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return titleOf(session).startsWith('postgres') ? statOf(session)?.parent : undefined;
}

/** @returns whether a process of PostgreSQL serves a connection, or undefined when it is gone */
export function kindOf(pid: number): 'session' | 'upkeep' | undefined {
  const title = titleOf(pid);
  if (title === '') return undefined;
  return UPKEEP.test(title) ? 'upkeep' : 'session';
}

function usedBetween(from: ReadonlyMap<number, number>, until: ReadonlyMap<number, number>): number {
  let used = 0;
  for (const [pid, ns] of until) used += ns - (from.get(pid) ?? 0);
  return used;
}

function goneFrom(from: ReadonlyMap<number, number>, until: ReadonlyMap<number, number>): number {
  let gone = 0;
  for (const [pid, ns] of from) if (!until.has(pid)) gone += ns;
  return gone;
}

function sampleOf(postmaster: number | undefined): Sample | undefined {
  if (process.platform !== 'linux') return undefined;
  const [servers, sessions, upkeep] = [
    new Map<number, number>(),
    new Map<number, number>(),
    new Map<number, number>(),
  ];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? statOf(pid)?.parent : undefined;
    if (parent !== process.pid && (parent === undefined || parent !== postmaster)) continue;
    const own = parent === postmaster ? (kindOf(pid) === 'upkeep' ? upkeep : sessions) : servers;
    if (pid !== postmaster && !titleOf(pid).includes(GENERATOR)) own.set(pid, nanosecondsOf(pid));
  }
  const { used = 0 } = postmaster === undefined ? {} : (statOf(postmaster) ?? {});
  const [, ...ticks] = (/^cpu .*$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[0] ?? '')
    .split(/\s+/)
    .map(Number);
  // user, nice, system, idle, iowait, irq, softirq, steal; the rest is part of the first two
  const all = ticks.slice(0, 8).reduce((sum, one) => sum + one, 0);
  return { servers, sessions, upkeep, postmaster: used, idle: (ticks[3] ?? 0) + (ticks[4] ?? 0), all };
}

/** What a process is called, empty when it is gone. */
function titleOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

/** A process's parent, and the nanoseconds that it and its ended children have used. */
function statOf(pid: number): { readonly parent: number; readonly used: number } | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === '') return undefined;
  // The name in parentheses may hold anything; behind it come state (3), parent (4) … utime, stime, cutime, cstime (14 to 17).
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const used = fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0);
  return { parent: fields[1] ?? 0, used: used * TICK_NS };
}

/** Of all threads; those of Node.js that compile and collect garbage among them. */
function nanosecondsOf(pid: number): number {
  let threads: readonly string[] = [];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // Gone.
  }
  return threads.reduce(
    (sum, id) => sum + Number(read(`/proc/${pid}/task/${id}/schedstat`).split(' ')[0]),
    0,
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}
