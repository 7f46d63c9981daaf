import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Turn } from '../../src/allocation/turn';
import { type AppFactory, createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { PaymentGateway } from '../../src/payments/payment-gateway';
import { TroubledGateway } from '../support/gateway';
import { BROKEN_PAYMENTS } from './broken-payments';

/**
 * The service with a gateway that can be in trouble, which the token of each payment says. It is the product but for
 * that, unless BROKEN names a turn that is wrong about money.
 */
const withTrouble: AppFactory = async (module, adapter, options) => {
  const name = process.env['BROKEN'];
  const broken: Type<Turn> | undefined = BROKEN_PAYMENTS[name ?? ''];
  if (name !== undefined && broken === undefined) throw new Error('BROKEN does not name a broken turn');
  const builder = Test.createTestingModule({ imports: [module] });
  builder.overrideProvider(PaymentGateway).useClass(TroubledGateway);
  if (broken !== undefined) builder.overrideProvider(Turn).useClass(broken);
  const testing = await builder.compile();
  return testing.createNestApplication<NestFastifyApplication>(adapter, options);
};

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const { nest, logger } = await createApp(config, config.databaseUrl ?? '', withTrouble);
  await nest.listen(config.port, config.host);
  await nest.get(DatabaseService).start();
  logger.info({ address: await nest.getUrl() }, 'ready');
  process.once('SIGTERM', () => void nest.close().then(() => process.exit(0)));
}

void main();
