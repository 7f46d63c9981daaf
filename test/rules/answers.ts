import { listen, type TestApp } from '../support/app';
import { change, event, purchase, reservation, ticketOption, toOne } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { type Client } from '../http/client';
import { type Answer, ask, dataOf, idsIn, J, json, rawAsk, type Wire } from '../http/wire';

/** An answer, with the request that it is to. */
export interface Given {
  readonly wire: Wire;
  readonly answer: Answer;
}

/** One of each resource, in an event that sells two options. */
export interface Stage {
  readonly event: ResourceObject;
  readonly free: ResourceObject;
  readonly priced: ResourceObject;
  readonly purchase: ResourceObject;
  readonly reservation: ResourceObject;
  readonly payment: ResourceObject;
}

export async function setTheStage(client: Client): Promise<Stage> {
  const made = await client.event();
  const free = await client.option({ kind: 'free' }, made.id);
  const priced = await client.option({ kind: 'vip', price_cents: 500 }, made.id);
  const bought = dataOf(await client.post('/purchases', purchase({ ticketOption: free.id })));
  const held = await client.reserve(priced.id);
  const paid = await client.reserve(priced.id);
  const payment = dataOf(
    await client.post('/payments', {
      data: {
        type: 'payments',
        attributes: { token: 'tok_visa' },
        relationships: { reservation: toOne('reservations', paid.id) },
      },
    }),
  );
  return { event: made, free, priced, purchase: bought, reservation: held, payment };
}

/** @returns the addresses of everything on a stage that answers GET with a single resource. */
export function resourcePaths({ event: made, free, purchase: bought, reservation: held, payment }: Stage) {
  return [
    `/events/${made.id}`,
    `/ticket_options/${free.id}`,
    `/purchases/${bought.id}`,
    `/purchases/${bought.id}/tickets/1`,
    `/purchases/${idsIn(payment, 'purchases')[0] ?? ''}`,
    `/reservations/${held.id}`,
    `/payments/${payment.id}`,
    ...['/statistics/totals', `/statistics/events/${made.id}`, '/statistics/kinds/vip'],
  ];
}

/** @returns the addresses of all collections. */
export function listPaths({ event: made, purchase: bought }: Stage): string[] {
  return [
    ...['/events', '/ticket_options', '/purchases', '/reservations'],
    `/events/${made.id}/ticket_options`,
    `/purchases/${bought.id}/tickets`,
    ...['/statistics/events', '/statistics/kinds', '/statistics/sales'],
  ];
}

/** Those that can have others come along, with whom. */
export function includePaths({ event: made, free, purchase: bought, reservation: held }: Stage): string[] {
  return [
    `/events/${made.id}?include=ticket_options`,
    '/events?include=ticket_options',
    `/ticket_options/${free.id}?include=event`,
    '/ticket_options?include=event',
    `/reservations/${held.id}?include=ticket_options,event,purchases`,
    '/reservations?include=ticket_options,event,purchases',
    `/purchases/${bought.id}/tickets?include=purchase,ticket_option`,
    '/statistics/events?include=event',
  ];
}

/**
 * Asks for everything there is, and for what is refused at each stage on the way: by Node, the framework, the door,
 * the decoder, the lanes, the gateway, and without a database.
 */
export async function everyKindOfAnswer(app: TestApp, stage: Stage): Promise<Given[]> {
  const given: Given[] = [];
  const send = async (wire: Wire): Promise<void> => {
    given.push({ wire, answer: await ask(app, wire) });
  };
  const post = (path: string, document: unknown, headers: Wire['headers'] = {}): Promise<void> =>
    send({ method: 'POST', path, body: typeof document === 'string' ? document : json(document), headers });
  for (const path of [...resourcePaths(stage), ...listPaths(stage), ...includePaths(stage)])
    await send({ method: 'GET', path });

  const { free, priced, reservation: held } = stage;
  await post('/events', event());
  await post('/ticket_options', ticketOption());
  await post('/purchases', purchase({ ticketOption: free.id }));
  await post('/reservations', reservation({ ticketOption: free.id }));
  await send({
    method: 'PATCH',
    path: `/ticket_options/${free.id}`,
    body: json(change('ticket_options', free.id, { description: null })),
  });

  const refused: Wire[] = [
    { method: 'GET', path: '/nowhere' },
    { method: 'GET', path: '/events/%zz' },
    { method: 'GET', path: `/events/${'x'.repeat(300)}` },
    { method: 'GET', path: '/events/0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3aff' },
    { method: 'PUT', path: '/events' },
    { method: 'GET', path: '/events', headers: { accept: 'text/html' } },
    { method: 'GET', path: '/events?nope=1&page[size]=0' },
  ];
  for (const wire of refused) await send(wire);
  await post('/events', '{');
  await post('/events', json({}));
  await post('/events', json({ data: { type: 'events', id: 'x', attributes: { name: 5, venue: 6 } } }));
  await post('/events', event(), { 'content-type': 'text/plain' });
  await post('/events', event(), { 'content-type': `${J}; charset=utf-8` });
  await post('/events', event({ description: 'x'.repeat(80_000) }));
  await post('/events', event(), { 'idempotency-key': 'two words' });
  await post('/purchases', purchase({ ticketOption: free.id, quantity: 1_000 }));
  await post('/purchases', purchase({ ticketOption: priced.id }));
  await post('/reservations', reservation({ ticketOption: priced.id, quantity: 1_000 }));
  await post('/payments', {
    data: {
      type: 'payments',
      attributes: { token: 'card_error' },
      relationships: { reservation: toOne('reservations', held.id) },
    },
  });
  await send({
    method: 'PATCH',
    path: `/ticket_options/${free.id}`,
    body: json(change('ticket_options', free.id, { remaining: 5 })),
  });
  await send({ method: 'DELETE', path: `/ticket_options/${free.id}` });
  given.push(...(await fromNode(app)), ...(await withoutDatabase()));
  return given;
}

/** What Node refuses before there is a request. */
async function fromNode(app: TestApp): Promise<Given[]> {
  const wire = { method: 'GET', path: '/events' };
  const large = `GET /events HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`;
  return [
    { wire, answer: await rawAsk(app, large) },
    { wire, answer: await rawAsk(app, 'GET /events HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n') },
    { wire, answer: await rawAsk(app, 'GET /events HTTP/1.1\r\nConnection: close\r\n\r\n') },
  ];
}

/** What is answered while the database cannot be reached, and beyond the limit of requests. */
async function withoutDatabase(): Promise<Given[]> {
  const { nest, port, check } = await listen('postgres://127.0.0.1:1/none', { RATE_LIMIT_PER_MINUTE: '2' });
  const given: Given[] = [];
  for (const path of ['/events', '/events/0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3aff', '/events']) {
    const wire = { method: 'GET', path };
    given.push({ wire, answer: await ask({ port }, wire) });
  }
  await nest.close();
  check();
  return given;
}
