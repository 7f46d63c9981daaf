import 'reflect-metadata';
import { type Server } from 'node:http';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';
import { type Logger } from 'pino';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { DatabaseService } from '../../src/database/database.service';
import { createTestDatabase } from './database';
import { heldToContract } from './held-to-contract';

export interface TestApp {
  readonly nest: NestFastifyApplication;
  /** What the service logs to; silent, so spy on it. */
  readonly logger: Logger;
  /** Listens already; what supertest takes. */
  readonly server: Server;
  /** http://127.0.0.1:… */
  readonly url: string;
  readonly port: number;
  /** A connection of the test's own, for looking at the tables. */
  readonly database: Client;
  readonly databaseUrl: string;
  /** Closes the application, drops its database if it was made for it, and throws if an answer was not as `openapi.json` has it. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Environment variables, as `loadConfig` takes them. */
  readonly env?: Readonly<Record<string, string>>;
  /** Done to the database before the service comes to it. */
  readonly prepare?: (database: Client) => Promise<void>;
}

/** Starts the service as `main.ts` does, on a free port and with a migrated database of its own. */
export async function startApp({ env = {}, prepare }: StartOptions = {}): Promise<TestApp> {
  const own = await createTestDatabase();
  const databaseUrl = own.url;
  const database = new Client({ connectionString: databaseUrl });
  database.on('error', () => undefined); // tests end connections
  await database.connect();
  await prepare?.(database);
  const { nest, logger, server, port, check } = await listen(databaseUrl, env);
  await nest.get(DatabaseService).start();
  return {
    nest,
    logger,
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    database,
    databaseUrl,
    stop: async () => {
      await nest.close();
      await database.end();
      await own.drop();
      check();
    },
  };
}

/** Makes the service and lets it listen on a free port, but does not yet take it to its database. */
export async function listen(databaseUrl: string, env: Readonly<Record<string, string>> = {}) {
  const config = loadConfig({ LOG_LEVEL: 'silent', ...env });
  const { create, check } = heldToContract();
  const { nest, logger } = await createApp(config, databaseUrl, create);
  await nest.listen(0, '127.0.0.1');
  const server = nest.getHttpServer();
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the service does not listen on TCP');
  return { nest, logger, server, port: address.port, check };
}

const TABLES = [
  ...['events', 'ticket_options', 'purchases', 'reservations', 'holds', 'user_counts'],
  ...['payments', 'refunds', 'event_counts', 'sales', 'sales_totals', 'sales_folds'],
  ...['gateway_charges', 'gateway_refunds', 'idempotency_keys'],
];

/** @returns every row of every table as text, in an order of its own: equal texts are equal tables. */
export async function allRows(database: Client): Promise<string> {
  const tables: string[] = [];
  for (const table of TABLES) {
    const { rows } = await database.query<{ text: string }>(
      `SELECT t::text AS text FROM ${table} AS t ORDER BY t::text COLLATE "C"`,
    );
    tables.push(`${table}: ${rows.length}`, ...rows.map(({ text }) => text));
  }
  return tables.join('\n');
}
