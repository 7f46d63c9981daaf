import { SchedulerRegistry } from '@nestjs/schedule';
import { randomUUID } from 'node:crypto';
import { audit } from '../../src/allocation/audit';
import { KeysSweepService } from '../../src/idempotency/keys-sweep.service';
import { DatabaseService } from '../../src/database/database.service';
import { allRows, listen, startApp, type TestApp } from '../support/app';
import { change, event, purchase, reservation, ticketOption, toOne } from '../support/builders';
import { Client } from './client';
import { type Answer, ask, dataOf, errorOf, json } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  // From now on keys are forgotten when a test says so.
  app.nest.get(SchedulerRegistry).deleteInterval('idempotency keys');
  client = new Client(app);
});
afterEach(async () => {
  expect(await audit(app.database)).toEqual([]);
});
afterAll(() => app.stop());

function keyed(method: string, path: string, document: unknown, key: string): Promise<Answer> {
  return ask(app, { method, path, body: json(document), headers: { 'idempotency-key': key } });
}

function pays(reservationId: string, token: string) {
  return {
    data: {
      type: 'payments',
      attributes: { token },
      relationships: { reservation: toOne('reservations', reservationId) },
    },
  };
}

/** A request, made ready when its test begins. */
type Ready = () => Promise<{ method?: string; path: string; document: unknown; status: number }>;

const inHalfAnHour = new Date(Date.now() + 1_800_000).toISOString();

const REQUESTS: readonly (readonly [string, Ready])[] = [
  ['a new event', () => Promise.resolve({ path: '/events', document: event(), status: 201 })],
  [
    'a new option with an event of its own',
    () => Promise.resolve({ path: '/ticket_options', document: ticketOption(), status: 201 }),
  ],
  [
    'a new option of an event',
    async () => ({
      path: '/ticket_options',
      document: ticketOption({}, (await client.event()).id),
      status: 201,
    }),
  ],
  [
    'a purchase',
    async () => ({
      path: '/purchases',
      document: purchase({ ticketOption: (await client.option()).id }),
      status: 201,
    }),
  ],
  [
    'a purchase with a limit for each user',
    async () => ({
      path: '/purchases',
      document: purchase({ ticketOption: (await client.option({ max_per_user: 2 })).id }),
      status: 201,
    }),
  ],
  [
    'a purchase of more than there is',
    async () => ({
      path: '/purchases',
      document: purchase({ ticketOption: (await client.option({ allocation: 1 })).id }),
      status: 400,
    }),
  ],
  [
    'a reservation',
    async () => ({
      path: '/reservations',
      document: reservation({ ticketOption: (await client.option({ price_cents: 100 })).id }),
      status: 201,
    }),
  ],
  [
    'a reservation over the limit',
    async () => ({
      path: '/reservations',
      document: reservation({ ticketOption: (await client.option({ max_per_user: 1 })).id }),
      status: 409,
    }),
  ],
  [
    'a payment',
    async () => {
      const { id } = await client.reserve((await client.option({ price_cents: 100 })).id);
      return { path: '/payments', document: pays(id, 'tok_visa'), status: 201 };
    },
  ],
  [
    'a payment of nothing',
    async () => {
      const { id } = await client.reserve((await client.option()).id);
      return { path: '/payments', document: pays(id, 'tok_visa'), status: 201 };
    },
  ],
  [
    'a payment that the gateway refuses',
    async () => {
      const { id } = await client.reserve((await client.option({ price_cents: 100 })).id);
      return { path: '/payments', document: pays(id, 'card_error'), status: 402 };
    },
  ],
  [
    'an extension',
    async () => {
      const { id, type } = await client.reserve((await client.option()).id);
      const document = change(type, id, { expires_at: inHalfAnHour });
      return { method: 'PATCH', path: `/reservations/${id}`, document, status: 200 };
    },
  ],
  [
    'a change of an event',
    async () => {
      const { id, type } = await client.event();
      return {
        method: 'PATCH',
        path: `/events/${id}`,
        document: change(type, id, { name: 'Ball' }),
        status: 200,
      };
    },
  ],
  [
    'a change of an option',
    async () => {
      const { id, type } = await client.option();
      const document = change(type, id, { allocation: 7 });
      return { method: 'PATCH', path: `/ticket_options/${id}`, document, status: 200 };
    },
  ],
  [
    'a change that is refused',
    async () => {
      const { id, type } = await client.option();
      await client.reserve(id, 3);
      const document = change(type, id, { allocation: 2 });
      return { method: 'PATCH', path: `/ticket_options/${id}`, document, status: 409 };
    },
  ],
];

