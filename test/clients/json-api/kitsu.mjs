import { randomUUID } from 'node:crypto';
import Kitsu from 'kitsu';

/* The walk with kitsu, run as a process. */

const api = new Kitsu({
  baseURL: process.env.HOLDFAST_URL,
  camelCaseTypes: false,
  pluralize: false,
  resourceCase: 'none',
});

const USER = randomUUID();
const to = (type, id) => ({ data: { type, id } });
const refused = async (asked) => {
  try {
    await asked;
  } catch (error) {
    return error.errors[0].code;
  }
  return 'nothing';
};

const { data: event } = await api.create('events', { name: 'Gala', starts_at: '2031-05-01T19:30:00Z' });
const offer = async (name, allocation, price_cents) => {
  const option = { name, allocation, price_cents, event: to('events', event.id) };
  return (await api.create('ticket_options', option)).data;
};
const vip = await offer('VIP', 5, 1_000);
const free = await offer('Free', 4, 0);

const { data: read } = await api.get(`events/${event.id}`, { params: { include: 'ticket_options' } });
const { data: listed } = await api.get('events', {
  params: { filter: { status: 'scheduled' }, sort: '-created_at', page: { size: 1 } },
});
const { data: sparse } = await api.get(`ticket_options/${vip.id}`, {
  params: { fields: { ticket_options: 'name,remaining' } },
});

const reserve = async (quantity) => {
  const wanted = { quantity, ticket_option: to('ticket_options', vip.id), user: to('users', USER) };
  return (await api.create('reservations', wanted)).data;
};
const held = await reserve(2);
const until = new Date(Date.now() + 1_200_000).toISOString();
const { data: extended } = await api.update('reservations', { id: held.id, expires_at: until });
const { data: active } = await api.get('reservations', {
  params: { filter: { user: USER, status: 'active' } },
});
const { data: paid } = await api.create('payments', {
  token: 'tok_visa',
  reservation: to('reservations', held.id),
});
const [purchase] = paid.purchases.data;
const { data: tickets } = await api.get(`purchases/${purchase.id}/tickets`);
const second = await reserve(1);
await api.remove('reservations', second.id);
const { data: cancelled } = await api.get(`reservations/${second.id}`);

const buy = (quantity, headers = {}) =>
  api.create(
    'purchases',
    { quantity, ticket_option: to('ticket_options', free.id), user: to('users', USER) },
    { headers },
  );
const key = { 'Idempotency-Key': randomUUID() };
const [first, again] = [await buy(3, key), await buy(3, key)];
const soldOut = await refused(buy(2));

const { headers } = await api.get(`ticket_options/${free.id}`);
const change = (name) =>
  api.update('ticket_options', { id: free.id, name }, { headers: { 'If-Match': headers.etag } });
const { data: changed } = await change('First');
const stale = await refused(change('Second'));

await api.remove('purchases', purchase.id);
const { data: refunded } = await api.get(`purchases/${purchase.id}`);
const { data: figures } = await api.get(`statistics/events/${event.id}`);
const inUse = await refused(api.remove('events', event.id));

console.log(
  JSON.stringify({
    name: read.name,
    options: read.ticket_options.data.map(({ name }) => name),
    latest: listed.map(({ id }) => id === event.id),
    sparse: { name: sparse.name, remaining: sparse.remaining },
    extended: extended.expires_at === until,
    active: active.map(({ id }) => id === held.id),
    paid: paid.amount_cents,
    tickets: tickets.map(({ number }) => number),
    cancelled: cancelled.status,
    again: first.data.id === again.data.id,
    soldOut,
    changed: changed.name,
    stale,
    refunded: refunded.status,
    sold: figures.sold,
    inUse,
  }),
);
