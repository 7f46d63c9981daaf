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
