import { ask, dataOf, idIn, idsIn, json, send, type Wire } from '../http/wire';
import { startApp, type TestApp } from '../support/app';
import { change, event, purchase, reservation, ticketOption, toOne } from '../support/builders';
import { Issuer } from '../support/issuer';
import { type ResourceObject } from '../support/json-api-document';

const BUYER = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a70';
const OTHER = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a71';
const ANYONE = 'tickets:buy tickets:manage tickets:act statistics:read';

/** Who calls, with what their tokens say. */
const CALLERS = {
  nobody: undefined,
  buyer: { sub: BUYER, scope: 'tickets:buy' },
  other: { sub: OTHER, scope: 'tickets:buy' },
  manager: { sub: 'an organiser', scope: 'tickets:manage' },
  service: { sub: 'a service', scope: 'tickets:act' },
  analyst: { sub: 'an analyst', scope: 'statistics:read' },
};
type Caller = keyof typeof CALLERS;
const NAMES = Object.keys(CALLERS) as Caller[];

let issuer: Issuer;
let app: TestApp;
const headersOf = new Map<Caller | 'anyone', { authorization?: string }>();
beforeAll(async () => {
  issuer = await Issuer.start();
  app = await startApp({ env: issuer.env });
  for (const [name, claims] of [
    ...Object.entries(CALLERS),
    ['anyone', { sub: 'a test', scope: ANYONE }] as const,
  ])
    headersOf.set(
      name as Caller,
      claims === undefined ? {} : { authorization: `Bearer ${await issuer.token(claims)}` },
    );
});
afterAll(async () => {
  await app.stop();
  await issuer.stop();
});

/** Makes something, as somebody who may do everything. */
async function make(path: string, document: unknown): Promise<ResourceObject> {
  const headers = headersOf.get('anyone') ?? {};
  return dataOf(await ask(app, { method: 'POST', path, body: json(document), headers }));
}

const anEvent = async (): Promise<string> => (await make('/events', event())).id;
const anOption = async (of: object = {}): Promise<string> =>
  (await make('/ticket_options', ticketOption({ ...of }))).id;
/** What the plain contract calls it by. */
const aNumber = async (): Promise<string> =>
  String((await make('/ticket_options', ticketOption())).attributes?.['number']);
/** What belongs to the buyer. */
const aReservation = async (): Promise<ResourceObject> =>
  make('/reservations', reservation({ ticketOption: await anOption({ price_cents: 100 }), user: BUYER }));
const paymentOf = (reserved: string): unknown => ({
  data: {
    type: 'payments',
    attributes: { token: 'tok_visa' },
    relationships: { reservation: toOne('reservations', reserved) },
  },
});
const aPayment = async (): Promise<ResourceObject> => make('/payments', paymentOf((await aReservation()).id));
const aPurchase = async (): Promise<string> => idsIn(await aPayment(), 'purchases')[0] ?? '';

const later = (): string => new Date(Date.now() + 1_200_000).toISOString();

/** What is sent; the method and the address of the route are those of the row. */
interface Sent {
  readonly path: string;
  readonly body?: unknown;
}
type Row = readonly [route: string, sent: () => Promise<Sent> | Sent, answers: string];

const at =
  (before: string, id: () => Promise<string>, after = '') =>
  async (): Promise<Sent> => ({ path: `${before}/${await id()}${after}` });
const ofBuyer = `filter[user]=${BUYER}`;

