import { randomUUID } from 'node:crypto';
import { allRows, startApp, type TestApp } from '../support/app';
import { change, toOne } from '../support/builders';
import { Client, runOut } from '../http/client';
import { type Answer, ask, dataOf, errorOf, json, send } from '../http/wire';

/* JSON:API 1.1, "Updating Resources" and "Deleting Resources". */

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(() => app.stop());

/** Sends a change that is refused, and looks that nothing has changed by it. */
async function refused(path: string, document: unknown): Promise<Answer> {
  const before = await allRows(app.database);
  const answer = await ask(app, { method: 'PATCH', path, body: json(document) });
  expect(await allRows(app.database)).toBe(before);
  return answer;
}

test('F1 a change without type or id is 400', async () => {
  const { id } = await client.event();
  for (const data of [{ type: 'events' }, { id }, {}]) {
    const answer = await refused(`/events/${id}`, { data: { ...data, attributes: { name: 'Other' } } });
    expect([answer.status, errorOf(answer).source?.pointer]).toEqual([400, '/data']);
  }
});

test('F2 another type or id than that of the address is 409', async () => {
  const { id } = await client.event();
  for (const [document, pointer] of [
    [change('ticket_options', id, { name: 'Other' }), '/data/type'],
    [change('events', randomUUID(), { name: 'Other' }), '/data/id'],
  ] as const) {
    const answer = await refused(`/events/${id}`, document);
    expect([answer.status, errorOf(answer).source?.pointer]).toEqual([409, pointer]);
  }
});

test('F3 what is absent keeps its value', async () => {
  for (const made of [
    await client.event({ venue: 'Hall' }),
    await client.option({ kind: 'vip', max_per_user: 3 }),
  ]) {
    await client.change(made, { description: 'Other' });
    const now = await client.read(made.links.self);
    expect(now.attributes).toEqual({
      ...made.attributes,
      description: 'Other',
      updated_at: now.attributes?.['updated_at'],
    });
    expect(now.relationships).toEqual(made.relationships);
  }
});

test('F4 a relationship in a change has data, and none can be replaced', async () => {
  const [option, other] = await client.twoOptions();
  const held = await client.reserve(option.id);
  const tried: readonly (readonly [typeof option, string, unknown, number])[] = [
    [option, 'event', toOne('events', randomUUID()), 403],
    [option, 'event', {}, 403],
    [held, 'ticket_option', toOne('ticket_options', other.id), 403],
    [held, 'user', toOne('users', randomUUID()), 403],
    [held, 'ticket_options', { data: [] }, 403],
  ];
  for (const [of, name, value, status] of tried) {
    const data = { type: of.type, id: of.id, relationships: { [name]: value } };
    const answer = await refused(of.links.self, { data });
    expect([of.type, name, answer.status]).toEqual([of.type, name, status]);
    expect(errorOf(answer).source?.pointer).toBe(`/data/relationships/${name}`);
  }
});

test('F5 a change is answered 200 with the resource as it is now', async () => {
  const { id } = await client.option();
  const held = await client.reserve(id);
  const until = new Date(Date.now() + 1_500_000).toISOString();
  const extended = await client.change(held, { expires_at: until });
  expect(extended.status).toBe(200);
  expect(dataOf(extended)).toEqual(await client.read(held.links.self));
  expect(dataOf(extended).attributes).toMatchObject({ expires_at: until });
  const option = await client.read(`/ticket_options/${id}`);
  const changed = dataOf(await client.change(option, { name: 'Other' }));
  expect(changed.attributes?.['updated_at']).not.toBe(option.attributes?.['updated_at']);
});

test('F6 what is not there is 404', async () => {
  for (const type of ['events', 'ticket_options', 'reservations']) {
    const id = randomUUID();
    const attributes =
      type === 'reservations'
        ? { expires_at: new Date(Date.now() + 1_000_000).toISOString() }
        : { name: 'x' };
    expect((await refused(`/${type}/${id}`, change(type, id, attributes))).status).toBe(404);
  }
});

test('F7 what cannot be changed is 403, and a method that is not offered 405', async () => {
  const option = await client.option();
  const held = await client.reserve(option.id);
  for (const [of, attributes] of [
    [held, { quantity: 1 }],
    [held, { status: 'paid' }],
    [option, { remaining: 1 }],
    [option, { sold: 0 }],
    [option, { number: 5 }],
  ] as const) {
    const answer = await refused(of.links.self, change(of.type, of.id, attributes));
    const [name = ''] = Object.keys(attributes);
    expect(answer.status).toBe(403);
    expect(errorOf(answer)).toMatchObject({
      code: 'read_only',
      source: { pointer: `/data/attributes/${name}` },
    });
  }
  const answer = await ask(app, { method: 'PATCH', path: `/purchases/${randomUUID()}`, body: json({}) });
  expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, DELETE']);
});

test('F8 a change that what has happened forbids is 409', async () => {
  const option = await client.option({ allocation: 5 });
  const held = await client.reserve(option.id, 4);
  const small = await client.change(option, { allocation: 3 });
  expect([small.status, errorOf(small).code]).toEqual([409, 'allocation_below_committed']);
  await runOut(app, held);
  const late = await client.change(held, { expires_at: new Date(Date.now() + 1_500_000).toISOString() });
  expect([late.status, errorOf(late).code]).toEqual([409, 'reservation_expired']);
});

test('F9 a deletion is 204 without anything, and 404 once it is gone', async () => {
  const event = await client.event();
  const option = await client.option({}, event.id);
  for (const { links } of [option, event]) {
    const gone = await send(app, { method: 'DELETE', path: links.self });
    expect([gone.status, gone.text, gone.headers['content-type']]).toEqual([204, '', undefined]);
    expect((await client.remove(links.self)).status).toBe(404);
    expect((await client.get(links.self)).status).toBe(404);
  }
});
