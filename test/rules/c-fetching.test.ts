import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from '../support/app';
import { purchase, ticketOption } from '../support/builders';
import { Client } from '../http/client';
import { type Answer, ask, dataOf, errorOf, itemsOf, json, send } from '../http/wire';
import { includePaths, listPaths, resourcePaths, setTheStage, type Stage } from './answers';

/* JSON:API 1.1, "Fetching Data". */

let app: TestApp;
let client: Client;
let stage: Stage;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
  stage = await setTheStage(client);
});
afterAll(() => app.stop());

/** Expects a refusal of a parameter. */
function expectRefused(answer: Answer, parameter: string): void {
  expect(answer.status).toBe(400);
  expect(answer.document.errors).toContainEqual(
    expect.objectContaining({ code: 'invalid_parameter', source: { parameter } }),
  );
}

test('C1 what is there is 200, a resource or a collection', async () => {
  for (const path of [...resourcePaths(stage), ...listPaths(stage), ...includePaths(stage)])
    expect([path, (await client.get(path)).status]).toEqual([path, 200]);
});

test('C2 a resource that is not there is 404, whatever its id is', async () => {
  for (const type of [
    'events',
    'ticket_options',
    'purchases',
    'reservations',
    'payments',
    'statistics/events',
  ])
    for (const id of [randomUUID(), 'abc', '0', '%00', 'null']) {
      const answer = await client.get(`/${type}/${id}`);
      expect([type, id, answer.status]).toEqual([type, id, 404]);
    }
  const upper = await client.read(`/events/${stage.event.id.toUpperCase()}`);
  expect(upper.id).toBe(stage.event.id);
});

test('C5 there are no addresses of relationships', async () => {
  const { event, purchase: bought } = stage;
  for (const parent of [`/purchases/${bought.id}`, `/purchases/${randomUUID()}`, `/events/${event.id}`])
    for (const name of ['ticket_option', 'ticket_options', 'nope'])
      for (const method of ['GET', 'PATCH', 'POST', 'DELETE']) {
        const answer = await ask(app, { method, path: `${parent}/relationships/${name}` });
        expect(errorOf(answer).code).toBe('not_found');
      }
});

test('C6 include is 400 where nothing can come along, also when it is empty', async () => {
  for (const path of [
    `/purchases/${stage.purchase.id}`,
    `/payments/${stage.payment.id}`,
    '/purchases',
    '/statistics/totals',
    '/statistics/kinds',
    '/statistics/sales',
  ])
    for (const value of ['', 'ticket_option', 'event']) {
      const answer = await client.get(`${path}?include=${value}`);
      if (path === `/payments/${stage.payment.id}` && value === '') continue; // payments have something to include
      expectRefused(answer, 'include');
    }
  for (const query of ['?include=', '?include=event']) {
    const body = json(ticketOption());
    expectRefused(await ask(app, { method: 'POST', path: `/ticket_options${query}`, body }), 'include');
  }
});

test('C7 what is included is what was asked for, and there even when it is nothing', async () => {
  const path = `/ticket_options/${stage.free.id}`;
  const withEvent = await client.get(`${path}?include=event`);
  expect(withEvent.document.included?.map(({ type }) => type)).toEqual(['events']);
  expect((await client.get(`${path}?include=`)).document.included).toEqual([]);
  expect((await client.get(path)).document).not.toHaveProperty('included');
  const empty = await client.event();
  expect((await client.get(`/events/${empty.id}?include=ticket_options`)).document.included).toEqual([]);
  for (const value of ['nope', 'event,nope', 'event.ticket_options', 'event.', ',event'])
    expectRefused(await client.get(`${path}?include=${value}`), 'include');
});

