import type { StrategyKey } from '../plan';
import { RECOUNTED, type Stock, SUB_COUNTERS, TICKET_ROWS } from './stock';

/** How a way to sell is started, and counted. */
export interface StrategyTerms {
  /** What the process is told to be. */
  readonly name: string;
  /** Connections of its pool, where it gains from others than the default. */
  readonly poolSize?: number;
  readonly stock?: Stock;
  /** Whether what it sells is in no table. */
  readonly isForgetful?: boolean;
}

export const STRATEGIES: Readonly<Record<StrategyKey, StrategyTerms>> = {
  c: { name: 'conditional-update' },
  d: { name: 'select-for-update' },
  e: { name: 'advisory-lock', stock: RECOUNTED },
  f: { name: 'ticket-rows', stock: TICKET_ROWS },
  g: { name: 'buckets', stock: SUB_COUNTERS },
  h: { name: 'process-counter', isForgetful: true },
};
