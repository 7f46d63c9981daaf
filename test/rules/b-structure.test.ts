import { startApp, type TestApp } from '../support/app';
import { purchase, ticketOption } from '../support/builders';
import { type JsonApiDocument, type ResourceObject } from '../support/json-api-document';
import { Client } from '../http/client';
import { type Answer, ask, dataOf, errorOf, itemsOf, json } from '../http/wire';
import { everyKindOfAnswer, type Given, listPaths, resourcePaths, setTheStage, type Stage } from './answers';

/* JSON:API 1.1, "Document Structure", of every answer that there is. */

let app: TestApp;
let client: Client;
let stage: Stage;
let answers: readonly Given[];
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
  stage = await setTheStage(client);
  answers = await everyKindOfAnswer(app, stage);
});
afterAll(() => app.stop());

type Members = Record<string, unknown>;

const documents = (): JsonApiDocument[] => answers.map(({ answer }) => answer.document);
const raw = (): Members[] => answers.map(({ answer }) => JSON.parse(answer.text) as Members);

function resourcesIn({ data, included = [] }: JsonApiDocument): ResourceObject[] {
  return [...(data === undefined ? [] : Array.isArray(data) ? data : [data]), ...included];
}
const resources = (): ResourceObject[] => documents().flatMap(resourcesIn);

/** Every identifier of a relationship. */
const linkages = (): unknown[] =>
  resources().flatMap(({ relationships = {} }) =>
    Object.values(relationships).flatMap((each) => ('data' in each ? [each.data] : [])),
  );

/** Every link of a document, wherever it is. */
function linksIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(linksIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    name === 'links' ? Object.values(each as Members) : linksIn(each),
  );
}

/** @returns every member name of an object and of those within. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => [name, ...namesIn(each)]);
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

test('B1 a document is an object with data, errors or meta', () => {
  for (const document of raw()) {
    expect(isObject(document)).toBe(true);
    expect(['data', 'errors', 'meta'].some((member) => member in document)).toBe(true);
  }
});

test('B2 data and errors are never together', () => {
  for (const document of raw()) expect('data' in document && 'errors' in document).toBe(false);
});

test('B3 included comes only with data', () => {
  expect(raw().some((document) => 'included' in document)).toBe(true);
  for (const document of raw()) if ('included' in document) expect(document).toHaveProperty('data');
});

test('B4 nothing is in a document that JSON:API does not know', () => {
  const known = {
    document: ['jsonapi', 'links', 'data', 'included', 'meta', 'errors'],
    resource: ['type', 'id', 'attributes', 'relationships', 'links', 'meta'],
    relationship: ['data', 'links', 'meta'],
    error: ['id', 'links', 'status', 'code', 'title', 'detail', 'source', 'meta'],
  };
  const unknown = (of: keyof typeof known, value: object): string[] =>
    Object.keys(value).filter((member) => !known[of].includes(member));
  for (const document of documents()) {
    expect(unknown('document', document)).toEqual([]);
    for (const resource of resourcesIn(document)) {
      expect(unknown('resource', resource)).toEqual([]);
      for (const each of Object.values(resource.relationships ?? {}))
        expect(unknown('relationship', each)).toEqual([]);
    }
    for (const error of document.errors ?? []) expect(unknown('error', error)).toEqual([]);
  }
});

test('B5 members that JSON:API does not know are passed over, attributes that the resource does not have are refused', async () => {
  const plain = ticketOption();
  const { attributes } = plain.data;
  const odd = {
    foo: 1,
    '@x': 2,
    data: { ...plain.data, foo: 3, '@y': 4, attributes: { ...attributes, '@z': 5 } },
  };
  const made = await client.post('/ticket_options', odd);
  expect(made.status).toBe(201);
  expect(made.text).not.toMatch(/foo|@/);
  const known = dataOf(await client.post('/ticket_options', plain)).attributes ?? {};
  expect(Object.keys(dataOf(made).attributes ?? {})).toEqual(Object.keys(known));
  const refused = await client.post('/ticket_options', ticketOption({ colour: 'red' }));
  expect(errorOf(refused)).toMatchObject({
    code: 'invalid_attribute',
    source: { pointer: '/data/attributes/colour' },
  });
});

test('B6 a collection is an array whether it has none, one or many, and a resource is an object', async () => {
  const sizes: number[] = [];
  for (const filter of ['filter[kind]=none', 'filter[kind]=vip', ''])
    sizes.push(itemsOf(await client.get(`/events/${stage.event.id}/ticket_options?${filter}`)).length);
  expect(sizes).toEqual([0, 1, 2]);
  for (const path of resourcePaths(stage))
    expect(isObject((await client.get(path)).document.data)).toBe(true);
  for (const path of listPaths(stage)) expect((await client.get(path)).document.data).toBeInstanceOf(Array);
});

test('B7 every resource has a type and an id, both texts', () => {
  expect(resources().length).toBeGreaterThan(50);
  for (const { type, id } of resources()) expect([typeof type, typeof id]).toEqual(['string', 'string']);
});

test('B8 the same resource has the same type and id wherever it is', async () => {
  const { id } = dataOf(await client.post('/purchases', purchase({ ticketOption: stage.free.id })));
  const [listed] = await client.list(`/purchases?filter[ticket_option]=${stage.free.id}&page[size]=1`);
  const read = await client.read(`/purchases/${id}`);
  expect([read.type, read.id]).toEqual(['purchases', id]);
  const { document } = await client.get(`/ticket_options/${stage.free.id}?include=event`);
  const linkage = read.relationships?.['ticket_option']?.data;
  expect(linkage).toEqual({ type: 'ticket_options', id: stage.free.id });
  expect(document.included).toMatchObject([{ type: 'events', id: stage.event.id }]);
  expect(listed?.relationships?.['ticket_option']?.data).toEqual(linkage);
});

test('B9 attributes and relationships share one namespace without type and id', () => {
  for (const { attributes = {}, relationships = {} } of resources()) {
    const names = [...Object.keys(attributes), ...Object.keys(relationships)];
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('type');
    expect(names).not.toContain('id');
  }
});

test('B10 attributes, relationships, links, meta and jsonapi are objects', () => {
  for (const each of [...raw(), ...resources()] as Members[])
    for (const member of ['attributes', 'relationships', 'links', 'meta', 'jsonapi'])
      if (member in each) expect(isObject(each[member])).toBe(true);
});

test('B11 a relationship has links, data or meta', () => {
  const all = resources().flatMap(({ relationships = {} }) => Object.values(relationships));
  expect(all.length).toBeGreaterThan(50);
  for (const each of all) expect('data' in each || 'links' in each).toBe(true);
});

test('B12 what belongs to another resource is a relationship and no attribute', () => {
  const names = resources().flatMap(({ attributes = {} }) => Object.keys(attributes));
  expect(names.filter((name) => /_ids?$/.test(name))).toEqual([]);
});

test('B13 linkage is null or an identifier, or an array of them', () => {
  const seen = { null: 0, one: 0, many: 0 };
  for (const linkage of linkages()) {
    seen[linkage === null ? 'null' : Array.isArray(linkage) ? 'many' : 'one'] += 1;
    for (const each of Array.isArray(linkage) ? (linkage as unknown[]) : [linkage ?? { type: '', id: '' }])
      expect(each).toMatchObject({ type: expect.any(String) as string, id: expect.any(String) as string });
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});

/** Every address that some answer names, with how often it was followed. */
async function follow(links: readonly string[]): Promise<void> {
  for (const path of new Set(links)) expect([path, (await client.get(path)).status]).toEqual([path, 200]);
}

