import { randomUUID } from 'node:crypto';
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

/* The walk with types by openapi-typescript and its client, openapi-fetch. It is compiled beside what is generated, and run as a process. */

const api = createClient<paths>({
  baseUrl: process.env['HOLDFAST_URL'] ?? '',
  headers: { 'Content-Type': 'application/vnd.api+json' },
  // JSON:API separates by commas.
  querySerializer: { array: { style: 'form', explode: false } },
});

interface Returned<D, E> {
  readonly data?: D;
  readonly error?: E;
  readonly response: Response;
}

async function made<D, E>(returned: Promise<Returned<D, E>>): Promise<NonNullable<D>> {
  const { data, error, response } = await returned;
  if (data === undefined || data === null)
    throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

async function refused(
  returned: Promise<Returned<unknown, components['schemas']['ErrorDocument']>>,
): Promise<string> {
  const { error, response } = await returned;
  return error?.errors[0]?.code ?? String(response.status);
}

const USER = randomUUID();
const toUser = { data: { type: 'users', id: USER } } as const;
const toOption = (id: string) => ({ data: { type: 'ticket_options', id } }) as const;
const at = (id: string) => ({ params: { path: { id } } });

const announced = await made(
  api.POST('/events', {
    body: { data: { type: 'events', attributes: { name: 'Gala', starts_at: '2031-05-01T19:30:00.000Z' } } },
  }),
);
const event = announced.data.id;
const offer = async (name: string, allocation: number, price_cents: number) => {
  const document = await made(
    api.POST('/ticket_options', {
      body: {
        data: {
          type: 'ticket_options',
          attributes: { name, allocation, price_cents },
          relationships: { event: { data: { type: 'events', id: event } } },
        },
      },
    }),
  );
  return document.data;
};
const vip = await offer('VIP', 5, 1_000);
const free = await offer('Free', 4, 0);

const read = await made(
  api.GET('/events/{id}', { params: { path: { id: event }, query: { include: ['ticket_options'] } } }),
);
const listed = await made(
  api.GET('/events', {
    params: { query: { 'filter[status]': 'scheduled', sort: ['-created_at'], 'page[size]': 1 } },
  }),
);
const sparse = await made(
  api.GET('/ticket_options/{id}', {
    params: { path: { id: vip.id }, query: { 'fields[ticket_options]': ['name', 'remaining'] } },
  }),
);

const reserve = async (quantity: number) => {
  const document = await made(
    api.POST('/reservations', {
      body: {
        data: {
          type: 'reservations',
          attributes: { quantity },
          relationships: { ticket_option: toOption(vip.id), user: toUser },
        },
      },
    }),
  );
  return document.data;
};
const held = await reserve(2);
const until = new Date(Date.now() + 1_200_000).toISOString();
const extended = await made(
  api.PATCH('/reservations/{id}', {
    ...at(held.id),
    body: { data: { type: 'reservations', id: held.id, attributes: { expires_at: until } } },
  }),
);
const active = await made(
  api.GET('/reservations', { params: { query: { 'filter[user]': USER, 'filter[status]': 'active' } } }),
);
const paid = await made(
  api.POST('/payments', {
    body: {
      data: {
        type: 'payments',
        attributes: { token: 'tok_visa' },
        relationships: { reservation: { data: { type: 'reservations', id: held.id } } },
      },
    },
  }),
);
const purchase = paid.included[0]?.id ?? '';
const tickets = await made(api.GET('/purchases/{id}/tickets', at(purchase)));
const second = await reserve(1);
const { response: cancelled } = await api.DELETE('/reservations/{id}', at(second.id));

const buy = (quantity: number, key?: string) =>
  api.POST('/purchases', {
    params: { header: key === undefined ? {} : { 'Idempotency-Key': key } },
    body: {
      data: {
        type: 'purchases',
        attributes: { quantity },
        relationships: { ticket_option: toOption(free.id), user: toUser },
      },
    },
  });
const key = randomUUID();
const [first, again] = [await buy(3, key), await buy(3, key)];
const soldOut = await refused(buy(2));

const change = (name: string, etag: string) =>
  api.PATCH('/ticket_options/{id}', {
    params: { path: { id: free.id }, header: { 'If-Match': etag } },
    body: { data: { type: 'ticket_options', id: free.id, attributes: { name } } },
  });
const { response: seen } = await api.GET('/ticket_options/{id}', at(free.id));
const etag = seen.headers.get('etag') ?? '';
const changed = await made(change('First', etag));
const stale = await refused(change('Second', etag));

await api.DELETE('/purchases/{id}', at(purchase));
const refunded = await made(api.GET('/purchases/{id}', at(purchase)));
const figures = await made(api.GET('/statistics/events/{id}', at(event)));
const inUse = await refused(api.DELETE('/events/{id}', at(event)));

const asJson = { headers: { 'Content-Type': 'application/json' } };
const plain = await made(api.POST('/tickets', { ...asJson, body: { name: 'Plain', allocation: 3 } }));
await api.POST('/tickets/{id}/purchases', {
  ...asJson,
  params: { path: { id: plain.id } },
  body: { quantity: 2, user_id: USER },
});
const left = await made(api.GET('/tickets/{id}', { params: { path: { id: plain.id } } }));
const simple = await made(
  api.POST('/simple/ticket_options', { ...asJson, body: { Name: 'Simple', Allocation: 3 } }),
);
const bought = await made(
  api.POST('/simple/ticket_options/{id}/purchases', {
    ...asJson,
    ...at(simple.ID),
    body: { Quantity: 1, UserID: USER },
  }),
);

const walk = {
  name: read.data.attributes?.name,
  options: read.included?.map((option) => option.attributes?.name),
  latest: listed.data.map(({ id }) => id === event),
  sparse: sparse.data.attributes,
  extended: extended.data.attributes?.expires_at === until,
  active: active.data.map(({ id }) => id === held.id),
  paid: paid.data.attributes?.amount_cents,
  tickets: tickets.data.map((ticket) => ticket.attributes?.number),
  cancelled: cancelled.status,
  again: first.data?.data.id === again.data?.data.id && again.response.headers.get('idempotent-replayed'),
  soldOut,
  changed: changed.data.attributes?.name,
  stale,
  refunded: refunded.data.attributes?.status,
  sold: figures.data.attributes?.sold,
  inUse,
  plain: [left.allocation, bought.Quantity],
};
console.log(JSON.stringify(walk));
