import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { Attempts } from '../../src/allocation/attempts';
import { Tasks } from '../../src/allocation/tasks';
import { Turn } from '../../src/allocation/turn';
import { AuditSession } from '../../src/audit/audit-session';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { TicketOptionsRepository } from '../../src/ticket-options/ticket-options.repository';
import { overriding } from '../support/overriding';
import { ChangesTooLate, ForgetsExpiry, ReleasesTooEarly } from './broken-expiry';
import { AuditsWithoutLock } from './broken-audit';
import { ChecksTooEarly } from './broken-changes';
import { ForgetsKeys } from './broken-keys';
import { ConfirmsAll } from './broken-together';
import { RemembersReads, RetriesWithNewIds } from './broken-answers';
import { AnswerBeforeCommit, RestBeforeLock, StockBeforeLock } from './broken-limits';

/**
 * The service with its guard taken out, for the negative controls: a race test that passes on this is not a test.
 * What is broken is chosen by BROKEN, and lives here and not in the product.
 */
const BROKEN: Record<string, readonly [provider: Type, broken: Type]> = {
  'stock-before-lock': [Turn, StockBeforeLock],
  'rest-before-lock': [Turn, RestBeforeLock],
  'answer-before-commit': [Turn, AnswerBeforeCommit],
  'forgets-expiry': [Turn, ForgetsExpiry],
  'releases-too-early': [Turn, ReleasesTooEarly],
  'changes-too-late': [Turn, ChangesTooLate],
  'forgets-keys': [Turn, ForgetsKeys],
  'checks-too-early': [Tasks, ChecksTooEarly],
  'retries-with-new-ids': [Attempts, RetriesWithNewIds],
  'remembers-reads': [TicketOptionsRepository, RemembersReads],
  'confirms-all': [Turn, ConfirmsAll],
  'audits-without-lock': [AuditSession, AuditsWithoutLock],
};

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const broken = BROKEN[process.env['BROKEN'] ?? ''];
  if (broken === undefined) throw new Error('BROKEN does not name anything broken');
  const { nest, logger } = await createApp(config, config.databaseUrl ?? '', overriding(...broken));
  await nest.listen(config.port, config.host);
  await nest.get(DatabaseService).start();
  logger.info({ address: await nest.getUrl() }, 'ready');
  process.once('SIGTERM', () => void nest.close().then(() => process.exit(0)));
}

void main();