describe.each(REQUESTS)('%s', (_name, ready) => {
  test('sent again with its key changes nothing and is answered the same, and says that it is', async () => {
    const { method = 'POST', path, document, status } = await ready();
    const key = randomUUID();
    const first = await keyed(method, path, document, key);
    expect(first.status).toBe(status);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    const before = await allRows(app.database);
    const again = await keyed(method, path, document, key);
    expect(again).toMatchObject({ status, text: first.text });
    expect(again.headers.location).toBe(first.headers.location);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await allRows(app.database)).toBe(before);
  });

  test('ten at the same moment have one effect', async () => {
    const { method = 'POST', path, document, status } = await ready();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => keyed(method, path, document, key)));
    const replayed = answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true');
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(replayed).toHaveLength(9);
  });

  test('another request with the same key is refused and changes nothing', async () => {
    const { method = 'POST', path, document } = await ready();
    const key = randomUUID();
    await keyed(method, path, document, key);
    const before = await allRows(app.database);
    const other = await keyed('POST', '/events', event({ name: 'Another' }), key);
    expect(other.status).toBe(422);
    expect(errorOf(other)).toMatchObject({
      code: 'idempotency_key_reused',
      source: { header: 'Idempotency-Key' },
    });
    expect(await allRows(app.database)).toBe(before);
  });
});

test('the same body on another route is another request', async () => {
  const key = randomUUID();
  const ticket = (await client.option()).id;
  const document = purchase({ ticketOption: ticket });
  expect((await keyed('POST', '/purchases', document, key)).status).toBe(201);
  const other = { data: { ...document.data, type: 'reservations' } };
  expect((await keyed('POST', '/reservations', other, key)).status).toBe(422);
});

test('a retry shows the resource as it stands now', async () => {
  const key = randomUUID();
  const document = reservation({ ticketOption: (await client.option()).id });
  const { id } = dataOf(await keyed('POST', '/reservations', document, key));
  await client.remove(`/reservations/${id}`);
  const again = await keyed('POST', '/reservations', document, key);
  expect(again.status).toBe(201);
  expect(dataOf(again).attributes).toMatchObject({ status: 'cancelled' });
});

test('a sold-out refusal stays the answer of its key when tickets come back', async () => {
  const option = await client.option({ allocation: 1 });
  const bought = dataOf(await client.post('/purchases', purchase({ ticketOption: option.id, quantity: 1 })));
  const document = purchase({ ticketOption: option.id, quantity: 1 });
  const key = randomUUID();
  expect((await keyed('POST', '/purchases', document, key)).status).toBe(400);
  await client.remove(`/purchases/${bought.id}`);
  expect((await keyed('POST', '/purchases', document, key)).status).toBe(400);
  expect((await keyed('POST', '/purchases', document, randomUUID())).status).toBe(201);
});

test('a success stays the answer of its key when everything is sold', async () => {
  const option = await client.option({ allocation: 2 });
  const document = purchase({ ticketOption: option.id, quantity: 2 });
  const key = randomUUID();
  const first = await keyed('POST', '/purchases', document, key);
  await client.post('/purchases', purchase({ ticketOption: option.id, quantity: 1 }));
  expect(await keyed('POST', '/purchases', document, key)).toMatchObject({ status: 201, text: first.text });
});

test('what is wrong with a body is not kept, so the key can be used for what was meant', async () => {
  const key = randomUUID();
  const { id } = await client.option();
  expect((await keyed('POST', '/purchases', purchase({ ticketOption: id, quantity: 0 }), key)).status).toBe(
    400,
  );
  expect((await keyed('POST', '/purchases', purchase({ ticketOption: id }), key)).status).toBe(201);
});

test.each([
  ['empty', ''],
  ['longer than 255 characters', 'k'.repeat(256)],
  ['with a space', 'a b'],
  ['with a tab', 'a\tb'],
  ['beyond ASCII', 'kléy'],
])('a key that is %s is refused by its header', async (_name, key) => {
  const before = await allRows(app.database);
  const answer = await keyed('POST', '/events', event(), key);
  expect(answer.status).toBe(400);
  expect(errorOf(answer)).toMatchObject({ code: 'invalid_header', source: { header: 'Idempotency-Key' } });
  expect(await allRows(app.database)).toBe(before);
});

test('a key of 255 characters will do', async () => {
  expect((await keyed('POST', '/events', event(), '~'.repeat(255))).status).toBe(201);
});

