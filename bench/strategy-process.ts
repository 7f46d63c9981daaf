import { Test } from '@nestjs/testing';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Allocation } from '../src/allocation/allocation';
import { type AppFactory, createApp } from '../src/app';
import { loadConfig } from '../src/config';
import { DatabaseService } from '../src/database/database.service';
import { AdvisoryLock } from './strategies/advisory-lock';
import { Buckets } from './strategies/buckets';
import { ConditionalUpdate } from './strategies/conditional-update';
import { ProcessCounter } from './strategies/process-counter';
import { SelectForUpdate } from './strategies/select-for-update';
import type { Strategy } from './strategies/strategy';
import { TicketRows } from './strategies/ticket-rows';

const STRATEGIES = new Map<string, Type<Strategy>>([
  ['conditional-update', ConditionalUpdate],
  ['select-for-update', SelectForUpdate],
  ['advisory-lock', AdvisoryLock],
  ['ticket-rows', TicketRows],
  ['buckets', Buckets],
  ['process-counter', ProcessCounter],
]);

/** The service as `main.ts` starts it, with another `Allocation`. The choice is made here, never in the product. */
async function main(): Promise<void> {
  const strategy = STRATEGIES.get(process.env['BENCH_STRATEGY'] ?? '');
  if (strategy === undefined)
    throw new Error(`BENCH_STRATEGY is one of ${[...STRATEGIES.keys()].join(', ')}.`);

  const config = loadConfig(process.env);
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is missing.');

  const create: AppFactory = async (module, adapter, options) => {
    const builder = Test.createTestingModule({ imports: [module] });
    const testing = await builder.overrideProvider(Allocation).useClass(strategy).compile();
    return testing.createNestApplication<NestFastifyApplication>(adapter, options);
  };
  const { nest } = await createApp(config, config.databaseUrl, create);
  await nest.listen(config.port, config.host);
  await nest.get(DatabaseService).start();
}

process.once('disconnect', () => process.exit(0));
main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