test('B14 a related link answers, also where nothing is behind it', async () => {
  const empty = await client.event();
  const related = empty.relationships?.['ticket_options']?.links?.related ?? '';
  expect(itemsOf(await client.get(related))).toEqual([]);
  await client.option({}, empty.id);
  expect((await client.read(`/events/${empty.id}`)).relationships?.['ticket_options']?.links?.related).toBe(
    related,
  );
  const links = resources().flatMap(({ relationships = {} }) =>
    Object.values(relationships).flatMap(({ links: of }) => of?.related ?? []),
  );
  expect(links.length).toBeGreaterThan(0);
  await follow(links);
});

test('B15 the self link of a resource answers that resource', async () => {
  for (const { type, id, links } of resources()) {
    if (type === 'sales_points') continue; // these have no address
    expect(await client.read(links.self)).toMatchObject({ type, id, links: { self: links.self } });
  }
});

test('B16 every link that is handed out answers GET', async () => {
  const links = raw().flatMap(linksIn);
  const own = links.filter((link): link is string => typeof link === 'string' && link.startsWith('/'));
  expect(own.length).toBeGreaterThan(100);
  await follow(own);
});

test('B17 the self link of a document is that very document', async () => {
  for (const path of [
    `/events/${stage.event.id}?fields%5Bevents%5D=name`,
    `/events/${stage.event.id}?include=ticket_options`,
    '/events?page[size]=1&sort=name',
    `/reservations?filter[user]=${(stage.reservation.relationships?.['user']?.data as { id: string }).id}`,
  ]) {
    const first = await client.get(path);
    expect((await client.get(first.document.links?.self ?? '')).text).toBe(first.text);
  }
});

test('B18 a link is a reference with its brackets encoded, or null', async () => {
  for (const query of ['fields%5Bevents%5D=name', 'fields[events]=name']) {
    const { text } = await client.get(`/events?${query}&page[size]=1`);
    for (const link of linksIn(JSON.parse(text)))
      expect(link === null || (typeof link === 'string' && /^\/[^[\]]*$/.test(link))).toBe(true);
  }
  for (const link of raw().flatMap(linksIn)) expect(link === null || typeof link === 'string').toBe(true);
});

test('B19 what comes along is named by what is there, and comes once', async () => {
  const { document } = await client.get('/ticket_options?include=event');
  const of = itemsOf({ document } as Answer).map(({ relationships }) => relationships?.['event']?.data);
  const there = (document.included ?? []).map(({ type, id }) => ({ type, id }));
  const shared = of.filter((each) => (each as { id: string }).id === stage.event.id);
  expect(shared).toHaveLength(2);
  expect(new Set(there.map(({ id }) => id)).size).toBe(there.length);
  for (const each of there) expect(of).toContainEqual(each);
});

test('B20 names are of the letters that JSON:API allows, and their case counts', async () => {
  for (const name of raw().flatMap(namesIn)) expect(name).toMatch(/^[a-z][a-z_]*[a-z]$/);
  for (const { type } of resources()) expect(type).toMatch(/^[a-z][a-z_]*[a-z]$/);
  const wrong = purchase({ ticketOption: stage.free.id });
  const body = json({ data: { ...wrong.data, attributes: { Quantity: 1 } } });
  const { document } = await ask(app, { method: 'POST', path: '/purchases', body });
  expect(document.errors?.map(({ source }) => source?.pointer)).toEqual(
    expect.arrayContaining(['/data/attributes/Quantity']),
  );
});

test('B21 jsonapi says the version, and for lists the profile', () => {
  for (const { jsonapi, data } of documents())
    expect(jsonapi).toEqual({
      version: '1.1',
      ...(Array.isArray(data) && {
        profile: ['https://jsonapi.org/profiles/ethanresnick/cursor-pagination/'],
      }),
    });
});
