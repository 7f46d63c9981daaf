import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/database/migrate';
import {
  dropDatabases,
  SERVER_URL,
  startThrowAwayServer,
  TEMPLATE,
  type TestServer,
  withDatabase,
} from './server';

const BUILD = join(__dirname, '..', '..', 'scripts', 'build-if-stale.mjs');

declare global {
  /** Kept for the teardown, which the test runner loads apart but into the same process. */
  var holdfastTestServer: TestServer | undefined;
}

/**
 * Before all tests: a server (one of its own, or that of TEST_DATABASE_URL) and on it a migrated template, of
 * which every test file clones its database.
 */
export default async function globalSetup(): Promise<void> {
  // Tests that start processes of their own start what is built.
  for (const target of ['product', 'tools']) {
    execFileSync(process.execPath, [BUILD, target], { stdio: 'inherit' });
  }
  const template = `holdfast_test_${randomBytes(4).toString('hex')}`;
  const given = process.env['TEST_DATABASE_URL'];
  const server = given ? borrowServer(given, template) : await startThrowAwayServer();
  globalThis.holdfastTestServer = server;
  try {
    await withClient(server.url, async (client) => {
      // Not template1, which somebody may have filled; and the built-in default may not be UTF-8.
      await client.query(
        `CREATE DATABASE ${template} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`,
      );
    });
    await migrate(withDatabase(server.url, template));
  } catch (error) {
    await server.end();
    throw error;
  }
  process.env[SERVER_URL] = server.url;
  process.env[TEMPLATE] = template;
}

function borrowServer(url: string, prefix: string): TestServer {
  return { url, end: () => withClient(url, (client) => dropDatabases(client, prefix)) };
}

async function withClient(url: string, action: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await action(client);
  } finally {
    await client.end();
  }
}