const ROWS: readonly Row[] = [
  // route, what is sent,                                    nobody, buyer, other, manager, service, analyst
  ['GET /events', () => ({ path: '/events' }), '200 200 200 200 200 200'],
  ['POST /events', () => ({ path: '/events', body: event() }), '401 403 403 201 403 403'],
  ['GET /events/{id}', at('/events', anEvent), '200 200 200 200 200 200'],
  [
    'PATCH /events/{id}',
    async () => {
      const id = await anEvent();
      return { path: `/events/${id}`, body: change('events', id, { name: 'Other' }) };
    },
    '401 403 403 200 403 403',
  ],
  ['DELETE /events/{id}', at('/events', anEvent), '401 403 403 204 403 403'],
  ['GET /events/{id}/ticket_options', at('/events', anEvent, '/ticket_options'), '200 200 200 200 200 200'],
  ['GET /ticket_options', () => ({ path: '/ticket_options' }), '200 200 200 200 200 200'],
  [
    'POST /ticket_options',
    () => ({ path: '/ticket_options', body: ticketOption() }),
    '401 403 403 201 403 403',
  ],
  ['GET /ticket_options/{id}', at('/ticket_options', anOption), '200 200 200 200 200 200'],
  [
    'PATCH /ticket_options/{id}',
    async () => {
      const id = await anOption();
      return { path: `/ticket_options/${id}`, body: change('ticket_options', id, { name: 'Other' }) };
    },
    '401 403 403 200 403 403',
  ],
  ['DELETE /ticket_options/{id}', at('/ticket_options', anOption), '401 403 403 204 403 403'],
  [
    'POST /purchases',
    async () => ({ path: '/purchases', body: purchase({ ticketOption: await anOption(), user: BUYER }) }),
    '401 201 403 403 201 403',
  ],
  ['GET /purchases', () => ({ path: `/purchases?${ofBuyer}` }), '401 200 403 200 200 403'],
  ['GET /purchases/{id}', at('/purchases', aPurchase), '401 200 404 200 200 403'],
  ['DELETE /purchases/{id}', at('/purchases', aPurchase), '401 204 404 204 204 403'],
  ['GET /purchases/{id}/tickets', at('/purchases', aPurchase, '/tickets'), '401 200 404 200 200 403'],
  [
    'GET /purchases/{id}/tickets/{number}',
    at('/purchases', aPurchase, '/tickets/1'),
    '401 200 404 200 200 403',
  ],
  [
    'POST /reservations',
    async () => ({
      path: '/reservations',
      body: reservation({ ticketOption: await anOption(), user: BUYER }),
    }),
    '401 201 403 403 201 403',
  ],
  ['GET /reservations', () => ({ path: `/reservations?${ofBuyer}` }), '401 200 403 200 200 403'],
  [
    'GET /reservations/{id}',
    at('/reservations', async () => (await aReservation()).id),
    '401 200 404 200 200 403',
  ],
  [
    'PATCH /reservations/{id}',
    async () => {
      const { id } = await aReservation();
      return { path: `/reservations/${id}`, body: change('reservations', id, { expires_at: later() }) };
    },
    '401 200 404 403 200 403',
  ],
  [
    'DELETE /reservations/{id}',
    at('/reservations', async () => (await aReservation()).id),
    '401 204 404 403 204 403',
  ],
  [
    'POST /payments',
    async () => ({ path: '/payments', body: paymentOf((await aReservation()).id) }),
    '401 201 404 403 201 403',
  ],
  ['GET /payments/{id}', at('/payments', async () => (await aPayment()).id), '401 200 404 200 200 403'],
  ['GET /statistics/totals', () => ({ path: '/statistics/totals' }), '401 403 403 403 403 200'],
  ['GET /statistics/events', () => ({ path: '/statistics/events' }), '401 403 403 403 403 200'],
  ['GET /statistics/events/{id}', at('/statistics/events', anEvent), '401 403 403 403 403 200'],
  ['GET /statistics/kinds', () => ({ path: '/statistics/kinds' }), '401 403 403 403 403 200'],
  [
    'GET /statistics/kinds/{kind}',
    async () => {
      await anOption({ kind: 'vip' });
      return { path: '/statistics/kinds/vip' };
    },
    '401 403 403 403 403 200',
  ],
  ['GET /statistics/sales', () => ({ path: '/statistics/sales' }), '401 403 403 403 403 200'],
  [
    'POST /tickets',
    () => ({ path: '/tickets', body: { name: 'Seat', allocation: 10 } }),
    '401 403 403 201 403 403',
  ],
  ['GET /tickets/{id}', at('/tickets', aNumber), '200 200 200 200 200 200'],
  [
    'POST /tickets/{id}/purchases',
    async () => ({
      path: `/tickets/${await aNumber()}/purchases`,
      body: { quantity: 1, user_id: BUYER },
    }),
    '401 201 403 403 201 403',
  ],
  [
    'POST /simple/ticket_options',
    () => ({ path: '/simple/ticket_options', body: { Name: 'Seat', Allocation: 10 } }),
    '401 403 403 200 403 403',
  ],
  ['GET /simple/ticket_options/{id}', at('/simple/ticket_options', anOption), '200 200 200 200 200 200'],
  [
    'POST /simple/ticket_options/{id}/purchases',
    async () => ({
      path: `/simple/ticket_options/${await anOption()}/purchases`,
      body: { Quantity: 1, UserID: BUYER },
    }),
    '401 200 403 403 200 403',
  ],
  ['GET /health/live', () => ({ path: '/health/live' }), '200 200 200 200 200 200'],
  ['GET /health/ready', () => ({ path: '/health/ready' }), '200 200 200 200 200 200'],
  ['GET /metrics', () => ({ path: '/metrics' }), '401 403 403 403 403 200'],
];

