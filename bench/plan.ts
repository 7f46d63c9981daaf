import type { WorkloadName } from './workloads';

export interface BenchPlan {
  readonly quick: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Before a server's first figures of each workload: its code is not compiled yet. */
  readonly firstWarmUpSeconds: number;
}

/** 64 and 256 connections: a busy day and a storm. */
const BUSY = 64;
/** Where everybody wants in at once; the targets are set there. */
export const STORM = 256;

/** Within a minute, a build included. */
const QUICK: BenchPlan = {
  quick: true,
  rounds: 2,
  seconds: 0.9,
  warmUpSeconds: 0.25,
  firstWarmUpSeconds: 0.8,
};
const FULL: BenchPlan = { quick: false, rounds: 3, seconds: 5, warmUpSeconds: 1, firstWarmUpSeconds: 3 };

/** @throws Error with a sentence for an argument that it does not know. */
export function planOf(args: readonly string[]): BenchPlan {
  const unknown = args.find((arg) => arg !== '--quick');
  if (unknown !== undefined)
    throw new Error(`Unknown argument ${unknown}. Usage: npm run bench [-- --quick]`);
  return args.includes('--quick') ? QUICK : FULL;
}

export type SubjectKey = 'a' | 'b' | 'c' | 'd';

export const SUBJECT_TITLES: Readonly<Record<SubjectKey, string>> = {
  a: 'bare Fastify no-op',
  b: 'Holdfast',
  c: 'conditional UPDATE per request',
  d: 'SELECT … FOR UPDATE per request',
};

const SUBJECT_KEYS = ['a', 'b', 'c', 'd'] as const satisfies readonly SubjectKey[];

/** One workload at one number of connections, for some subjects, one after the other. */
export interface Stage {
  readonly workload: WorkloadName;
  readonly connections: number;
  readonly subjects: readonly SubjectKey[];
  /** The stage whose (a) it is compared with, if it has none: that sends the same requests. */
  readonly noopOf?: WorkloadName;
}

const QUICK_STAGES: readonly Stage[] = [
  { workload: 'hot_option', connections: STORM, subjects: SUBJECT_KEYS },
  { workload: 'sold_out', connections: STORM, subjects: ['b'], noopOf: 'hot_option' },
  { workload: 'buy_limited', connections: STORM, subjects: ['b'], noopOf: 'hot_option' },
  { workload: 'buy_keyed', connections: STORM, subjects: ['a', 'b'] },
  { workload: 'buy_authenticated', connections: STORM, subjects: ['a', 'b'] },
  { workload: 'reserve', connections: STORM, subjects: ['a', 'b'] },
  { workload: 'reserve_keyed', connections: STORM, subjects: ['b'], noopOf: 'reserve' },
  { workload: 'reserve_several', connections: STORM, subjects: ['a', 'b'] },
  { workload: 'pay', connections: STORM, subjects: ['a', 'b'] },
];

/** What one round goes through. */
export function stagesOf({ quick }: BenchPlan): readonly Stage[] {
  if (quick) return QUICK_STAGES;
  return [{ workload: 'hot_option', connections: BUSY, subjects: SUBJECT_KEYS }, ...QUICK_STAGES];
}
