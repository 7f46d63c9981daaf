/** What can be measured on its own. */
export const SECTIONS = [
  'strategies',
  'workloads',
  'connections',
  'latency',
  'readers',
  'instances',
  'expiry',
  'lists',
  'statistics',
  'rows',
  'long_sale',
] as const;
export type SectionName = (typeof SECTIONS)[number];

export interface BenchPlan {
  readonly quick: boolean;
  readonly sections: readonly SectionName[];
  readonly rounds: number;
  /** Of each turn. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Before a server's first figures of each workload: its code is not compiled yet. */
  readonly firstWarmUpSeconds: number;
  /** Of the long sale. */
  readonly longSeconds: number;
  /** Whether the page and its charts are written. */
  readonly writes: boolean;
}

/** A moderate number of connections, to see whether a hundred wait for something. */
export const BUSY = 64;
/** Where everybody wants in at once; the targets are set there. */
export const STORM = 256;
/** More than there are in any storm. */
export const CROWD = 2_000;

const USAGE = `Usage: npm run bench [-- --quick | --only ${SECTIONS.slice(0, 2).join(',')},… | --seconds 2 | --write]`;

/** Within a minute, a build included. */
const QUICK: BenchPlan = {
  ...{ quick: true, sections: ['strategies', 'workloads'], writes: false },
  ...{ rounds: 1, seconds: 0.5, warmUpSeconds: 0.1, firstWarmUpSeconds: 0.2, longSeconds: 0 },
};

/** Long enough to see through a pause of the machine; three rounds of everything end within half an hour. */
export const SECONDS = 3.5;
const LONG_SECONDS = 300;

/** @throws Error with a sentence for an argument that it does not know. */
export function planOf(args: readonly string[]): BenchPlan {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const name = args[at] ?? '';
    const takesValue = name === '--only' || name === '--seconds';
    if (!takesValue && name !== '--quick' && name !== '--write') {
      throw new Error(`Unknown argument ${name}. ${USAGE}`);
    }
    given.set(name, takesValue ? (args[++at] ?? '') : '');
  }
  if (given.has('--quick')) {
    if (given.size > 1) throw new Error(`--quick goes alone. ${USAGE}`);
    return QUICK;
  }
  const seconds = secondsOf(given.get('--seconds'));
  const sections = sectionsOf(given.get('--only'));
  const isWhole = sections.length === SECTIONS.length;
  if (given.has('--write') && !isWhole) throw new Error(`--write needs every section. ${USAGE}`);
  return {
    ...{ quick: false, sections, rounds: 3, seconds, warmUpSeconds: Math.min(1, seconds / 4) },
    ...{ firstWarmUpSeconds: Math.min(2, seconds), longSeconds: (LONG_SECONDS / SECONDS) * seconds },
    // A shortened run says less, so it takes the place of a full one only where that is asked for.
    writes: given.has('--write') || (isWhole && seconds >= SECONDS),
  };
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return SECONDS;
  const seconds = Number(text);
  if (!(seconds >= 0.5 && seconds <= 60)) throw new Error(`--seconds is 0.5 to 60. ${USAGE}`);
  return seconds;
}

function sectionsOf(text: string | undefined): readonly SectionName[] {
  if (text === undefined) return SECTIONS;
  const names = text.split(',');
  const unknown = names.find((name) => !SECTIONS.some((section) => section === name));
  if (unknown !== undefined) throw new Error(`There is no section ${unknown}: ${SECTIONS.join(', ')}.`);
  return SECTIONS.filter((section) => names.includes(section));
}

/** Ways to sell that Holdfast is compared with. */
export const STRATEGY_KEYS = ['c', 'd', 'e', 'f', 'g', 'h'] as const;
export type StrategyKey = (typeof STRATEGY_KEYS)[number];
export type SubjectKey = 'a' | 'b' | StrategyKey;

/** Those that still have what they sold when the process has died. */
export const DURABLE_KEYS = ['c', 'd', 'e', 'f', 'g'] as const satisfies readonly StrategyKey[];

export const SUBJECT_TITLES: Readonly<Record<SubjectKey, string>> = {
  a: 'bare Fastify no-op',
  b: 'Holdfast',
  c: 'conditional UPDATE per request',
  d: 'SELECT … FOR UPDATE per request',
  e: 'advisory lock and recount per request',
  f: 'a row per ticket, SKIP LOCKED',
  g: '16 sub-counters',
  h: 'counter in the process, not durable',
};
