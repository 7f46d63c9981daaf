import { startApp, type TestApp } from '../support/app';
import { change, event } from '../support/builders';
import { Client } from '../http/client';
import { ask, json } from '../http/wire';
import { listPaths, resourcePaths, setTheStage, type Stage } from './answers';

/* JSON:API 1.1, "Query Parameters". */

let app: TestApp;
let client: Client;
let stage: Stage;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
  stage = await setTheStage(client);
});
afterAll(() => app.stop());

/** @returns the parameters that are refused, and the status */
async function refusedAt(path: string, method = 'GET', body?: string): Promise<unknown[]> {
  const { status, document } = await ask(app, { method, path, ...(body !== undefined && { body }) });
  return [status, document.errors?.map(({ code, source }) => [code, source?.parameter])];
}

test.each([
  ['foo=1', 'foo'],
  ['page=1', 'page'],
  ['filter', 'filter'],
  ['include[]=x', 'include[]'],
  ['fields=name', 'fields'],
  ['fields[]=a', 'fields[]'],
  ['fields[_]=a', 'fields[_]'],
  ['page[_]=1', 'page[_]'],
  ['=1', ''],
])('E1 a parameter that is not known is 400 by its name, at every address: ?%s', async (query, name) => {
  const expected = [400, [['invalid_parameter', name]]];
  for (const path of [...resourcePaths(stage), ...listPaths(stage)])
    expect([path, await refusedAt(`${path}?${query}`)]).toEqual([path, expected]);
  const { id } = stage.event;
  expect(await refusedAt(`/events?${query}`, 'POST', json(event()))).toEqual(expected);
  const changed = json(change('events', id, { name: 'Other' }));
  expect(await refusedAt(`/events/${id}?${query}`, 'PATCH', changed)).toEqual(expected);
  expect(await refusedAt(`/reservations/${stage.reservation.id}?${query}`, 'DELETE')).toEqual(expected);
});

test.each(['camelCase', 'utm_source', 'x-own'])(
  'E2 names of their own are refused as well, since nothing reads them: %s',
  async (name) => {
    expect(await refusedAt(`/events?${name}=1`)).toEqual([400, [['invalid_parameter', name]]]);
  },
);

test('E3 brackets mean the same whether they are encoded or not', async () => {
  const [raw, encoded] = [
    await client.get('/events?fields[events]=name&page[size]=1'),
    await client.get('/events?fields%5Bevents%5D=name&page%5Bsize%5D=1'),
  ];
  expect(raw.status).toBe(200);
  expect(raw.text).toBe(encoded.text);
});

test('E4 the query is read as forms are, and one that is broken is 400', async () => {
  const path = `/events/${stage.event.id}`;
  const plain = await client.get(`${path}?include=ticket_options`);
  expect((await client.get(`${path}?include=ticket%5Foptions`)).text).toBe(plain.text);
  const { id } = await client.event();
  await client.option({ kind: 'late show' }, id);
  expect(await client.ids(`/events/${id}/ticket_options?filter[kind]=late+show`)).toHaveLength(1);
  for (const query of ['%E0%A4%A', '%00=1', 'include=%ff', 'include=%'])
    expect((await refusedAt(`${path}?${query}`))[0]).toBe(400);
});

test('E5 a parameter that comes twice is 400, whatever it says', async () => {
  for (const query of [
    'fields[events]=name&fields[events]=venue',
    'page[size]=1&page%5Bsize%5D=1',
    'sort=name&sort=name',
  ])
    expect((await refusedAt(`/events?${query}`))[0]).toBe(400);
});
