import { SIZES, STATISTICS_READERS, type StatisticsResults } from '../statistics';
import { round, summarise, type Summary } from './summary';

/** What one endpoint took. */
interface EndpointReport {
  /** By number of purchases and of connections. */
  readonly purchases: Readonly<Record<string, Readonly<Record<string, Summary>>>>;
  /** The highest of all. */
  readonly worst_p99_ms: number;
  /** The median with the most purchases over that with the fewest, one reader after the other. */
  readonly p50_ratio: number;
}

export interface StatisticsReport {
  readonly endpoints: Readonly<Record<string, EndpointReport>>;
  /** Seconds that filling the tables took, by number of purchases. */
  readonly fill_seconds: Readonly<Record<string, number>>;
}

export function statisticsReportOf({ measurements, fillSeconds }: StatisticsResults): StatisticsReport {
  const at = (endpoint: string, size: number, connections: number): Summary =>
    summarise(
      measurements
        .filter((one) => one.endpoint === endpoint && one.size === size && one.connections === connections)
        .map(({ result }) => result),
    );
  const reportOf = (endpoint: string): EndpointReport => {
    const bySize = SIZES.map((size) => STATISTICS_READERS.map((readers) => at(endpoint, size, readers)));
    const alone = SIZES.map((size) => at(endpoint, size, STATISTICS_READERS[0]).p50_ms);
    return {
      purchases: Object.fromEntries(
        SIZES.map((size, index) => [
          size,
          Object.fromEntries(STATISTICS_READERS.map((readers, at) => [readers, bySize[index]?.[at]])),
        ]),
      ) as EndpointReport['purchases'],
      worst_p99_ms: Math.max(...bySize.flat().map(({ p99_ms }) => p99_ms)),
      p50_ratio: round((alone.at(-1) ?? NaN) / (alone[0] ?? NaN), 2),
    };
  };
  const names = [...new Set(measurements.map(({ endpoint }) => endpoint))];
  return {
    endpoints: Object.fromEntries(names.map((name) => [name, reportOf(name)])),
    fill_seconds: Object.fromEntries(
      Object.entries(fillSeconds).map(([size, seconds]) => [size, round(seconds, 1)]),
    ),
  };
}
