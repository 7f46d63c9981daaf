import { cpus, loadavg, totalmem } from 'node:os';
import { round } from '../figure';

export interface Machine {
  readonly cpus: number;
  readonly cpu: string;
  readonly memory_gib: number;
  readonly node: string;
  readonly postgres: string;
  /** Of the last minute before the bench. */
  readonly load_average: number;
  readonly date: string;
}

/** To be asked before the work begins: the load average tells what else was going on. */
export function machineOf(postgres: string): Machine {
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memory_gib: round(totalmem() / 2 ** 30, 1),
    node: process.version,
    postgres,
    load_average: round(loadavg()[0] ?? 0, 2),
    date: new Date().toISOString(),
  };
}
