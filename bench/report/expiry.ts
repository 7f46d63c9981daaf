import type { ExpiryRound } from '../expiry';
import { median, round } from './summary';

export interface ExpiryReport {
  /** Until the last was given back; null if that did not come in every round. */
  readonly seconds: number | null;
  /** The sale's speed meanwhile over its speed alone, just before and afterwards. */
  readonly speed_ratio: number;
  readonly rounds: readonly (Omit<ExpiryRound, 'problems'> & { readonly speed_ratio: number })[];
}

/** Medians over the rounds. */
export function expiryReportOf(rounds: readonly ExpiryRound[]): ExpiryReport {
  const times = rounds.map(({ seconds }) => seconds ?? Infinity);
  const ratios = rounds.map(({ before, during, after }) => during / ((before + after) / 2));
  const seconds = median(times);
  return {
    seconds: Number.isFinite(seconds) ? round(seconds, 2) : null,
    speed_ratio: round(median(ratios), 3),
    rounds: rounds.map(({ problems: _told, ...figures }, index) => ({
      ...figures,
      speed_ratio: round(ratios[index] ?? NaN, 3),
    })),
  };
}
