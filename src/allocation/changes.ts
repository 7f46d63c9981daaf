import type { RequestKey } from './orders';

/** How an organiser wants something changed. */
export interface Manner {
  /** Lets it be done once. */
  readonly key?: RequestKey | undefined;
  /** Only a version among these: its `updated_at`, in milliseconds. Any without. */
  readonly onlyIf?: ReadonlySet<number> | undefined;
}

/** @returns whether somebody else was first. */
export function isStale({ updated_at: at }: { updated_at: Date }, { onlyIf }: Manner): boolean {
  return onlyIf !== undefined && !onlyIf.has(at.getTime());
}

/** A version is never used twice, even within a millisecond or when the clock is set back. */
export function nextVersion(now: string): string {
  return `greatest(${now}::timestamptz, updated_at + interval '1 millisecond')`;
}

/** What an organiser may change of a ticket option; what is absent stays. */
export interface OptionChanges {
  readonly name?: string;
  readonly description?: string | null;
  readonly kind?: string | null;
  readonly allocation?: number;
  readonly priceCents?: number;
  readonly maxPerUser?: number | null;
  readonly maxPerOrder?: number | null;
  readonly salesStartAt?: Date | null;
  readonly salesEndAt?: Date | null;
}

/** What an organiser may change of an event; what is absent stays. */
export interface EventChanges {
  readonly name?: string;
  readonly startsAt?: Date;
  readonly endsAt?: Date | null;
  readonly description?: string | null;
  readonly venue?: string | null;
  readonly maxTicketsPerUser?: number | null;
  /** `cancelled` is final: `scheduled` for a cancelled event is refused. */
  readonly status?: 'scheduled' | 'cancelled';
}