/** The routes that answer in plain JSON, or plain text. */
const PLAIN = /^\/(?:health|metrics|tickets|simple)\//;

function request(caller: Caller, method: string, { path, body }: Sent): Wire {
  const plain = PLAIN.test(`${path}/`) && body !== undefined;
  return {
    method,
    path,
    ...(body !== undefined && { body: json(body) }),
    headers: { ...headersOf.get(caller), ...(plain && { 'content-type': 'application/json' }) },
  };
}

describe('who may do what', () => {
  it('is said of every route that there is', async () => {
    const { text } = await send(app, {
      method: 'GET',
      path: '/openapi.json',
      headers: { accept: undefined },
    });
    const { paths } = JSON.parse(text) as { paths: Record<string, object> };
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(ROWS.map(([route]) => route).sort()).toEqual(routes.sort());
  });

  it.each(ROWS)('%s', async (route, sent, answers) => {
    const [method = ''] = route.split(' ');
    const given: number[] = [];
    for (const caller of NAMES) {
      const wire = request(caller, method, await sent());
      given.push((PLAIN.test(`${wire.path}/`) ? await send(app, wire) : await ask(app, wire)).status);
    }
    expect(given.join(' ')).toBe(answers);
  });

  it.each(ROWS.filter(([route]) => route.startsWith('GET ')))('%s by HEAD', async (_route, sent, answers) => {
    const given: number[] = [];
    const what = await sent();
    for (const caller of NAMES) given.push((await send(app, request(caller, 'HEAD', what))).status);
    expect(given.join(' ')).toBe(answers);
  });
});

/** What somebody is told. */
async function told(caller: Caller, method: string, sent: Sent, headers: Wire['headers'] = {}) {
  const wire = request(caller, method, sent);
  const {
    status,
    document,
    headers: answered,
  } = await ask(app, {
    ...wire,
    headers: { ...wire.headers, ...headers },
  });
  return { status, errors: document.errors, challenge: answered['www-authenticate'] };
}

describe('somebody without the scope', () => {
  it('is told which it takes', async () => {
    const { errors, challenge } = await told('manager', 'POST', { path: '/purchases' });
    expect(errors?.[0]?.detail).toMatch('tickets:buy, tickets:act');
    expect(challenge).toMatch('error="insufficient_scope", scope="tickets:buy tickets:act"');
  });

  it('may still not read what a public address has with a token that is not good', async () => {
    const sent = { path: '/events' };
    expect(await told('nobody', 'GET', sent, { authorization: 'Bearer x' })).toMatchObject({ status: 401 });
  });

  it('hears of the address before the token, and of the token before the headers', async () => {
    expect(await told('nobody', 'GET', { path: '/nothing' })).toMatchObject({ status: 404 });
    expect(await told('nobody', 'PUT', { path: '/purchases' })).toMatchObject({ status: 405 });
    const sent = { path: '/purchases', body: 'x' };
    const headers = { 'content-type': 'text/plain', accept: 'text/html' };
    expect(await told('nobody', 'POST', sent, headers)).toMatchObject({ status: 401 });
    expect(await told('manager', 'POST', sent, headers)).toMatchObject({ status: 403 });
    expect(await told('buyer', 'POST', sent, headers)).toMatchObject({ status: 415 });
  });
});

