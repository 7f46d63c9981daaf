import { randomUUID } from 'node:crypto';
import { client } from './hey/client.gen.js';
import * as sdk from './hey/index.js';

/* The walk with an SDK by @hey-api/openapi-ts. It is compiled beside what is generated, and run as a process. */

client.setConfig({ baseUrl: process.env['HOLDFAST_URL'] ?? '' });

/** What an SDK returns. */
interface Returned<D, E> {
  readonly data: D | undefined;
  readonly error: E | undefined;
  readonly response: Response;
}

async function made<D, E>(returned: Promise<Returned<D, E>>): Promise<D> {
  const { data, error, response } = await returned;
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

async function refused<E extends sdk.ErrorDocument>(
  returned: Promise<Returned<unknown, E>>,
): Promise<string> {
  const { error, response } = await returned;
  return error?.errors[0]?.code ?? String(response.status);
}

async function statusOf(returned: Promise<Returned<unknown, unknown>>): Promise<number> {
  return (await returned).response.status;
}

const USER = randomUUID();
const toUser = { data: { type: 'users', id: USER } } as const;
const toOption = (id: string) => ({ data: { type: 'ticket_options', id } }) as const;

const announced = await made(
  sdk.createEvent({
    body: { data: { type: 'events', attributes: { name: 'Gala', starts_at: '2031-05-01T19:30:00.000Z' } } },
  }),
);
const event = announced.data.id;
const offer = async (name: string, allocation: number, price_cents: number): Promise<sdk.TicketOption> => {
  const document = await made(
    sdk.createTicketOption({
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

const read = await made(sdk.fetchEvent({ path: { id: event }, query: { include: ['ticket_options'] } }));
const listed = await made(
  sdk.listEvents({ query: { 'filter[status]': 'scheduled', sort: ['-created_at'], 'page[size]': 1 } }),
);
const sparse = await made(
  sdk.fetchTicketOption({ path: { id: vip.id }, query: { 'fields[ticket_options]': ['name', 'remaining'] } }),
);

const reserve = async (quantity: number): Promise<sdk.Reservation> => {
  const document = await made(
    sdk.createReservation({
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
  sdk.changeReservation({
    path: { id: held.id },
    body: { data: { type: 'reservations', id: held.id, attributes: { expires_at: until } } },
  }),
);
const active = await made(
  sdk.listReservations({ query: { 'filter[user]': USER, 'filter[status]': 'active' } }),
);
const paid = await made(
  sdk.createPayment({
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
const tickets = await made(sdk.listTicketsOfPurchase({ path: { id: purchase } }));
const second = await reserve(1);
const cancelled = await statusOf(sdk.removeReservation({ path: { id: second.id } }));

const buy = (quantity: number, key?: string) =>
  sdk.createPurchase({
    body: {
      data: {
        type: 'purchases',
        attributes: { quantity },
        relationships: { ticket_option: toOption(free.id), user: toUser },
      },
    },
    ...(key !== undefined && { headers: { 'Idempotency-Key': key } }),
  });
const key = randomUUID();
const [first, again] = [await buy(3, key), await buy(3, key)];
const soldOut = await refused(buy(2));

const change = (name: string, etag: string) =>
  sdk.changeTicketOption({
    path: { id: free.id },
    body: { data: { type: 'ticket_options', id: free.id, attributes: { name } } },
    headers: { 'If-Match': etag },
  });
const etag = (await sdk.fetchTicketOption({ path: { id: free.id } })).response.headers.get('etag') ?? '';
const changed = await made(change('First', etag));
const stale = await refused(change('Second', etag));

await statusOf(sdk.removePurchase({ path: { id: purchase } }));
const refunded = await made(sdk.fetchPurchase({ path: { id: purchase } }));
const figures = await made(sdk.fetchEventStatistics({ path: { id: event } }));
const inUse = await refused(sdk.removeEvent({ path: { id: event } }));

const plain = await made(sdk.createTicketOfPlain({ body: { name: 'Plain', allocation: 3 } }));
await sdk.buyTicketOfPlain({ path: { id: plain.id }, body: { quantity: 2, user_id: USER } });
const left = await made(sdk.getTicketOfPlain({ path: { id: plain.id } }));
const simple = await made(sdk.createTicketOptionOfSimple({ body: { Name: 'Simple', Allocation: 3 } }));
const bought = await made(
  sdk.buyTicketOptionOfSimple({ path: { id: simple.ID }, body: { Quantity: 1, UserID: USER } }),
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
  cancelled,
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
