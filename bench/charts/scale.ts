/** How values of one axis become places. */
export interface Axis {
  /** With its unit. */
  readonly title: string;
  readonly kind: 'linear' | 'log';
  /** Where lines are drawn and labelled; made up if absent. */
  readonly ticks?: readonly number[];
  readonly label?: (value: number) => string;
}

export interface Scale {
  readonly ticks: readonly number[];
  readonly label: (value: number) => string;
  /** @returns the share of the axis's length at which a value lies, from 0 to 1 */
  place(value: number): number;
}

/** Makes room for all values: a linear axis begins at 0, a logarithmic one at the last tick before the smallest. */
export function scaleOf({ kind, ticks: given, label = plain }: Axis, values: readonly number[]): Scale {
  const ticks = given ?? (kind === 'log' ? logTicks(values) : linearTicks(Math.max(0, ...values)));
  const all = given === undefined ? ticks : [...ticks, ...values];
  const transform = kind === 'log' ? Math.log : (value: number) => value;
  const [low, high] = [transform(Math.min(...all)), transform(Math.max(...all))];
  return { ticks, label, place: (value) => (high === low ? 0.5 : (transform(value) - low) / (high - low)) };
}

/** From 0 on in steps of 1, 2 or 5 times a power of ten: four to nine of them. */
function linearTicks(largest: number): number[] {
  if (!(largest > 0)) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = power * (largest / power < 2 ? 0.25 : largest / power < 5 ? 0.5 : 1);
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, n) => n * step);
}

/** 1, 2 and 5 times the powers of ten, from the last before the smallest value to the first after the largest. */
function logTicks(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  const [smallest, largest] =
    positive.length === 0 ? [1, 10] : [Math.min(...positive), Math.max(...positive)];
  const from = Math.floor(Math.log10(smallest));
  const all = Array.from({ length: Math.ceil(Math.log10(largest)) - from + 2 }, (_, n) =>
    [1, 2, 5].map((step) => step * 10 ** (from + n)),
  ).flat();
  const first = all.findLastIndex((tick) => tick <= smallest);
  const last = all.findIndex((tick) => tick >= largest);
  return all.slice(Math.max(0, first), last + 1);
}

function plain(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en-US');
}
