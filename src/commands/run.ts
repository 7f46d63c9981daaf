import { Client } from 'pg';
import { ConfigError, EXIT_CONFIG, loadConfig } from '../config';
import { EmbeddedServer, startScratchServer } from '../database/embedded';
import { UnfitDatabaseError } from '../database/errors';

/**
 * Runs the body of a command; what goes wrong is told in one line.
 *
 * @param failure the exit code for that; a wrong configuration, and a database that cannot be used, have their own
 */
export function runCommand(work: () => Promise<void>, failure = 1): void {
  work().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = isUnfit(error) ? EXIT_CONFIG : failure;
  });
}

/** As the service tells it: what has to be set right before anything can be done. */
function isUnfit(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof UnfitDatabaseError;
}

/**
 * Runs a command on the configured database: that of DATABASE_URL, or the embedded one, which is started for the
 * command unless the service is running on it just now.
 */
export async function withDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env);
  if (config.databaseUrl !== undefined) return work(config.databaseUrl);
  const embedded = EmbeddedServer.open({ dataDir: config.dataDir });
  if (await answers(embedded.url)) return work(embedded.url);
  await embedded.start();
  return work(embedded.url).finally(() => embedded.stop());
}

/** Runs a command on an empty database of its own, which is gone afterwards. */
export async function withScratchDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const server = await startScratchServer();
  return work(server.url).finally(() => server.end());
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}