describe('a user', () => {
  it('is pointed at the user that is another', async () => {
    for (const [path, build] of [
      ['/purchases', purchase],
      ['/reservations', reservation],
    ] as const) {
      const body = build({ ticketOption: await anOption(), user: BUYER });
      const { errors } = await told('other', 'POST', { path, body });
      expect(errors).toMatchObject([
        { code: 'forbidden', source: { pointer: '/data/relationships/user/data/id' } },
      ]);
    }
  });

  it('hears first of what is wrong with the document', async () => {
    const body = purchase({ ticketOption: await anOption(), user: BUYER, quantity: 'two' });
    const { errors } = await told('other', 'POST', { path: '/purchases', body });
    expect(errors).toMatchObject([{ code: 'invalid_attribute' }]);
  });

  it.each(['', `?filter[user]=${BUYER}`])(
    'has to narrow lists down to what is their own, not to "%s"',
    async (query) => {
      for (const path of ['/purchases', '/reservations']) {
        const { errors } = await told('other', 'GET', { path: path + query });
        expect(errors).toMatchObject([{ code: 'forbidden', source: { parameter: 'filter[user]' } }]);
      }
    },
  );

  it('cannot tell what is somebody else’s from what does not exist', async () => {
    const paid = await aPayment();
    const [bought = ''] = idsIn(paid, 'purchases');
    const reserved = idIn(paid, 'reservation');
    const absent = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3aff';
    const until = { expires_at: later() };
    for (const [method, path, id, body] of [
      ['GET', (one: string) => `/purchases/${one}`, bought, undefined],
      ['DELETE', (one: string) => `/purchases/${one}`, bought, undefined],
      ['GET', (one: string) => `/purchases/${one}/tickets`, bought, undefined],
      ['GET', (one: string) => `/purchases/${one}/tickets/9`, bought, undefined],
      ['GET', (one: string) => `/payments/${one}`, paid.id, undefined],
      ['POST', () => '/payments', reserved, paymentOf],
      ['GET', (one: string) => `/reservations/${one}`, reserved, undefined],
      [
        'PATCH',
        (one: string) => `/reservations/${one}`,
        reserved,
        (one: string) => change('reservations', one, until),
      ],
      ['DELETE', (one: string) => `/reservations/${one}`, reserved, undefined],
    ] as const) {
      const asked = (one: string) =>
        told('other', method, { path: path(one), ...(body && { body: body(one) }) });
      const answer = await asked(id);
      expect(answer).toMatchObject({ status: 404 });
      expect(answer).toEqual(await asked(absent));
    }
  });

  it('has a UUID as subject, unlike a service', async () => {
    const token = await issuer.token({ sub: 'somebody', scope: 'tickets:buy' });
    const headers = { authorization: `Bearer ${token}` };
    const { errors } = await told('nobody', 'GET', { path: `/purchases?${ofBuyer}` }, headers);
    expect(errors).toMatchObject([{ code: 'forbidden', detail: expect.stringMatching('no UUID') as string }]);
  });
});

describe('an idempotency key', () => {
  it('is its caller’s alone, whatever the address they call from', async () => {
    const ticketOption = await anOption();
    const buy = async (caller: Caller, user: string) => {
      const wire = request(caller, 'POST', { path: '/purchases', body: purchase({ ticketOption, user }) });
      const headers = { ...wire.headers, 'idempotency-key': 'the-same' };
      const { status, headers: answered, ...rest } = await ask(app, { ...wire, headers });
      return {
        status,
        replayed: answered['idempotent-replayed'],
        id: dataOf({ status, headers: answered, ...rest }).id,
      };
    };
    const first = await buy('buyer', BUYER);
    expect(await buy('other', OTHER)).toMatchObject({ status: 201, replayed: undefined });
    expect(await buy('buyer', BUYER)).toEqual({ ...first, replayed: 'true' });
  });
});
