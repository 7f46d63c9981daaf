import { randomUUID } from 'node:crypto';
import { allRows, startApp, type TestApp } from '../support/app';
import { event, purchase, reservation, ticketOption, toOne } from '../support/builders';
import { Client } from '../http/client';
import { type Answer, ask, dataOf, errorOf, json } from '../http/wire';

/* JSON:API 1.1, "Creating Resources". */

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(() => app.stop());

/** Sends something that is refused, and looks that nothing has changed by it. */
async function refused(path: string, body: string): Promise<Answer> {
  const before = await allRows(app.database);
  const answer = await ask(app, { method: 'POST', path, body });
  expect(await allRows(app.database)).toBe(before);
  return answer;
}

const VALID = purchase({ ticketOption: randomUUID() }).data;
const withRelationship = (value: unknown): object => ({
  data: { ...VALID, relationships: { ...VALID.relationships, ticket_option: value } },
});

test.each([
  ['', undefined],
  [json({}), ''],
  [json({ data: null }), '/data'],
  [json({ data: [] }), '/data'],
  [json({ data: 'x' }), '/data'],
  [json({ data: { attributes: {} } }), '/data'],
  [json({ data: { ...VALID, type: 5 } }), '/data/type'],
  [json(withRelationship({})), '/data/relationships/ticket_option'],
  [json(withRelationship({ links: { self: '/x' } })), '/data/relationships/ticket_option'],
  [json(withRelationship({ data: [] })), '/data/relationships/ticket_option/data'],
])(
  'D1 a body without one resource object is 400, with a pointer to what is there: %s',
  async (body, pointer) => {
    const answer = await refused('/purchases', body);
    expect(answer.status).toBe(400);
    const pointers = answer.document.errors?.map(({ source }) => source?.pointer);
    expect(pointers).toContain(pointer);
  },
);

test('D2 another type is 409', async () => {
  const answer = await refused('/ticket_options', json(purchase({ ticketOption: randomUUID() })));
  expect(answer.status).toBe(409);
  expect(errorOf(answer)).toMatchObject({ code: 'type_conflict', source: { pointer: '/data/type' } });
});

test.each([[randomUUID()], [''], [null], [5]])(
  'D3 an id of the client is 403, and a local id is none: %p',
  async (id) => {
    for (const [path, { data }] of [
      ['/events', event()],
      ['/ticket_options', ticketOption()],
    ] as const) {
      const answer = await refused(path, json({ data: { ...data, id } }));
      expect(answer.status).toBe(403);
      expect(errorOf(answer)).toMatchObject({
        code: 'client_id_forbidden',
        source: { pointer: '/data/id' },
      });
      const made = await client.post(path, { data: { ...data, lid: 'mine' } });
      expect(made.status).toBe(201);
      expect(dataOf(made).id).not.toBe('mine');
      expect(made.text).not.toContain('lid');
    }
  },
);

/** Creates one of each type. */
async function oneOfEach(): Promise<Answer[]> {
  const made = [await client.post('/events', event()), await client.post('/ticket_options', ticketOption())];
  const { id } = await client.option({ price_cents: 0 });
  made.push(await client.post('/purchases', purchase({ ticketOption: id })));
  const held = await client.post('/reservations', reservation({ ticketOption: id }));
  const relationships = { reservation: toOne('reservations', dataOf(held).id) };
  const paid = await client.post('/payments', {
    data: { type: 'payments', attributes: { token: 'tok' }, relationships },
  });
  return [...made, held, paid];
}

test('D5 what was created is answered 201 with the resource', async () => {
  for (const answer of await oneOfEach()) {
    expect(answer.status).toBe(201);
    expect(dataOf(answer).id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  }
});

test('D6 Location leads to it', async () => {
  for (const answer of await oneOfEach()) {
    const { type, id } = await client.read(String(answer.headers.location));
    expect({ type, id }).toEqual({ type: dataOf(answer).type, id: dataOf(answer).id });
  }
});

test('D7 Location is the self link of the resource', async () => {
  for (const answer of await oneOfEach()) expect(answer.headers.location).toBe(dataOf(answer).links.self);
});

test('D8 a related resource that is not there is 404, with a pointer to its id', async () => {
  for (const id of [randomUUID(), 'abc']) {
    const at = '/data/relationships/ticket_option/data/id';
    for (const [path, document, pointer] of [
      ['/purchases', purchase({ ticketOption: id }), at],
      ['/reservations', reservation({ ticketOption: id }), at],
      ['/ticket_options', ticketOption({}, id), '/data/relationships/event/data/id'],
    ] as const) {
      const answer = await refused(path, json(document));
      expect([path, id, answer.status]).toEqual([path, id, 404]);
      expect(errorOf(answer)).toMatchObject({ code: 'not_found', source: { pointer } });
    }
  }
});

test('D9 all of it or nothing, however many come at once', async () => {
  const { id } = await client.option({ allocation: 10 });
  expect((await refused('/purchases', json(purchase({ ticketOption: id, quantity: 11 })))).status).toBe(400);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => client.post('/purchases', purchase({ ticketOption: id, quantity: 3 }))),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  expect((await client.read(`/ticket_options/${id}`)).attributes).toMatchObject({ remaining: 1, sold: 9 });
});

test('D11 a related resource of another type is refused', async () => {
  for (const type of ['users', 'events', 'ticket_option']) {
    const { id } = await client.option();
    const document = withRelationship({ data: { type, id } });
    const answer = await refused('/purchases', json(document));
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({
      code: 'invalid_relationship',
      source: { pointer: '/data/relationships/ticket_option/data/type' },
    });
  }
});

test('D12 a conflict tells where it is', async () => {
  const { id } = await client.option({ allocation: 1, max_per_user: 1 });
  const conflicts = [
    await client.post('/events', ticketOption()),
    await client.post('/purchases', purchase({ ticketOption: id, quantity: 2 })),
    await client.post('/reservations', reservation({ ticketOption: id, quantity: 2 })),
  ];
  for (const answer of conflicts) {
    expect(answer.status).toBe(409);
    expect(errorOf(answer).source?.pointer).toMatch(/^\/data\//);
  }
});

test('D13 more than remains is the refusal of the published contract', async () => {
  const { id } = await client.option({ allocation: 1 });
  const answer = await client.post('/purchases', purchase({ ticketOption: id, quantity: 2 }));
  expect(answer.status).toBe(400);
  expect(answer.document.errors).toEqual([
    {
      status: '400',
      code: 'invalid_purchase_quantity',
      title: 'Unable to purchase provided quantity',
      detail: 'Unable to reserve given quantity of ticket options',
      source: { pointer: '/data/attributes/quantity' },
    },
  ]);
});

test('D14 a key lets it be done once, and is answered like the first time', async () => {
  const { id } = await client.option();
  const body = json(purchase({ ticketOption: id }));
  const headers = { 'idempotency-key': randomUUID() };
  const send = () => ask(app, { method: 'POST', path: '/purchases', body, headers });
  const [first, again] = [await send(), await send()];
  expect([again.status, again.headers.location, again.text]).toEqual([
    first.status,
    first.headers.location,
    first.text,
  ]);
  expect((await client.read(`/ticket_options/${id}`)).attributes).toMatchObject({ sold: 2 });
});
