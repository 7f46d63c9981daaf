import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { Sale } from '../../src/allocation/sale';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { overriding } from '../support/overriding';
import { AnswerBeforeCommit, CountsBeforeLock, StockBeforeLock } from './broken-sales';

/**
 * The service with its guard taken out, for the negative controls: a race test that passes on this is not a test.
 * What is broken is chosen by BROKEN, and lives here and not in the product.
 */
const SALES: Record<string, Type<Sale>> = {
  'stock-before-lock': StockBeforeLock,
  'counts-before-lock': CountsBeforeLock,
  'answer-before-commit': AnswerBeforeCommit,
};

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const broken = SALES[process.env['BROKEN'] ?? ''];
  if (broken === undefined) throw new Error('BROKEN does not name a broken sale');
  const { nest, logger } = await createApp(config, config.databaseUrl ?? '', overriding(Sale, broken));
  await nest.listen(config.port, config.host);
  await nest.get(DatabaseService).start();
  logger.info({ address: await nest.getUrl() }, 'ready');
  process.once('SIGTERM', () => void nest.close().then(() => process.exit(0)));
}

void main();
