import { FEW_READERS, LIST_NAMES, type ListMeasurement, READERS, STATES } from '../lists';
import { summarise, type Summary } from './summary';

/** By list, state of the tables and number of connections. */
export type ListReport = Readonly<
  Record<
    string,
    {
      readonly states: Readonly<Record<string, Readonly<Record<string, Summary>>>>;
      /** The highest p99 with few readers, in whatever state. */
      readonly worst_p99_ms: number;
    }
  >
>;

export function listReportOf(measurements: readonly ListMeasurement[]): ListReport {
  const at = (list: string, state: string, connections: number): Summary =>
    summarise(
      measurements
        .filter((one) => one.list === list && one.state === state && one.connections === connections)
        .map(({ result }) => result),
    );
  const few = READERS.filter((connections) => connections <= FEW_READERS);
  return Object.fromEntries(
    LIST_NAMES.map((list) => {
      const byReaders = (state: string) =>
        Object.fromEntries(READERS.map((connections) => [connections, at(list, state, connections)]));
      const states = Object.fromEntries(STATES.map((state) => [state, byReaders(state)]));
      const p99s = STATES.flatMap((state) => few.map((connections) => at(list, state, connections).p99_ms));
      return [list, { states, worst_p99_ms: Math.max(...p99s) }];
    }),
  );
}
