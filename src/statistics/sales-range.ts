import { refusal } from '../refusals';

/** How long the intervals are that sales are added up by. */
export type Interval = 'minute' | 'hour' | 'day';

export const INTERVALS = ['minute', 'hour', 'day'] as const satisfies readonly Interval[];

interface IntervalKind {
  readonly minutes: 1 | 60 | 1440;
  /** How many days of it one request can ask for, so that none reads without end. */
  readonly longestDays: number;
}

const KINDS: Readonly<Record<Interval, IntervalKind>> = {
  minute: { minutes: 1, longestDays: 1 },
  hour: { minutes: 60, longestDays: 31 },
  day: { minutes: 1440, longestDays: 366 },
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What a request for sales can ask for. */
export interface SalesFilters {
  readonly event: string;
  readonly from: Date;
  readonly to: Date;
  readonly interval: Interval;
}

/** Which sales are meant. */
export interface SalesRange {
  readonly event: string | undefined;
  readonly interval: Interval;
  readonly minutes: 1 | 60 | 1440;
  /** The beginning of the first interval. */
  readonly from: Date;
  /** The intervals begin before this; null for all up to now, whatever the clocks of the machines say. */
  readonly to: Date | null;
}

/**
 * @returns the range that a request asks for: up to now, and as long as it can be, unless it says otherwise
 * @throws Refusal invalid_parameter
 */
export function rangeOf({ event, from, to, interval = 'hour' }: Partial<SalesFilters>): SalesRange {
  const { minutes, longestDays } = KINDS[interval];
  const end = to?.getTime() ?? Date.now();
  const longest = longestDays * DAY_MS;
  const start = from?.getTime() ?? end - longest;
  if (start >= end)
    throw refused('`filter[from]` must be earlier than `filter[to]`, which is now by default.');
  if (end - start > longest) {
    const days = longestDays === 1 ? 'one day' : `${longestDays} days`;
    throw refused(`With the interval ${interval}, a range can be no longer than ${days}.`);
  }
  const lengthMs = minutes * MINUTE_MS;
  // Intervals are those of UTC, in which all of them are equally long.
  return {
    event,
    interval,
    minutes,
    from: new Date(Math.floor(start / lengthMs) * lengthMs),
    to: to ?? null,
  };
}

function refused(detail: string): Error {
  return refusal('invalid_parameter', { detail, source: { parameter: 'filter[from]' } });
}
