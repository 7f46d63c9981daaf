import { EmbeddedServer } from '../../src/database/embedded';

/** Owns the server on the folder it is given: says `ready` when it runs, and keeps it until SIGTERM. */
async function main(dataDir: string): Promise<void> {
  const server = EmbeddedServer.open({ dataDir });
  const untilTold = setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => {
    clearInterval(untilTold);
    void server.stop();
  });
  await server.start();
  console.log('ready');
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  console.log(error instanceof Error ? error.message : error);
  process.exit(1);
});
