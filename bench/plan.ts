export interface BenchPlan {
  readonly quick: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Before a server's first figures: its code is not compiled yet. */
  readonly firstWarmUpSeconds: number;
}

/** 64 and 256 connections: a busy day and a storm. */
export const CONNECTIONS = [64, 256] as const;

/** Where everybody wants in at once; the targets are set there. */
export const STORM = 256;

/** Within a minute, a build included. */
const QUICK: BenchPlan = {
  quick: true,
  rounds: 2,
  seconds: 1.1,
  warmUpSeconds: 0.35,
  firstWarmUpSeconds: 1,
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

export const SUBJECT_KEYS = ['a', 'b', 'c', 'd'] as const satisfies readonly SubjectKey[];
