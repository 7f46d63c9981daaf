import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { SERVER_URL, TEMPLATE, withDatabase } from './server';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Somebody is connected to the template, or clones it at the same moment. */
const TEMPLATE_IN_USE = ['55006', 'XX000'];
const CLONE_ATTEMPTS = 100;

/** @returns a migrated, empty database that only the caller uses. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = fromSetup(SERVER_URL);
  const template = fromSetup(TEMPLATE);
  const name = `${template}_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, (client) => clone(client, template, name));
  return {
    url: withDatabase(serverUrl, name),
    drop: () =>
      onServer(serverUrl, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

async function clone(client: Client, template: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
      return;
    } catch (error) {
      const passes = error instanceof DatabaseError && TEMPLATE_IN_USE.includes(error.code ?? '');
      if (!passes || attempt === CLONE_ATTEMPTS) throw error;
      await pause(20 + Math.random() * 80);
    }
  }
}

/** Does something over a connection of its own, which has none of the limits that the service sets itself. */
export async function onServer(url: string, action: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await action(client);
  } finally {
    await client.end();
  }
}

function fromSetup(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is not set: the tests need their global setup.`);
  return value;
}
