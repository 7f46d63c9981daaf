import type { Type } from '@nestjs/common';
import type { StrategyKey } from '../plan';
import { AdvisoryLock } from './advisory-lock';
import { Buckets } from './buckets';
import { ConditionalUpdate } from './conditional-update';
import { ProcessCounter } from './process-counter';
import { SelectForUpdate } from './select-for-update';
import type { Strategy } from './strategy';
import { TicketRows } from './ticket-rows';

/** What stands in the place of `Allocation`. Apart from the other terms, which need no application around them. */
export const STRATEGY_CLASSES: Readonly<Record<StrategyKey, Type<Strategy>>> = {
  c: ConditionalUpdate,
  d: SelectForUpdate,
  e: AdvisoryLock,
  f: TicketRows,
  g: Buckets,
  h: ProcessCounter,
};
