import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import supertest from 'supertest';
import { DatabaseService } from '../../src/database/database.service';
import { allRows, listen, startApp, type TestApp } from '../support/app';
import { purchase, ticketOption } from '../support/builders';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { lockWaits } from '../support/lock-waits';
import { DatabaseLink } from './database-link';
import { ask, dataOf, errorOf, errorsOf, json, rawExchange, send, type Wire } from './wire';

type Reachable = Pick<TestApp, 'port'>;

const CREATE: Wire = { method: 'POST', path: '/ticket_options', body: json(ticketOption()) };
const ROUTES: readonly [string, Wire][] = [
  ['POST /ticket_options', CREATE],
  ['GET /ticket_options/:id', { method: 'GET', path: `/ticket_options/${randomUUID()}` }],
  [
    'POST /purchases',
    { method: 'POST', path: '/purchases', body: json(purchase({ ticketOption: randomUUID() })) },
  ],
  ['GET /purchases/:id', { method: 'GET', path: `/purchases/${randomUUID()}` }],
];

async function health(app: Reachable, path: 'live' | 'ready') {
  const { status, headers, text } = await send(app, { method: 'GET', path: `/health/${path}` });
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(headers['x-request-id']).toBeTruthy();
  return { status, body: JSON.parse(text) as { status: string; checks?: Record<string, string> } };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not so in time: ${holds.toString()}`);
    await pause(10);
  }
}

const READY = { status: 'ok', checks: { database: 'ok', migrations: 'ok', lanes: 'ok' } };

async function expectUnavailable(app: Reachable, wire: Wire): Promise<void> {
  const answer = await ask(app, wire);
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  expect(errorsOf(answer)).toMatchObject([{ status: '503', code: 'database_unavailable' }]);
}

describe('before the database is there', () => {
  let database: TestDatabase;
  let link: DatabaseLink;
  let service: Awaited<ReturnType<typeof listen>>;
  let started: Promise<void>;
  beforeAll(async () => {
    database = await createTestDatabase();
    link = await DatabaseLink.open(database.url);
    await link.cut();
    service = await listen(link.url);
    started = service.nest.get(DatabaseService).start();
  });
  afterAll(async () => {
    await service.nest.close();
    await link.cut();
    await database.drop();
  });

  test('the process is alive', async () => {
    expect(await health(service, 'live')).toEqual({ status: 200, body: { status: 'ok' } });
  });

  test('the service is not ready, and says why', async () => {
    expect(await health(service, 'ready')).toEqual({
      status: 503,
      body: {
        status: 'unavailable',
        checks: { database: 'unavailable', migrations: 'pending', lanes: 'ok' },
      },
    });
  });

  test.each(ROUTES)('%s is answered 503, with Retry-After', async (_, wire) => {
    await expectUnavailable(service, wire);
  });

  test('what can be refused without a database is refused as ever', async () => {
    const refused = async (wire: Wire) => errorOf(await ask(service, wire)).code;
    expect(await refused({ ...CREATE, path: '/nope' })).toBe('not_found');
    expect(await refused({ ...CREATE, body: '{}' })).toBe('invalid_document');
    expect(await refused({ ...CREATE, headers: { 'content-type': 'text/plain' } })).toBe(
      'unsupported_media_type',
    );
    expect(await refused({ method: 'GET', path: '/purchases/abc' })).toBe('not_found');
  });

  test('when it appears, the service becomes ready and serves', async () => {
    await link.restore();
    await started;
    expect(await health(service, 'ready')).toEqual({ status: 200, body: READY });
    expect((await ask(service, CREATE)).status).toBe(201);
  });
});

describe('when the database goes away', () => {
  let app: TestApp;
  let link: DatabaseLink;
  let option = '';
  let service: Awaited<ReturnType<typeof listen>>;
  const buy = (): Wire => ({
    method: 'POST',
    path: '/purchases',
    body: json(purchase({ ticketOption: option, quantity: 1 })),
  });
  beforeAll(async () => {
    app = await startApp();
    link = await DatabaseLink.open(app.databaseUrl);
    service = await listen(link.url);
    await service.nest.get(DatabaseService).start();
    option = dataOf(await ask(service, CREATE)).id;
  });
  afterAll(async () => {
    await service.nest.close();
    await link.cut();
    await app.stop();
  });

  test('it is not ready but alive, refuses without changing anything, and recovers', async () => {
    expect((await ask(service, buy())).status).toBe(201);
    const before = await allRows(app.database);
    await link.cut();
    await until(async () => (await health(service, 'ready')).status === 503);
    expect(await health(service, 'ready')).toEqual({
      status: 503,
      body: { status: 'unavailable', checks: { database: 'unavailable', migrations: 'ok', lanes: 'ok' } },
    });
    expect(await health(service, 'live')).toEqual({ status: 200, body: { status: 'ok' } });
    for (const [, wire] of [...ROUTES, ['a known option', buy()] as const])
      await expectUnavailable(service, wire);
    expect(await allRows(app.database)).toBe(before);

    await link.restore();
    await until(async () => (await health(service, 'ready')).status === 200);
    expect((await ask(service, buy())).status).toBe(201);
    expect((await ask(service, CREATE)).status).toBe(201);
  });

  test('it goes on by itself after the server has ended its connections', async () => {
    expect((await ask(service, buy())).status).toBe(201);
    await app.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    let answer = await ask(service, buy());
    for (; answer.status === 503; answer = await ask(service, buy()))
      expect(['database_unavailable', 'outcome_unknown']).toContain(errorOf(answer).code);
    expect(answer.status).toBe(201);
    expect((await health(service, 'ready')).body).toEqual(READY);
  });
});

describe('readiness', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());

  test('is there as soon as the service has started', async () => {
    expect(await health(app, 'ready')).toEqual({ status: 200, body: READY });
    expect(await health(app, 'live')).toEqual({ status: 200, body: { status: 'ok' } });
  });

  test('ends while a lane does not move, and comes back with it', async () => {
    const { id } = dataOf(await ask(app, CREATE));
    const body = json(purchase({ ticketOption: id, quantity: 1 }));
    await app.database.query('BEGIN');
    await app.database.query('SELECT FROM ticket_options WHERE id = $1 FOR UPDATE', [id]);
    const sale = { isOver: false };
    const statuses = new Set<number>();
    // One is at the lock and the other behind it; who is refused, because that takes too long, comes again.
    const buyer = async (): Promise<void> => {
      while (!sale.isOver)
        statuses.add((await ask(app, { method: 'POST', path: '/purchases', body })).status);
    };
    const first = buyer();
    await until(async () => (await lockWaits(app.database)) > 0);
    const second = buyer();
    let seen = await health(app, 'ready');
    await until(async () => {
      seen = await health(app, 'ready');
      return seen.status === 503;
    }).finally(() => (sale.isOver = true));
    await app.database.query('ROLLBACK');
    await Promise.all([first, second]);
    expect(seen.body).toEqual({ status: 'unavailable', checks: { ...READY.checks, lanes: 'stuck' } });
    for (const status of statuses) expect([201, 503]).toContain(status);
    expect(await health(app, 'ready')).toEqual({ status: 200, body: READY });
  });
});

describe('request ids', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());
  const PATHS = [
    '/health/live',
    '/health/ready',
    '/nope',
    '/purchases/33333333-3333-4333-8333-333333333333',
    '/ticket_options/%',
  ];
  const idOf = async (path: string, id?: string): Promise<unknown> =>
    (await send(app, { method: 'GET', path, headers: { 'x-request-id': id } })).headers['x-request-id'];

  test.each(PATHS)('%s answers with the one that was sent', async (path) => {
    for (const id of ['a', 'A-b_c.d~e:f/g+h=1', 'x'.repeat(128)]) expect(await idOf(path, id)).toBe(id);
  });

  test.each(PATHS)('%s answers with a new one when none was sent', async (path) => {
    const ids = [await idOf(path), await idOf(path)];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[\w-]{10,40}$/);
  });

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(129)],
    ['with a space', 'a b'],
    ['with quotes', '"a"'],
    ['with markup', '<b>'],
    ['with bytes outside ASCII', 'a\u00ff'],
    ['with a tab', 'a\tb'],
    ['with a comma', 'a,b'],
  ])('one that is %s is replaced', async (_, id) => {
    const answered = await idOf('/health/live', id);
    expect(answered).not.toBe(id);
    expect(answered).toMatch(/^[\w-]{10,40}$/);
  });

  test('two of them are replaced', async () => {
    const lines = [
      'GET /nope HTTP/1.1',
      'Host: h',
      'X-Request-Id: a',
      'X-Request-Id: b',
      'Connection: close',
    ];
    const [answer] = await rawExchange(app, `${lines.join('\r\n')}\r\n\r\n`);
    expect(answer?.headers['x-request-id']).toMatch(/^[\w-]{10,40}$/);
  });

  test('are in the line of the log', async () => {
    const error = jest.spyOn(app.logger, 'error');
    await app.database.query('ALTER TABLE purchases RENAME TO hidden');
    await idOf(`/purchases/${randomUUID()}`, 'find-me').finally(() =>
      app.database.query('ALTER TABLE hidden RENAME TO purchases'),
    );
    expect(error.mock.calls.map(([line]) => line)).toEqual(
      expect.arrayContaining([expect.objectContaining({ reqId: 'find-me', status: 500 })]),
    );
  });
});

describe('errors that nobody foresaw', () => {
  let app: TestApp;
  let option = '';
  beforeAll(async () => {
    app = await startApp();
    option = dataOf(await ask(app, CREATE)).id;
    await app.database.query(`
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'the secret of %', TG_TABLE_NAME USING ERRCODE = 'HV00N'; END $$`);
    for (const table of ['ticket_options', 'purchases']) {
      await app.database.query(
        `CREATE TRIGGER fails BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION fail()`,
      );
    }
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  test.each<[string, () => Wire]>([
    ['POST /ticket_options', () => CREATE],
    [
      'POST /purchases',
      () => ({ ...CREATE, path: '/purchases', body: json(purchase({ ticketOption: option })) }),
    ],
  ])('%s: logged with everything, told with nothing, and nothing is changed', async (_, wire) => {
    const before = await allRows(app.database);
    const error = jest.spyOn(app.logger, 'error');
    const answer = await ask(app, { ...wire(), headers: { 'x-request-id': 'find-me' } });
    expect(answer.status).toBe(500);
    expect(errorsOf(answer)).toEqual([
      {
        status: '500',
        code: 'internal_error',
        title: 'Internal error',
        detail: 'Something went wrong in the service; the request id leads to it in the log.',
      },
    ]);
    expect(JSON.stringify(answer)).not.toMatch(/secret|HV00N/);
    const lines = error.mock.calls.map(([line]) => line);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          reqId: 'find-me',
          err: expect.objectContaining({
            message: expect.stringContaining('the secret of') as unknown,
            code: 'HV00N',
          }) as unknown,
        }),
        expect.objectContaining({ reqId: 'find-me', status: 500 }),
      ]),
    );
    expect(await allRows(app.database)).toBe(before);
  });

  test('does not keep the service from going on', async () => {
    for (const table of ['ticket_options', 'purchases'])
      await app.database.query(`DROP TRIGGER fails ON ${table}`);
    expect((await ask(app, CREATE)).status).toBe(201);
    const buy = { ...CREATE, path: '/purchases', body: json(purchase({ ticketOption: option })) };
    expect((await ask(app, buy)).status).toBe(201);
  });

  test('HEAD and GET answer 500 as well', async () => {
    await app.database.query('ALTER TABLE purchases RENAME TO hidden');
    const path = `/purchases/${randomUUID()}`;
    const [got, headed] = [await ask(app, { method: 'GET', path }), await supertest(app.server).head(path)];
    await app.database.query('ALTER TABLE hidden RENAME TO purchases');
    expect([got.status, headed.status]).toEqual([500, 500]);
    expect(errorOf(got).code).toBe('internal_error');
  });
});
