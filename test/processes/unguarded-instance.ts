import 'reflect-metadata';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { WaitingRoom } from '../../src/exposure/waiting-room';

/** The service without its waiting room, for the negative control of the overload test: everyone is let in at once. */
WaitingRoom.prototype.ask = (_goesOn, enter) => {
  enter({ sinceMs: performance.now() });
};

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const { nest, logger } = await createApp(config, config.databaseUrl ?? '');
  await nest.listen({ port: config.port, host: config.host, backlog: 4_096 });
  await nest.get(DatabaseService).start();
  logger.info({ address: await nest.getUrl() }, 'ready');
  process.once('SIGINT', () => void nest.close().then(() => process.exit(0)));
}

void main();