describe('on another instance, which has not seen the key but knows the option', () => {
  let other: Awaited<ReturnType<typeof listen>>;
  beforeAll(async () => {
    other = await listen(app.databaseUrl);
    await other.nest.get(DatabaseService).start();
  });
  afterAll(async () => {
    await other.nest.close();
    other.check();
  });

  /** Sends it there, in a group with others that have keys of their own, or alone. */
  async function there(path: string, document: unknown, key: string, company = 0): Promise<Answer> {
    const headers = { 'idempotency-key': key };
    const of = (document as { data: { relationships: { ticket_option: { data: { id: string } } } } }).data;
    const { id } = of.relationships.ticket_option.data;
    await ask(other, { method: 'GET', path: `/ticket_options/${id}` });
    const beside = Array.from({ length: company }, () =>
      ask(other, {
        method: 'POST',
        path: '/purchases',
        body: json(purchase({ ticketOption: id, quantity: 1 })),
        headers: { 'idempotency-key': randomUUID() },
      }),
    );
    const answer = await ask(other, { method: 'POST', path, body: json(document), headers });
    for (const { status } of await Promise.all(beside)) expect(status).toBe(201);
    return answer;
  }

  test.each([0, 5])('a success is answered again, and %d others in its group are served', async (company) => {
    const option = await client.option({ max_per_user: 5 });
    for (const [path, build] of [
      ['/purchases', purchase],
      ['/reservations', reservation],
    ] as const) {
      const document = build({ ticketOption: option.id });
      const key = randomUUID();
      const first = await keyed('POST', path, document, key);
      const again = await there(path, document, key, company);
      expect(again).toMatchObject({ status: 201, text: first.text });
      expect(again.headers['idempotent-replayed']).toBe('true');
    }
    const { attributes } = await client.read(`/ticket_options/${option.id}`);
    expect(attributes).toMatchObject({ sold: 2 + 2 * company, reserved: 2 });
  });

  test('a refusal is answered again, although there would be tickets now', async () => {
    const option = await client.option({ allocation: 1 });
    const document = purchase({ ticketOption: option.id, quantity: 2 });
    const key = randomUUID();
    const first = await keyed('POST', '/purchases', document, key);
    expect(first.status).toBe(400);
    await client.change(option, { allocation: 10 });
    expect(await there('/purchases', document, key)).toMatchObject({ status: 400, text: first.text });
  });

  test('a success stays the answer when everything is sold', async () => {
    const option = await client.option({ allocation: 2 });
    const document = purchase({ ticketOption: option.id });
    const key = randomUUID();
    const first = await keyed('POST', '/purchases', document, key);
    const beyond = purchase({ ticketOption: option.id, quantity: 1 });
    expect((await there('/purchases', beyond, randomUUID())).status).toBe(400); // it knows that nothing is left
    expect(await there('/purchases', document, key)).toMatchObject({ status: 201, text: first.text });
  });

  test('another request with the key is refused, also for another event, sold out or not', async () => {
    const [option, elsewhere] = [await client.option(), await client.option()];
    const soldOut = await client.option({ allocation: 0 });
    const keys: string[] = [];
    for (const first of [option, soldOut]) {
      const key = randomUUID();
      await keyed('POST', '/purchases', purchase({ ticketOption: first.id }), key);
      keys.push(key);
    }
    for (const key of keys)
      for (const then of [option, elsewhere, soldOut]) {
        const before = await allRows(app.database);
        for (const [path, build] of [
          ['/purchases', purchase],
          ['/reservations', reservation],
        ] as const) {
          const answer = await there(path, build({ ticketOption: then.id }), key);
          expect(errorOf(answer).code).toBe('idempotency_key_reused');
        }
        expect(await allRows(app.database)).toBe(before);
      }
  });
});

test('a payment that is still under way is answered 409', async () => {
  const { id } = await client.reserve((await client.option({ price_cents: 100 })).id);
  const key = randomUUID();
  const paid = dataOf(await keyed('POST', '/payments', pays(id, 'tok_visa'), key));
  // As it was while the gateway had not answered.
  await app.database.query(
    `UPDATE payments SET status = 'pending', check_at = now() + interval '1 h' WHERE id = $1`,
    [paid.id],
  );
  const again = await keyed('POST', '/payments', pays(id, 'tok_visa'), key);
  expect(again.status).toBe(409);
  expect(again.headers['retry-after']).toBe('1');
  expect(errorOf(again)).toMatchObject({ code: 'idempotency_key_in_flight', meta: { payment_id: paid.id } });
  await app.database.query(`UPDATE payments SET status = 'succeeded', check_at = NULL WHERE id = $1`, [
    paid.id,
  ]);
});

test('keys are forgotten after a day, and not before', async () => {
  const old = randomUUID();
  await keyed('POST', '/events', event({ name: 'Old' }), old);
  await app.database.query(
    `UPDATE idempotency_keys SET created_at = now() - interval '24 h 1 s' WHERE resource_id =
       (SELECT id FROM events WHERE name = 'Old')`,
  );
  const fresh = randomUUID();
  await keyed('POST', '/events', event({ name: 'Fresh' }), fresh);
  expect(await app.nest.get(KeysSweepService).sweep()).toBe(1);
  const again = await keyed('POST', '/events', event({ name: 'Old' }), old);
  expect(again.headers['idempotent-replayed']).toBeUndefined();
  expect(
    (await keyed('POST', '/events', event({ name: 'Fresh' }), fresh)).headers['idempotent-replayed'],
  ).toBe('true');
});
