import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client } from 'pg';
import { EmbeddedServer } from '../../src/database/embedded';

/** The server of one test run. */
export interface TestServer {
  readonly url: string;
  /** Removes everything the run has made. */
  end(): Promise<void>;
}

/** Published by the global setup for the workers. */
export const SERVER_URL = 'HOLDFAST_TEST_SERVER_URL';
export const TEMPLATE = 'HOLDFAST_TEST_TEMPLATE';

/**
 * @returns the URL with another database's name. Not by the class URL, which does not take a URL without host.
 */
export function withDatabase(url: string, database: string): string {
  const [, server = url, query = ''] = /^([a-z]+:\/\/[^/?]*)(?:\/[^?]*)?(\?.*)?$/.exec(url) ?? [];
  return `${server}/${encodeURIComponent(database)}${query}`;
}

/** Makes a folder for one test, which any user of the machine can enter: as root the server runs as another. */
export function makeTestFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'holdfast-test-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Removes a folder with a server's data, wherever that is. */
export function removeTestFolder(folder: string): void {
  try {
    rmSync(realpathSync(join(folder, 'postgres')), { recursive: true, force: true });
  } catch {
    // There is no data.
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Starts a server that lives no longer than this process, even if that is killed. */
export async function startThrowAwayServer(): Promise<TestServer> {
  const folder = makeTestFolder();
  const unwatch = watch(folder);
  const server = EmbeddedServer.open({ dataDir: folder });
  await server.start();
  return {
    url: server.url,
    end: async () => {
      await server.stop();
      unwatch();
      removeTestFolder(folder);
    },
  };
}

/** Drops the databases of the run, for a server that stays. */
export async function dropDatabases(client: Client, prefix: string): Promise<void> {
  const found = await client.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
    [prefix],
  );
  for (const { datname } of found.rows) {
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(datname)} WITH (FORCE)`);
  }
}

/**
 * A shell that waits for the end of its input, which comes with the end of this process however that happens,
 * and then ends the server and removes its folder.
 */
function watch(folder: string): () => void {
  const script = `cat > /dev/null
    data=$(cd -P -- "$1/postgres" && pwd) || data=$1
    pid=$(head -n 1 "$data/postmaster.pid") && kill -QUIT "$pid" && while kill -0 "$pid"; do sleep 0.1; done
    rm -rf -- "$data" "$1"`;
  const watcher = spawn('/bin/sh', ['-c', script, 'sh', folder], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  return () => {
    watcher.stdin.end();
  };
}
