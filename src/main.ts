import 'reflect-metadata';
import { type App, createApp } from './app';
import { type Config, ConfigError, EXIT_CONFIG, loadConfig } from './config';
import { DatabaseService } from './database/database.service';
import { EmbeddedServer, EmbeddedServerError } from './database/embedded';
import { UnfitDatabaseError } from './database/errors';

/**
 * The process: environment, listen, signals. It listens before it has its database, so that health checks are
 * answered from the first moment, and it stops in the opposite order: no more requests, answer what is waiting,
 * close the connections, and the embedded server last.
 */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const embedded = config.databaseUrl === undefined ? openEmbedded(config) : undefined;
  const url = config.databaseUrl ?? embedded?.url ?? '';
  const app = await createApp(config, url);

  const stop = stopper(app, embedded, config.shutdownSeconds);
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));

  await app.nest.listen(config.port, config.host);
  try {
    await embedded?.start();
    await app.nest.get(DatabaseService).start();
  } catch (error) {
    await stop('a database that cannot be used', isToldInOneSentence(error) ? EXIT_CONFIG : 1);
    throw error;
  }
  const address = await app.nest.getUrl();
  app.logger.info({ address }, 'ready');
  if (process.env['HOLDFAST_WELCOME'] === '1') welcome(address, embedded ? config.dataDir : undefined);
}

function openEmbedded(config: Config): EmbeddedServer {
  return EmbeddedServer.open({ dataDir: config.dataDir, log: tell });
}

/** @returns what ends the process, once; a second signal waits for the first. */
function stopper(app: App, embedded: EmbeddedServer | undefined, limitSeconds: number) {
  let stopping: Promise<void> | undefined;
  return (reason: string, exitCode = 0): Promise<void> => {
    stopping ??= (async () => {
      app.logger.info({ reason }, 'stopping');
      process.exitCode = exitCode;
      setTimeout(() => {
        app.logger.error(`did not stop within SHUTDOWN_SECONDS=${limitSeconds}`);
        process.exit(1);
      }, limitSeconds * 1_000).unref();
      await app.nest.close();
      await embedded?.stop();
      app.logger.info('stopped');
    })();
    return stopping;
  };
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

function isToldInOneSentence(error: unknown): error is Error {
  return (
    error instanceof ConfigError ||
    error instanceof EmbeddedServerError ||
    error instanceof UnfitDatabaseError
  );
}

function listenSentence(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return undefined;
  const where = `${process.env['HOST'] ?? '127.0.0.1'}:${process.env['PORT'] ?? '3000'}`;
  if ('code' in error && error.code === 'EADDRINUSE') {
    return `Something else is listening on ${where} already; stop it, or set PORT to a free port.`;
  }
  return `Cannot listen on ${where} (${error.message}); set HOST and PORT to an address of this machine.`;
}

main().catch((error: unknown) => {
  const sentence = isToldInOneSentence(error) ? error.message : listenSentence(error);
  if (sentence === undefined) console.error(error);
  else tell(sentence);
  process.exit(sentence === undefined ? 1 : EXIT_CONFIG);
});
