import type { LoadResult } from './load';

/** What a workload took from one ticket option, and what it was told. */
export interface Sale {
  readonly allocation: number;
  /** Tickets of the option in each request. */
  readonly quantity: number;
  readonly result: Pick<LoadResult, 'statuses' | 'unanswered'>;
}

/** What the tables say of one ticket option. */
export interface Counted {
  readonly allocation: number;
  readonly remaining: number;
  readonly reserved: number;
  readonly sold: number;
  /** In purchases. */
  readonly purchased: number;
  /** In holds. */
  readonly held: number;
  /** In active reservations. */
  readonly promised: number;
  /** What users are counted with; null where nobody is counted. */
  readonly counted: number | null;
}

/**
 * What the tables say against what was answered.
 *
 * @returns one sentence for each thing that does not fit.
 */
export function differences(sale: Sale, option: Counted): string[] {
  return [...ownDifferences(sale.allocation, option), ...toldDifferences(sale, option)];
}

/** The same where each request took from one of several options: each must add up, and all of them to what was told. */
export function differencesOverAll(sale: Sale, options: readonly Counted[]): string[] {
  const taken = options.reduce((sum, option) => sum + option.reserved + option.sold, 0);
  return [
    ...options.flatMap((option) => ownDifferences(sale.allocation, option)),
    ...toldDifferences(sale, { reserved: 0, sold: taken }),
  ];
}

/** Whether an option's own counters and rows agree. */
function ownDifferences(allocation: number, option: Counted): string[] {
  const { remaining, reserved, sold, purchased, held, promised, counted } = option;
  const taken = reserved + sold;
  return failed([
    [option.allocation === allocation, `allocation is ${option.allocation}, was ${allocation}`],
    [taken <= allocation, `oversold: ${taken} taken of ${allocation}`],
    [remaining + taken === allocation, `${remaining} + ${reserved} + ${sold} is not ${allocation}`],
    [remaining >= 0 && reserved >= 0, `negative: ${remaining} remaining, ${reserved} reserved`],
    [sold === purchased, `sold is ${sold}, the purchases add up to ${purchased}`],
    [reserved === held, `reserved is ${reserved}, the holds add up to ${held}`],
    [held === promised, `${held} are held, the active reservations add up to ${promised}`],
    [counted === null || counted === taken, `${taken} are taken, users are counted with ${counted ?? 0}`],
  ]);
}

/** Whether what was taken is what was acknowledged. */
function toldDifferences(
  { quantity, result }: Sale,
  { reserved, sold }: Pick<Counted, 'reserved' | 'sold'>,
): string[] {
  const taken = reserved + sold;
  const acknowledged = quantity * (result.statuses['201'] ?? 0);
  const open = quantity * (result.unanswered + serverErrors(result.statuses));
  return failed([
    [taken >= acknowledged, `${acknowledged} acknowledged, only ${taken} taken`],
    // A request without a clear answer may have got some; nothing else explains a ticket that nobody was promised.
    [
      taken <= acknowledged + open,
      `${taken} taken, ${acknowledged} acknowledged, ${open} without a clear answer`,
    ],
  ]);
}

/**
 * A few tickets, and many more buyers at once: exactly so many are told that they have one, and have one.
 *
 * @param purchased in the table; null where nothing is written
 * @returns one sentence for each thing that does not fit.
 */
export function soldOutDifferences(tickets: number, confirmed: number, purchased: number | null): string[] {
  return failed([
    [confirmed <= tickets, `oversold: ${confirmed} were confirmed of ${tickets}`],
    [confirmed >= tickets, `only ${confirmed} of ${tickets} were sold`],
    [purchased === null || purchased === tickets, `${purchased ?? 0} purchases of ${tickets} tickets`],
  ]);
}

function failed(checks: readonly (readonly [fits: boolean, difference: string])[]): string[] {
  return checks.filter(([fits]) => !fits).map(([, difference]) => difference);
}

function serverErrors(statuses: Readonly<Record<string, number>>): number {
  return Object.entries(statuses)
    .filter(([status]) => Number(status) >= 500)
    .reduce((sum, [, count]) => sum + count, 0);
}
