import { randomUUID } from 'node:crypto';
import { useRecommendedStore } from '@warp-drive/core';
import { setupSignals } from '@warp-drive/core/configure';
import { withDefaults } from '@warp-drive/core/reactive';
import { JSONAPICache } from '@warp-drive/json-api';

/* The walk with @warp-drive/json-api, run as a process: `node -C unpkg`, as it is built for browsers. */

/** Nothing here is shown, so nothing has to be shown again. */
setupSignals(() => ({
  createSignal: () => ({}),
  consumeSignal: () => undefined,
  notifySignal: () => undefined,
  createMemo: (_object, _key, compute) => compute,
  willSyncFlushWatchers: () => false,
}));

const MEDIA_TYPE = 'application/vnd.api+json';

const schemaOf = (type, ...names) =>
  withDefaults({ type, fields: names.map((name) => ({ name, kind: 'field' })) });
const Store = useRecommendedStore({
  cache: JSONAPICache,
  schemas: [
    schemaOf('users'),
    schemaOf('events', 'name', 'starts_at'),
    schemaOf('ticket_options', 'name', 'allocation', 'price_cents', 'remaining'),
    schemaOf('reservations', 'quantity', 'status', 'expires_at'),
    schemaOf('payments', 'amount_cents'),
    schemaOf('purchases', 'quantity', 'status'),
    schemaOf('tickets', 'number'),
    schemaOf('event_statistics', 'sold'),
  ],
});
const store = new Store();

/** Sends a request past what the cache has, as what is left changes all the time. */
async function ask(method, path, document, more = {}) {
  const { content, response } = await store.request({
    method,
    url: `${process.env.HOLDFAST_URL}${path}`,
    headers: new Headers({
      accept: MEDIA_TYPE,
      ...(document !== undefined && { 'content-type': MEDIA_TYPE }),
      ...more,
    }),
    ...(document !== undefined && { body: JSON.stringify(document) }),
    cacheOptions: { reload: true },
  });
  return { data: content?.data, response };
}
/** Of what is gone there is nothing to keep. */
const remove = (path) =>
  store.requestManager.request({
    method: 'DELETE',
    url: process.env.HOLDFAST_URL + path,
    headers: new Headers({ accept: MEDIA_TYPE }),
  });
const get = async (path) => (await ask('GET', path)).data;
const create = async (type, attributes, relationships = {}, headers = {}) =>
  (await ask('POST', `/${type}`, { data: { type, attributes, relationships } }, headers)).data;
const change = async (type, id, attributes, headers = {}) =>
  (await ask('PATCH', `/${type}/${id}`, { data: { type, id, attributes } }, headers)).data;
const to = (type, id) => ({ data: { type, id } });
const refused = async (asked) => {
  try {
    await asked;
  } catch (error) {
    return error.content.errors[0].code;
  }
  return 'nothing';
};

const user = to('users', randomUUID());
const event = await create('events', { name: 'Gala', starts_at: '2031-05-01T19:30:00Z' });
const offer = (name, allocation, price_cents) =>
  create('ticket_options', { name, allocation, price_cents }, { event: to('events', event.id) });
const vip = await offer('VIP', 5, 1_000);
const free = await offer('Free', 4, 0);

const fresh = new Store();
const { content: compound } = await fresh.request({
  url: `${process.env.HOLDFAST_URL}/events/${event.id}?include=ticket_options`,
  headers: new Headers({ accept: MEDIA_TYPE }),
});
const options = [vip, free].map(({ id }) => fresh.peekRecord({ type: 'ticket_options', id }).name);
const listed = await get('/events?filter[status]=scheduled&sort=-created_at&page[size]=1');
const sparse = await get(`/ticket_options/${vip.id}?fields[ticket_options]=name,remaining`);

const reserve = (quantity) =>
  create('reservations', { quantity }, { ticket_option: to('ticket_options', vip.id), user });
const held = await reserve(2);
const until = new Date(Date.now() + 1_200_000).toISOString();
const extended = await change('reservations', held.id, { expires_at: until });
const active = await get(`/reservations?filter[user]=${user.data.id}&filter[status]=active`);
const { data: paid } = await ask('POST', '/payments', {
  data: {
    type: 'payments',
    attributes: { token: 'tok_visa' },
    relationships: { reservation: to('reservations', held.id) },
  },
});
const [purchase] = await get(`/purchases?filter[user]=${user.data.id}`);
const tickets = await get(`/purchases/${purchase.id}/tickets`);
const second = await reserve(1);
await remove(`/reservations/${second.id}`);
const cancelled = await get(`/reservations/${second.id}`);

const buy = (quantity, headers) =>
  create('purchases', { quantity }, { ticket_option: to('ticket_options', free.id), user }, headers);
const key = { 'idempotency-key': randomUUID() };
const [first, again] = [await buy(3, key), await buy(3, key)];
const soldOut = await refused(buy(2));

const { response: seen } = await ask('GET', `/ticket_options/${free.id}`);
const rename = (name) =>
  change('ticket_options', free.id, { name }, { 'if-match': seen.headers.get('etag') });
const changed = (await rename('First')).name;
const stale = await refused(rename('Second'));

await remove(`/purchases/${purchase.id}`);
const refunded = await get(`/purchases/${purchase.id}`);
const figures = await get(`/statistics/events/${event.id}`);
const inUse = await refused(remove(`/events/${event.id}`));

console.log(
  JSON.stringify({
    name: compound.data.name,
    options,
    latest: listed.map(({ id }) => id === event.id),
    sparse: { name: sparse.name, remaining: sparse.remaining },
    extended: extended.expires_at === until,
    active: active.map(({ id }) => id === held.id),
    paid: paid.amount_cents,
    tickets: tickets.map(({ number }) => number),
    cancelled: cancelled.status,
    again: first.id === again.id,
    soldOut,
    changed,
    stale,
    refunded: refunded.status,
    sold: figures.sold,
    inUse,
  }),
);
