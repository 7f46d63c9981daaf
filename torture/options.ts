import { parseArgs } from 'node:util';

/** What was asked for on the command line. */
export interface Options {
  readonly seed: number;
  readonly minutes: number;
  /** Whether the page on reliability gets the summary. */
  readonly write: boolean;
}

const DAY_MINUTES = 1_440;

/** @throws Error with one sentence for people */
export function optionsOf(given: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...given],
    options: {
      minutes: { type: 'string', default: '3' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      write: { type: 'boolean', default: false },
    },
  });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0 && minutes <= DAY_MINUTES))
    throw new Error('--minutes must be more than 0, and a day at most.');
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed must be a whole number.');
  return { minutes, seed, write: values.write };
}
