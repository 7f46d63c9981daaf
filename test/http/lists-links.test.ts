import { startApp, type TestApp } from '../support/app';
import { purchase, toOne } from '../support/builders';
import { type JsonApiDocument, type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { dataOf, idsIn } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(() => app.stop());

/** Something of every type, in every state that hands out other links. */
async function fill(): Promise<void> {
  const [free, other] = await client.twoOptions();
  const priced = await client.option({ price_cents: 100 });
  for (const quantity of [1, 2, 21])
    await client.post('/purchases', purchase({ ticketOption: free.id, quantity }));
  const direct = dataOf(await client.post('/purchases', purchase({ ticketOption: other.id })));
  await client.remove(direct.links.self);
  await client.remove((await client.reserve(free.id)).links.self);
  await client.reserve(priced.id);
  for (const token of ['tok_good', 'card_error', 'tok_good']) {
    const { id } = await client.reserve(priced.id);
    const relationships = { reservation: toOne('reservations', id) };
    const document = { data: { type: 'payments', attributes: { token }, relationships } };
    const { document: answer } = await client.post('/payments', document);
    if (token === 'tok_good' && answer.data !== undefined && !Array.isArray(answer.data))
      await client.remove(`/purchases/${idsIn(answer.data, 'purchases')[0] ?? ''}`);
  }
}

function resourcesIn({ data = [], included = [] }: JsonApiDocument): ResourceObject[] {
  return [...(Array.isArray(data) ? data : [data]), ...included];
}

/** @returns every address that a document names. */
function linksIn(document: JsonApiDocument): string[] {
  const found = [
    ...Object.values(document.links ?? {}),
    ...resourcesIn(document).flatMap(({ links, relationships = {} }) => [
      links.self,
      ...Object.values(relationships).map(({ links: related }) => related?.related),
    ]),
  ];
  return found.filter((link) => typeof link === 'string');
}

test('B14 B15 B16 every link that is handed out answers GET', async () => {
  await fill();
  const known = new Set([
    ...[
      '/events?include=ticket_options&page[size]=1',
      '/ticket_options?include=event',
      '/purchases?page[size]=3',
    ],
    ...['/reservations?include=ticket_options,event,purchases'],
  ]);
  const named = new Map<string, string>();
  for (const path of known) {
    const answer = await client.get(path);
    expect([path, answer.status]).toEqual([path, 200]);
    const resources = resourcesIn(answer.document);
    if (named.has(path)) expect(resources[0]?.id).toBe(named.get(path));
    for (const { id, links } of resources) named.set(links.self, id);
    for (const link of linksIn(answer.document)) known.add(link);
    if (known.size > 2_000) throw new Error('the walk does not end');
  }
  const patterns = [
    /^\/events\/[^/]+\/ticket_options$/,
    /^\/reservations\/[^/]+$/,
    /^\/purchases\/[^/]+\/tickets$/,
    /^\/purchases\/[^/]+\/tickets\/21$/,
    /^\/purchases\/[^/]+\/tickets\?page/,
  ];
  for (const pattern of patterns) expect([...known].filter((path) => pattern.test(path))).not.toEqual([]);
});
