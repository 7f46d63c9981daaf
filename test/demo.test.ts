import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { audit } from '../src/allocation/audit';
import { createTestDatabase, type TestDatabase } from './support/database';
import { Instance } from './support/instance';

const DEMO = join(__dirname, '..', 'dist', 'src', 'commands', 'demo.js');

interface Run {
  readonly code: number;
  readonly told: string;
  readonly errors: string;
}

function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env } };
    const child = execFile(program, args, options, (_error, told, errors) => {
      resolve({ code: child.exitCode ?? -1, told, errors });
    });
  });
}

function demo(...args: string[]): Promise<Run> {
  return run(process.execPath, [DEMO, ...args]);
}

/** What is printed for a shell: the lines, and what each of them does. */
function linesIn(told: string): { does: string; line: string }[] {
  return [...told.matchAll(/^# (.+)\n(curl .+)$/gm)].map(([, does = '', line = '']) => ({ does, line }));
}

/** Runs a line as it is, but for the status, which comes last. */
async function statusOf(line: string): Promise<number> {
  const { told } = await run('bash', ['-c', `${line} -o /dev/null -w '%{http_code}'`]);
  return Number(told);
}

describe('The demo', () => {
  let database: TestDatabase;
  let service: Instance;

  async function start(settings: Record<string, string> = {}): Promise<void> {
    service = await Instance.start({ DATABASE_URL: database.url, ...settings });
  }

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    await service.end();
    await database.drop();
  });

  async function count(sql: string): Promise<unknown> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ count: unknown }>(sql);
    await client.end();
    return rows[0]?.count;
  }

  it('tells what it has made, and each line that it prints does what is said of it', async () => {
    await start();
    const { code, told, errors } = await demo(service.url);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(told).toMatch(/^Night of strings +Stalls +regular +25 +300 +298 +2 +0 +yes$/m);
    expect(told).toMatch(/^Night of strings +Circle +premium +49 +100 +97 +1 +2 +yes$/m);
    expect(told).toMatch(/^Night of strings +Box +VIP +120 +10 +6 +3 +1 +yes$/m);
    expect(told).toMatch(/^Repair café +Workbench +0 +2 +0 +0 +2 +no$/m);
    expect(told).toMatch(/^Summer festival +Early +early bird +39 +500 +500 +0 +0 +no$/m);
    expect(told).toMatch(/ Ann +1 Circle, 1 Box +169 +active /);
    expect(told).toMatch(/ Cleo +3 Stalls +75 +cancelled /);
    expect(told).toMatch(/ Cleo +2 Circle, 1 Box +218 +paid /);
    expect(told).toMatch(/ Ben +2 Box +240 +active /);
    expect(told).toMatch(/ Ben +2 Box +240 +failed +card_error$/m);
    expect(told).toMatch(/ Cleo +2 Circle, 1 Box +218 +succeeded$/m);
    expect(told).toMatch(/ Ben +1 Stalls +25 +refunded$/m);
    expect(told).toMatch(/ Cleo +2 Circle +98 +completed$/m);

    const statuses: Record<string, number> = {};
    for (const { does, line } of linesIn(told)) statuses[does] = await statusOf(line);
    expect(statuses).toEqual({
      'Read the concert with its ticket options': 200,
      'See what is available of it': 200,
      'Reserve a ticket for Ann': 201,
      'Extend her first reservation': 200,
      'Cancel her second one, answered 204': 204,
      'List what is reserved for her': 200,
      'Pay her first reservation with a card that is declined, answered 402': 402,
      'Pay it with a good one': 201,
      'Read it as it stands now, with what was bought': 200,
      'Buy a free ticket for her': 201,
      'List what she owns': 200,
      'See the tickets that Cleo has paid': 200,
      'Give her the money back, answered 204': 204,
      'Read the figures over all events': 200,
      'Read those of the concert': 200,
      'Rank the events by the share that is sold': 200,
      'Read the figures of VIP tickets of all events': 200,
      'List the kinds of ticket of the concert': 200,
      'See what was sold, minute by minute': 200,
    });
  });

  it('can be run again, also beside itself, and the books are right', async () => {
    await start();
    const address = new URL(service.url);
    const env = { HOST: address.hostname, PORT: address.port };
    const runs = [demo(`${service.url}/`), run(process.execPath, [DEMO], env)];
    for (const { code } of await Promise.all(runs)) expect(code).toBe(0);
    expect((await demo(service.url)).code).toBe(0);
    expect(await count('SELECT count(*)::integer AS count FROM events')).toBe(9);
    expect(await count('SELECT count(*)::integer AS count FROM reservations')).toBe(18);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    expect(await audit(client)).toEqual([]);
    await client.end();
  });

  it('copes with a service that lets no reservation be extended', async () => {
    await start({ HOLD_SECONDS: '60', HOLD_MAX_SECONDS: '60' });
    const { code, told } = await demo(service.url);
    expect(code).toBe(0);
    const extend = linesIn(told).find(({ does }) => does === 'Extend her first reservation');
    expect(await statusOf(extend?.line ?? '')).toBe(200);
  });
});

describe('The demo says in one sentence', () => {
  async function at(answer: RequestListener, action: (url: string) => Promise<void>): Promise<void> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await action(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.closeAllConnections();
    await once(server.close(), 'close');
  }

  it('that nothing listens', async () => {
    let url = '';
    await at(
      () => undefined,
      (closedAgain) => {
        url = closedAgain;
        return Promise.resolve();
      },
    );
    expect(await demo(url)).toEqual({
      code: 1,
      told: '',
      errors: `Nothing answers at ${url}; start the service with npm start, or say where it is: npm run demo -- http://host:port\n`,
    });
  });

  it.each([204, 404])('that something else listens, which answers %i', async (status) => {
    await at(
      (_request, answer) => answer.writeHead(status).end(),
      async (url) => {
        expect(await demo(url)).toEqual({
          code: 1,
          told: '',
          errors: `${url} is no Holdfast: it answers POST /events with ${status}.\n`,
        });
      },
    );
  });

  it('what the service refuses', async () => {
    const refused = { errors: [{ code: 'database_unavailable', detail: 'Try again.' }] };
    await at(
      (_request, answer) => answer.writeHead(503).end(JSON.stringify(refused)),
      async (url) => {
        const { code, errors } = await demo(url);
        expect({ code, errors }).toEqual({ code: 1, errors: 'POST /events was refused: Try again.\n' });
      },
    );
  });

  it('that its argument is no address', async () => {
    const { code, errors } = await demo('ftp://somewhere');
    expect({ code, errors }).toEqual({
      code: 78,
      errors: 'The address of the service must look like http://host:port; it is "ftp://somewhere".\n',
    });
  });
});
