import type { Bench } from '../bench';
import type { SectionName } from '../plan';
import { measureConnections } from './connections';
import { measureExpiries } from './expiry';
import { measureInstances } from './instances';
import { measureLatency } from './latency';
import { measureLists } from './lists';
import { measureLongSale } from './long-sale';
import { measureReaders } from './readers';
import { measureRows } from './rows';
import { measureStatistics } from './statistics';
import { measureStrategies } from './strategies';
import { measureWorkloads } from './workloads';

/** Each on servers and databases of its own; what they have in common is in the bench. */
export const MEASURE: Readonly<Record<SectionName, (bench: Bench) => Promise<void>>> = {
  strategies: measureStrategies,
  workloads: measureWorkloads,
  connections: measureConnections,
  latency: measureLatency,
  readers: measureReaders,
  instances: measureInstances,
  expiry: measureExpiries,
  lists: measureLists,
  statistics: measureStatistics,
  rows: measureRows,
  long_sale: measureLongSale,
};
