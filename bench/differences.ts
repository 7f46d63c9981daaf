import type { LoadResult } from './load';

/** What a workload sold from, and what it was told. */
export interface Sale {
  readonly allocation: number;
  /** Tickets in each request. */
  readonly quantity: number;
  readonly result: LoadResult;
}

/** What the tables say. */
export interface Counted {
  readonly allocation: number;
  readonly remaining: number;
  readonly reserved: number;
  readonly sold: number;
  readonly purchased: number;
}

/**
 * What the tables say against what was answered.
 *
 * @returns one sentence for each thing that does not fit.
 */
export function differences({ allocation, quantity, result }: Sale, counted: Counted): string[] {
  const { remaining, reserved, sold, purchased } = counted;
  const acknowledged = quantity * (result.statuses['201'] ?? 0);
  const open = quantity * (result.unanswered + serverErrors(result.statuses));
  const checks: [boolean, string][] = [
    [counted.allocation === allocation, `allocation is ${counted.allocation}, was ${allocation}`],
    [sold <= allocation, `oversold: ${sold} sold of ${allocation}`],
    [remaining + reserved + sold === allocation, `${remaining} + ${reserved} + ${sold} is not ${allocation}`],
    [remaining >= 0 && reserved >= 0, `negative: ${remaining} remaining, ${reserved} reserved`],
    [sold === purchased, `sold is ${sold}, the purchases add up to ${purchased}`],
    [sold >= acknowledged, `${acknowledged} acknowledged, only ${sold} sold`],
    // A request without a clear answer may have bought; nothing else explains a ticket that nobody was promised.
    [
      sold <= acknowledged + open,
      `${sold} sold, ${acknowledged} acknowledged, ${open} without a clear answer`,
    ],
  ];
  return checks.filter(([fits]) => !fits).map(([, difference]) => difference);
}

function serverErrors(statuses: Readonly<Record<string, number>>): number {
  return Object.entries(statuses)
    .filter(([status]) => Number(status) >= 500)
    .reduce((sum, [, count]) => sum + count, 0);
}