test('C8 fields leaves only those, in primary data and in what comes along, also after a POST', async () => {
  const path = `/ticket_options/${stage.free.id}`;
  const one = await client.get(`${path}?fields[ticket_options]=name`);
  expect(Object.keys(dataOf(one).attributes ?? {})).toEqual(['name']);
  expect(dataOf(one)).not.toHaveProperty('relationships');
  const none = dataOf(await client.get(`${path}?fields[ticket_options]=`));
  expect(Object.keys(none).sort()).toEqual(['id', 'links', 'type']);
  const both = await client.get(`${path}?include=event&fields[events]=venue`);
  expect(both.document.included?.map(({ attributes }) => Object.keys(attributes ?? {}))).toEqual([['venue']]);
  const created = await ask(app, {
    method: 'POST',
    path: '/purchases?fields[purchases]=quantity',
    body: json(purchase({ ticketOption: stage.free.id })),
  });
  expect(dataOf(created).attributes).toEqual({ quantity: 2 });
  expectRefused(await client.get(`${path}?fields[ticket_options]=nope`), 'fields[ticket_options]');
});

test('C9 fields of a type that is not known is 400', async () => {
  expectRefused(await client.get('/events?fields[nope]=a'), 'fields[nope]');
});

test('C10 sort is 400 where it is not offered, and else in order', async () => {
  expectRefused(await client.get(`/events/${stage.event.id}?sort=name`), 'sort');
  expectRefused(await client.get('/events?sort=nope'), 'sort');
  expectRefused(await client.get('/ticket_options?sort=name'), 'sort');
  for (const name of ['B', 'A', 'C']) await client.event({ name });
  const names = async (sort: string): Promise<unknown[]> =>
    (await client.list(`/events?sort=${sort}&page[size]=100`)).map(({ attributes }) => attributes?.['name']);
  const up = await names('name');
  expect(up).toEqual([...up].sort());
  expect(await names('-name')).toEqual([...up].reverse());
});

test('C11 the links of pages lead through all of them and back', async () => {
  const event = await client.event();
  const made: string[] = [];
  for (let n = 0; n < 5; n++) made.push((await client.option({}, event.id)).id);
  const walk = async (from: string, by: 'next' | 'prev'): Promise<[string[], string]> => {
    const ids: string[] = [];
    let path = from;
    for (;;) {
      const page = await client.get(path);
      const there = itemsOf(page).map(({ id }) => id);
      ids.push(...(by === 'next' ? there : there.reverse()));
      const { links = { self: '' } } = page.document;
      for (const name of Object.keys(links))
        expect(['self', 'first', 'prev', 'next', 'last']).toContain(name);
      const beyond = links[by];
      if (beyond === null || beyond === undefined) return [ids, path];
      path = beyond;
    }
  };
  const [forwards, last] = await walk(`/events/${event.id}/ticket_options?page[size]=2`, 'next');
  expect(forwards).toEqual(made);
  expect((await walk(last, 'prev'))[0]).toEqual([...made].reverse());
});

test('C12 what pages and filters do not know is 400', async () => {
  expectRefused(await client.get('/events?filter[x]=1'), 'filter[x]');
  expectRefused(await client.get('/events?page[number]=1'), 'page[number]');
  expectRefused(await client.get(`/events/${stage.event.id}?page[size]=1`), 'page[size]');
});

test('C13 HEAD is GET without a body, GET with a body is read, and 304 has none', async () => {
  const path = `/events/${stage.event.id}`;
  const got = await send(app, { method: 'GET', path });
  const headed = await send(app, { method: 'HEAD', path });
  expect([headed.status, headed.text]).toEqual([200, '']);
  for (const name of ['content-type', 'content-length', 'etag', 'vary'])
    expect([name, headed.headers[name]]).toEqual([name, got.headers[name]]);
  expect((await send(app, { method: 'GET', path, body: '{"a":1}' })).status).toBeLessThan(500);
  const headers = { 'if-none-match': String(got.headers.etag) };
  expect(await send(app, { method: 'GET', path, headers })).toMatchObject({ status: 304, text: '' });
});
