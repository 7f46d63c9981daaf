import 'reflect-metadata';
import { type App, createApp } from './app';
import { type Config, ConfigError, EXIT_CONFIG, loadConfig } from './config';
import { DatabaseService } from './database/database.service';
import { EmbeddedServer, EmbeddedServerError } from './database/embedded';
import { UnfitDatabaseError } from './database/errors';
import { HealthService } from './health/health.service';
import { MetricsListener } from './metrics/metrics-listener';

/** How long a service that is told to stop goes on serving, so that a proxy notices before connections close. */
const ANNOUNCE_MS = 2_000;

/**
 * Connections that the system makes before the process takes them, if it allows so many (net.core.somaxconn). Of a crowd
 * that connects at once, those beyond it try again after a second, and then two; Node would have 511.
 */
const BACKLOG = 4_096;

/**
 * The process: environment, listen, signals. It listens before it has its database, so that health checks are
 * answered from the first moment, and it stops in the opposite order: no more requests, answer what is waiting,
 * close the connections, and the embedded server last.
 */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const embedded = config.databaseUrl === undefined ? openEmbedded(config) : undefined;
  const app = await createApp(config, config.databaseUrl ?? embedded?.url ?? '');

  const stop = stopper(app, embedded, config.shutdownSeconds);
  // From a supervisor, with a proxy in front; from a person, who does not want to wait.
  process.on('SIGTERM', () => void stop('SIGTERM', { announceMs: ANNOUNCE_MS }));
  process.on('SIGINT', () => void stop('SIGINT'));

  await listen(app, config);
  try {
    await embedded?.start();
    await app.nest.get(DatabaseService).start();
  } catch (error) {
    // Being told to stop gives up whatever was under way.
    if (stop.isCalled()) return;
    await stop('a database that cannot be used', { exitCode: isToldInOneSentence(error) ? EXIT_CONFIG : 1 });
    throw error;
  }
  if (stop.isCalled()) return;
  const address = await app.nest.getUrl();
  app.logger.info({ address }, 'ready');
  if (process.env['HOLDFAST_WELCOME'] === '1') welcome(address, embedded ? config.dataDir : undefined);
}

function openEmbedded(config: Config): EmbeddedServer {
  return EmbeddedServer.open({ dataDir: config.dataDir, log: tell });
}

/** @throws ListenError */
async function listen({ nest, logger }: App, { host, port, metrics }: Config): Promise<void> {
  await listenOn({ host, port }, ['HOST', 'PORT'], () => nest.listen({ port, host, backlog: BACKLOG }));
  if (metrics === undefined) return;
  const address = await listenOn(metrics, ['METRICS_HOST', 'METRICS_PORT'], () =>
    nest.get(MetricsListener).listen(metrics.port, metrics.host),
  );
  logger.info({ address }, 'metrics');
}

/** @throws ListenError, which names the variables that the address is from */
async function listenOn<T>(
  { host, port }: { host: string; port: number },
  [hostName, portName]: readonly [string, string],
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ListenError(
      code === 'EADDRINUSE'
        ? `Something else is listening on ${host}:${port} already; stop it, or set ${portName} to a free port.`
        : `Cannot listen on ${host}:${port} (${code}); set ${hostName} and ${portName} to an address of this machine.`,
    );
  }
}

/** @returns what ends the process, once; a second signal waits for the first. */
function stopper({ nest, logger }: App, embedded: EmbeddedServer | undefined, limitSeconds: number) {
  let stopping: Promise<void> | undefined;
  const stop = (reason: string, { exitCode = 0, announceMs = 0 } = {}): Promise<void> => {
    stopping ??= (async () => {
      logger.info({ reason }, 'stopping');
      process.exitCode = exitCode;
      setTimeout(() => {
        logger.error(`did not stop within SHUTDOWN_SECONDS=${limitSeconds}`);
        process.exit(1);
      }, limitSeconds * 1_000).unref();
      if (announceMs > 0)
        await nest.get(HealthService).announceStop(Math.min(announceMs, limitSeconds * 300));
      await nest.close();
      await embedded?.stop();
      logger.info('stopped');
    })();
    return stopping;
  };
  return Object.assign(stop, { isCalled: () => stopping !== undefined });
}

function welcome(address: string, dataDir: string | undefined): void {
  tell('');
  tell(`  Holdfast    ${address}`);
  tell(`  API docs    ${address}/docs  (${address}/openapi.json)`);
  tell(`  Data        ${dataDir ?? 'in the database at DATABASE_URL'}`);
  tell('  Ctrl-C stops it.');
  tell('');
}

/** For people, on stderr: stdout carries the log. */
function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** The address cannot be had. The message is one sentence. */
class ListenError extends Error {}

function isToldInOneSentence(error: unknown): error is Error {
  return [ConfigError, EmbeddedServerError, UnfitDatabaseError, ListenError].some(
    (kind) => error instanceof kind,
  );
}

main().catch((error: unknown) => {
  if (isToldInOneSentence(error)) tell(error.message);
  else console.error(error);
  process.exit(isToldInOneSentence(error) ? EXIT_CONFIG : 1);
});
