import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { Tasks } from '../../src/allocation/tasks';
import { Turn } from '../../src/allocation/turn';
import { AuditSession } from '../../src/audit/audit-session';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { overriding } from '../support/overriding';
import { ChangesTooLate, ForgetsExpiry, ReleasesTooEarly } from './broken-expiry';
import { AuditsWithoutLock } from './broken-audit';
import { ChecksTooEarly } from './broken-changes';
import { ForgetsKeys } from './broken-keys';
import { ConfirmsAll } from './broken-together';
import { AnswerBeforeCommit, RestBeforeLock, StockBeforeLock } from './broken-limits';

/**
 * The service with its guard taken out, for the negative controls: a race test that passes on this is not a test.
 * What is broken is chosen by BROKEN, and lives here and not in the product.
 */
const BROKEN: Record<string, Type<Turn> | Type<Tasks> | Type<AuditSession>> = {
  'stock-before-lock': StockBeforeLock,
  'rest-before-lock': RestBeforeLock,
  'answer-before-commit': AnswerBeforeCommit,
  'forgets-expiry': ForgetsExpiry,
  'releases-too-early': ReleasesTooEarly,
  'changes-too-late': ChangesTooLate,
  'forgets-keys': ForgetsKeys,
  'checks-too-early': ChecksTooEarly,
  'confirms-all': ConfirmsAll,
  'audits-without-lock': AuditsWithoutLock,
};

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const broken = BROKEN[process.env['BROKEN'] ?? ''];
  if (broken === undefined) throw new Error('BROKEN does not name anything broken');
  const provider = [Tasks, AuditSession].find((each) => broken.prototype instanceof each) ?? Turn;
  const { nest, logger } = await createApp(config, config.databaseUrl ?? '', overriding(provider, broken));
  await nest.listen(config.port, config.host);
  await nest.get(DatabaseService).start();
  logger.info({ address: await nest.getUrl() }, 'ready');
  process.once('SIGTERM', () => void nest.close().then(() => process.exit(0)));
}

void main();
