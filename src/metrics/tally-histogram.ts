import { Histogram, type Registry } from 'prom-client';
import { type Tally } from './tally';

/** A tally and the labels that it is told with. */
export interface Labelled<Label extends string> {
  readonly labels: Readonly<Partial<Record<Label, string>>>;
  readonly tally: Tally;
}

/** What a histogram is called and made of. */
interface TallyHistogramOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
  readonly registry: Registry;
  /** Each tally that has something to tell. */
  readonly tallies: () => Iterable<Labelled<Label>>;
  /** What a tally's unit has to be multiplied by, to become the metric's. */
  readonly scale: number;
}

/** A histogram of prom-client whose numbers are those of tallies, looked at when it is asked. */
export class TallyHistogram<Label extends string = never> extends Histogram<Label> {
  constructor(private readonly options: TallyHistogramOptions<Label>) {
    const { name, help, labelNames = [], registry } = options;
    super({ name, help, labelNames, registers: [registry] });
  }

  /** What prom-client asks for, whether text is wanted or objects; in its own class it tells what was observed there. */
  getForPromString() {
    const { name, help, tallies } = this.options;
    const values = [...tallies()].flatMap((each) => this.linesOf(each));
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }

  private linesOf({ labels: sharedLabels, tally: { bounds, counts, sum } }: Labelled<Label>) {
    const { name, scale } = this.options;
    let total = 0;
    const buckets = [...counts].map((count, index) => {
      total += count;
      const bound = bounds[index];
      // 25 * 0.001 is not 0.025 to the last digit, and a label is a text.
      const le = bound === undefined ? '+Inf' : Number((bound * scale).toPrecision(12));
      return { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum * scale },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: total },
    ];
  }
}
