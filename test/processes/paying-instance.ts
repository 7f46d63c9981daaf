import 'reflect-metadata';
import type { InjectionToken, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Allocation } from '../../src/allocation/allocation';
import { Turn } from '../../src/allocation/turn';
import { type AppFactory, createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { Charging } from '../../src/payments/charging';
import { PaymentGateway } from '../../src/payments/payment-gateway';
import { RecoveryRepository } from '../../src/payments/recovery.repository';
import {
  AnswersBeforeSettling,
  ClaimsNothing,
  DoesNotAsk,
  ForgetsLateCharges,
  RefundsWithNewKeys,
  ReleasesWithoutVoid,
} from './broken-money';
import { listenForRelease } from './points';
import { FindsNothingDue, FindsTogether, WatchedAllocation, WatchedGateway } from './watched';

/** A provider, and what takes its place. */
type Replacement = readonly [InjectionToken, Type];

/** The service as it is, but for a payment that waits where its token says so. */
const WATCHED: readonly Replacement[] = [
  [PaymentGateway, WatchedGateway],
  [Allocation, WatchedAllocation],
];

/**
 * How RECOVERY differs: `off` leaves it to others to look after what is due, so that a process does nothing but what it is asked
 * for; `together` waits for others that find the same.
 */
const RECOVERY: Record<string, Replacement> = {
  off: [RecoveryRepository, FindsNothingDue],
  together: [RecoveryRepository, FindsTogether],
};

/** What BROKEN breaks on top of that, for the negative controls. */
const BROKEN: Record<string, Replacement> = {
  'forgets-late-charges': [Turn, ForgetsLateCharges],
  'releases-without-void': [Charging, ReleasesWithoutVoid],
  'does-not-ask': [Charging, DoesNotAsk],
  'claims-nothing': [RecoveryRepository, ClaimsNothing],
  'answers-before-settling': [Allocation, AnswersBeforeSettling],
  'refunds-with-new-keys': [PaymentGateway, RefundsWithNewKeys],
};

/** The later of two replacements of the same provider counts. */
function replacing(replacements: readonly Replacement[]): AppFactory {
  return async (module, adapter, options) => {
    const builder = Test.createTestingModule({ imports: [module] });
    for (const [provider, replacement] of replacements)
      builder.overrideProvider(provider).useClass(replacement);
    const testing = await builder.compile();
    return testing.createNestApplication<NestFastifyApplication>(adapter, options);
  };
}

function chosen(choices: Readonly<Record<string, Replacement>>, variable: string): Replacement[] {
  const name = process.env[variable];
  if (name === undefined) return [];
  const choice = choices[name];
  if (choice === undefined) throw new Error(`${variable} does not name anything`);
  return [choice];
}

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  listenForRelease();
  const create = replacing([...WATCHED, ...chosen(RECOVERY, 'RECOVERY'), ...chosen(BROKEN, 'BROKEN')]);
  const { nest, logger } = await createApp(config, config.databaseUrl ?? '', create);
  await nest.listen(config.port, config.host);
  await nest.get(DatabaseService).start();
  logger.info({ address: await nest.getUrl() }, 'ready');
  process.once('SIGINT', () => void nest.close().then(() => process.exit(0)));
}

void main();
