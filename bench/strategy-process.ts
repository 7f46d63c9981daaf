import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Allocation } from '../src/allocation/allocation';
import { type AppFactory, createApp } from '../src/app';
import { loadConfig } from '../src/config';
import { DatabaseService } from '../src/database/database.service';
import { STRATEGY_KEYS } from './plan';
import { STRATEGY_CLASSES } from './strategies/classes';

/** The service as `main.ts` starts it, with another `Allocation`. The choice is made here, never in the product. */
async function main(): Promise<void> {
  const key = STRATEGY_KEYS.find((one) => one === process.env['BENCH_STRATEGY']);
  if (key === undefined) throw new Error(`BENCH_STRATEGY is one of ${STRATEGY_KEYS.join(', ')}.`);

  const config = loadConfig(process.env);
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is missing.');

  const create: AppFactory = async (module, adapter, options) => {
    const builder = Test.createTestingModule({ imports: [module] });
    const testing = await builder.overrideProvider(Allocation).useClass(STRATEGY_CLASSES[key]).compile();
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
