import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedServer } from './embedded-server';

/** A server whose data is worth nothing. */
export interface ScratchServer {
  readonly url: string;
  /** Stops the server and removes its data. */
  end(): Promise<void>;
}

/** Starts an embedded server with data in a temporary folder. */
export async function startScratchServer(): Promise<ScratchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-scratch-'));
  // As root the server runs as another user; data that it cannot reach here would be kept elsewhere, and stay.
  await chmod(folder, 0o755);
  const server = EmbeddedServer.open({ dataDir: join(folder, 'data') });
  const end = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await end();
    throw error;
  }
  return { url: server.url, end };
}
