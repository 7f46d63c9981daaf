import { Client } from 'pg';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { PaymentGateway } from '../../src/payments/payment-gateway';
import type { TestApp } from './app';
import { createTestDatabase } from './database';
import { TroubledGateway } from './gateway';
import { heldToContract } from './held-to-contract';
import { overriding } from './overriding';

/**
 * Starts the service with a gateway that can be in trouble, and with leases that nobody sees the end of unless
 * {@link endLeases} is called.
 *
 * @param beside another instance, whose database it shares
 */
export async function startPayingApp(
  env: Readonly<Record<string, string>> = {},
  beside?: TestApp,
): Promise<TestApp> {
  const own = beside === undefined ? await createTestDatabase() : undefined;
  const databaseUrl = own?.url ?? beside?.databaseUrl ?? '';
  const config = loadConfig({ LOG_LEVEL: 'silent', PAYMENT_LEASE_SECONDS: '60', ...env });
  const { create, check } = heldToContract(overriding(PaymentGateway, TroubledGateway));
  const { nest, logger } = await createApp(config, databaseUrl, create);
  await nest.listen(0, '127.0.0.1');
  await nest.get(DatabaseService).start();
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  const url = await nest.getUrl();
  return {
    nest,
    logger,
    server: nest.getHttpServer(),
    port: Number(new URL(url).port),
    url,
    database,
    databaseUrl,
    stop: async () => {
      await nest.close();
      await database.end();
      await own?.drop();
      check();
    },
  };
}

/** Lets all leases run out at this moment: the recovery looks after whatever is under way. */
export async function endLeases({ database }: Pick<TestApp, 'database'>): Promise<void> {
  for (const table of ['payments', 'refunds'])
    await database.query(`UPDATE ${table} SET check_at = now() WHERE check_at IS NOT NULL`);
}
